import { abortedError } from '../errors';
import { FingerspellRecognizer } from '../recognizer';
import { FingerspellSpeller } from '../spell/speller';
import type { LiveReaderOptions, ModelOptions } from './reader-options';

/** What a reader keeps from one session to the next: the recogniser and, made from its labels, the speller. */
export class ReaderModel {
  readonly #options: ModelOptions;
  readonly #lifetime = new AbortController();
  #loading: Promise<FingerspellRecognizer> | null = null;
  #recognizer: FingerspellRecognizer | null = null;
  #speller: FingerspellSpeller | null = null;
  #spelling: LiveReaderOptions['speller'];

  constructor(options: ModelOptions, spelling: LiveReaderOptions['speller']) {
    this.#options = options;
    this.#spelling = spelling;
  }

  get recognizer(): FingerspellRecognizer | null {
    return this.#recognizer;
  }

  get speller(): FingerspellSpeller | null {
    return this.#speller;
  }

  get isDisposed(): boolean {
    return this.#lifetime.signal.aborted;
  }

  /** Options of the speller from now on. */
  setSpelling(spelling: LiveReaderOptions['speller']): void {
    this.#spelling = spelling;
    this.#speller?.setOptions(spelling ?? {});
  }

  /** Loads once; a load that failed is tried again by the next call. */
  load(): Promise<FingerspellRecognizer> {
    this.#loading ??= this.#load().catch((error) => {
      this.#loading = null;
      throw error;
    });
    return this.#loading;
  }

  /** The next load makes a new recogniser in place of this one, which was disposed of or lost its worker; the text stays. */
  forget(): void {
    this.#loading = null;
  }

  /** Gives up loading, and disposes of the recogniser unless the caller gave it. */
  dispose(): void {
    this.#lifetime.abort();
    if (this.#recognizer !== this.#options.recognizer) this.#recognizer?.dispose();
  }

  async #load(): Promise<FingerspellRecognizer> {
    const { recognizer: given, loading } = this.#options;
    const { signal } = this.#lifetime;
    const recognizer = given ?? (await FingerspellRecognizer.load({ ...loading, signal }));
    if (signal.aborted) {
      if (recognizer !== given) recognizer.dispose();
      throw abortedError(signal, 'Loading the model');
    }
    const { labels, confusion } = recognizer;
    this.#speller ??= new FingerspellSpeller({ ...this.#spelling, labels, confusion });
    this.#recognizer = recognizer;
    return recognizer;
  }
}
