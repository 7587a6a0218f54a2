import { type FingerspellError, isFingerspellError } from '../errors';
import { guarded } from '../guards';
import type { Classification } from '../types';
import { FingerspellReader } from './reader';
import type { ReaderEventMap, ReaderStatus } from './reader-events';
import type { LiveReaderOptions, ReaderOptions } from './reader-options';

/**
 * Options of every framework's adapter: those of {@link FingerspellReader} and an adapter's own.
 *
 * @public
 */
export interface ReaderStoreOptions extends ReaderOptions {
  /**
   * Whether reading begins, and the browser asks for the camera, as soon as the video element is there. On by default,
   * since a component that shows the camera is mounted because it is wanted; set it to `false` to begin with `start()`,
   * from a button say.
   * @defaultValue true
   */
  readonly autoStart?: boolean | undefined;
  /**
   * Whether every frame's result becomes `prediction` of the snapshot, so that the page renders on every frame.
   * @defaultValue false
   */
  readonly frames?: boolean | undefined;
  /** Called with the result of every frame, without a render. */
  readonly onPrediction?: ((result: Classification) => void) | undefined;
  /** Called when a letter was held long enough; `text` is the whole text, with it. */
  readonly onLetter?: ((letter: string, text: string) => void) | undefined;
  /** Called when the text changed, by a letter, a space or an edit. */
  readonly onText?: ((text: string) => void) | undefined;
  /** Called with what became `error` of the snapshot. */
  readonly onError?: ((error: FingerspellError) => void) | undefined;
}

/**
 * What a page shows of a reader at one moment. A new object if anything in it changed, else the same one.
 *
 * @public
 */
export interface ReaderSnapshot {
  /** See {@link FingerspellReader.status}; `'idle'` without a video element. */
  readonly status: ReaderStatus;
  /** See {@link FingerspellReader.error}; also an option with an invalid value, until it is corrected. */
  readonly error: FingerspellError | null;
  /** The letter that is shown now, see {@link FingerspellReader.letter}. */
  readonly letter: string | null;
  /** The text spelled so far. */
  readonly text: string;
  /** The words that may be meant, see {@link FingerspellSpeller.suggestions}. */
  readonly suggestions: readonly string[];
  /** The latest frame's result; always `null` unless `frames` is set. */
  readonly prediction: Classification | null;
}

/** What there is to show before there is a reader: also what a server renders. */
const EMPTY: ReaderSnapshot = Object.freeze({
  status: 'idle',
  error: null,
  letter: null,
  text: '',
  suggestions: Object.freeze([]),
  prediction: null,
});

/**
 * A reader for the frameworks: over an element that comes late, goes and comes again, with options that are new objects
 * at every render, and with a snapshot that changes only when a page would look different.
 *
 * All methods are bound, so that they can be handed on as they are.
 */
export class ReaderStore {
  #options: ReaderStoreOptions;
  #video: HTMLVideoElement | null = null;
  /** What `attach()` got last. */
  #newest: HTMLVideoElement | null = null;
  #reader: FingerspellReader | null = null;
  /** Of options that are not allowed. */
  #optionError: FingerspellError | null = null;
  /** What `start()` and `stop()` asked for last; `null` before either. */
  #isWanted: boolean | null = null;
  #prediction: Classification | null = null;
  #snapshot = EMPTY;
  readonly #listeners = new Set<() => void>();

  constructor(options: ReaderStoreOptions = {}) {
    this.#options = options;
  }

  /** The reader of the element that is attached. */
  readonly getReader = (): FingerspellReader | null => this.#reader;

  /** Calls `listener` when the snapshot changed; returns what takes that back. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly getSnapshot = (): ReaderSnapshot => this.#snapshot;

  readonly getServerSnapshot = (): ReaderSnapshot => EMPTY;

  /** Takes the latest options: for callbacks and for the next element. It tells no listener. */
  readonly setOptions = (options: ReaderStoreOptions): void => {
    this.#options = options;
  };

  /**
   * Hands the live ones of the latest options to the reader that there is. A changed `camera` is opened at once, which
   * changes the snapshot; the other options count from the next frame on. Those that are not allowed become `error`, and
   * the reader goes on with the ones before.
   */
  readonly applyOptions = (): void => {
    const reader = this.#reader;
    if (reader === null) {
      this.#open();
      return;
    }
    this.#check(() => reader.setOptions(liveOptions(this.#options)));
    // Other words are other suggestions.
    this.#update();
    // What the model did not have (a letter) is known only once it is loaded, and may be put right then.
    const isPutRight = this.#optionError === null && reader.error?.code === 'invalid-option';
    if (isPutRight && this.#isStartWanted) void this.start();
  };

  get #isStartWanted(): boolean {
    return this.#isWanted ?? this.#options.autoStart ?? true;
  }

  /** Gives the video element, when it is there, and `null` when it goes: then the reader is disposed of. */
  readonly attach = (video: HTMLVideoElement | null): void => {
    this.#newest = video;
    if (video !== null) this.#swap(video);
    // A ref that is a new function at every render takes the element off, and gives it again at once.
    else queueMicrotask(() => this.#newest === null && this.#swap(null));
  };

  /**
   * Starts reading; without an element: as soon as there is one. Resolves when it runs or has failed, which the snapshot
   * tells: it never rejects, so that it can be an event handler.
   */
  readonly start = async (): Promise<void> => {
    this.#isWanted = true;
    // The reader has put what failed into its `error` before this.
    await this.#reader?.start().catch(() => undefined);
  };

  /** Stops reading and turns the camera off. */
  readonly stop = (): void => {
    this.#isWanted = false;
    this.#reader?.stop();
  };

  readonly insert = (letter: string): void => this.#reader?.insert(letter);
  readonly space = (): void => this.#reader?.space();
  readonly backspace = (): void => this.#reader?.backspace();
  readonly clear = (): void => this.#reader?.clear();
  readonly accept = (suggestion: string): void => this.#reader?.accept(suggestion);

  #swap(video: HTMLVideoElement | null): void {
    if (video === this.#video) return;
    this.#detach();
    this.#video = video;
    this.#open();
    this.#update();
  }

  /** Makes the reader of the element, if there is one and the options are allowed. */
  #open(): void {
    const video = this.#video;
    if (video === null) return;
    this.#check(() => {
      this.#reader = this.#follow(new FingerspellReader(video, this.#options));
    });
    if (this.#reader !== null && this.#isStartWanted) void this.start();
  }

  /** Runs what throws for options that are not allowed: a wrong value in a page must not take the page away. */
  #check(use: () => void): void {
    const error = refusalOf(use);
    // Checked at every render: the same fault stays the same error, and is told once.
    if (error?.message === this.#optionError?.message) return;
    this.#optionError = error;
    const isNews = error !== null && error.message !== this.#snapshot.error?.message;
    this.#update();
    if (isNews) guarded(() => this.#options.onError?.(error));
  }

  #follow(reader: FingerspellReader): FingerspellReader {
    const on = <Type extends keyof ReaderEventMap>(
      type: Type,
      tell: (detail: ReaderEventMap[Type]['detail']) => void,
    ) =>
      reader.addEventListener(type, (event) => {
        if (reader !== this.#reader) return;
        this.#update();
        tell(event.detail);
      });
    on('statuschange', () => undefined);
    // Before the listener that updates the snapshot, which runs after it and takes the result in.
    reader.addEventListener('prediction', ({ detail }) => {
      this.#prediction = detail;
    });
    on('prediction', (result) => this.#options.onPrediction?.(result));
    on('letter', ({ letter, text }) => this.#options.onLetter?.(letter, text));
    on('text', ({ text }) => this.#options.onText?.(text));
    on('error', (error) => this.#options.onError?.(error));
    return reader;
  }

  #detach(): void {
    const reader = this.#reader;
    this.#reader = null;
    this.#optionError = null;
    this.#prediction = null;
    reader?.dispose();
  }

  #update(): void {
    const source = this.#reader ?? EMPTY;
    const { letter, text, suggestions } = source;
    const error = this.#optionError ?? source.error;
    const status = this.#reader === null && error !== null ? 'error' : source.status;
    const prediction = this.#options.frames ? this.#prediction : null;
    const next: ReaderSnapshot = { status, error, letter, text, suggestions, prediction };
    const keys = Object.keys(next) as (keyof ReaderSnapshot)[];
    if (keys.every((key) => Object.is(next[key], this.#snapshot[key]))) return;
    this.#snapshot = next;
    for (const listener of [...this.#listeners]) listener();
  }
}

/** The coded error that `use` throws, if it does. */
function refusalOf(use: () => void): FingerspellError | null {
  try {
    use();
    return null;
  } catch (cause) {
    if (isFingerspellError(cause)) return cause;
    throw cause;
  }
}

/** All live options, also those that are left out: these go back to their defaults. */
function liveOptions(options: ReaderStoreOptions): LiveReaderOptions {
  const { topK, threshold, region, mirror, letters, maxFps, camera, speller } = options;
  return { topK, threshold, region, mirror, letters, maxFps, camera, speller };
}
