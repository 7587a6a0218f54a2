import { abortedError, describeError, FingerspellError, isFingerspellError } from '../errors';
import { requireElement, requireObject } from '../guards';
import type { FingerspellRecognizer } from '../recognizer';
import type { FingerspellSpeller } from '../spell/speller';
import type { Classification } from '../types';
import type { Camera } from './camera';
import type { PauseReason } from './pauses';
import { ReaderEventTarget, type ReaderStatus } from './reader-events';
import { ReaderModel } from './reader-model';
import {
  checkLiveOptions,
  isSameCamera,
  type LiveReaderOptions,
  type ReaderOptions,
  resolveMaxFps,
  sortReaderOptions,
  wantedCamera,
} from './reader-options';
import { ReadingSession } from './reading-session';

const NO_SUGGESTIONS: readonly string[] = Object.freeze([]);

/**
 * Reads fingerspelling from a camera: camera, frame loop, recogniser and speller over one `<video>`, or over a `<video>`
 * or `<canvas>` that you feed.
 *
 * A frame that cannot be read does not end the reading: an element that has no picture yet is waited for; any other
 * failure is reported by one `error` event and stays in `error` until a frame succeeds. Only a lost camera, and a recogniser
 * that was disposed of or lost its worker, end it, with status `'error'`; `start()` then begins anew, with the text so far.
 * Its camera also counts as lost when the page stops it; when the page gives the element another stream, that is read.
 *
 * @example
 * ```ts
 * const reader = new FingerspellReader(document.querySelector('video')!);
 * reader.addEventListener('text', ({ detail }) => console.log(detail.text));
 * await reader.start();
 * ```
 *
 * @public
 */
export class FingerspellReader extends ReaderEventTarget {
  /** The element that is read. */
  readonly source: HTMLVideoElement | HTMLCanvasElement;
  readonly #model: ReaderModel;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = (): void => this.dispose();
  readonly #pauseOffscreen: boolean;
  #live: LiveReaderOptions;
  #status: ReaderStatus = 'idle';
  #pauseReason: PauseReason | null = null;
  #error: FingerspellError | null = null;
  /** Whether a frame was read since it runs: what the speller holds may be older. */
  #isSeeing = false;
  #session: ReadingSession | null = null;
  #starting: Promise<void> | null = null;
  #reportedText = '';

  /**
   * @param source - A `<video>` for the camera to play in, or a `<video>` or `<canvas>` that you feed.
   * @param options - All are optional.
   * @throws {@link FingerspellError} `invalid-option`
   */
  constructor(source: HTMLVideoElement | HTMLCanvasElement, options: ReaderOptions = {}) {
    super();
    requireElement(source, ['video', 'canvas'], 'A reader');
    const { live, pauseOffscreen, ...sorted } = sortReaderOptions(options);
    wantedCamera(source, live.camera);
    this.source = source;
    this.#live = live;
    this.#pauseOffscreen = pauseOffscreen;
    this.#model = new ReaderModel(sorted, live.speller);
    this.#signal = options.signal;
    this.#signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  /** What it is doing now. */
  get status(): ReaderStatus {
    return this.#status;
  }

  /** Why it is paused; `null` with every other status. */
  get pauseReason(): PauseReason | null {
    return this.#pauseReason;
  }

  /** What failed last; `null` after the next start and the next frame that is read. */
  get error(): FingerspellError | null {
    return this.#error;
  }

  /** The recogniser, once it is loaded. */
  get recognizer(): FingerspellRecognizer | null {
    return this.#model.recognizer;
  }

  /** The speller, once the recogniser is loaded. It may be edited directly: `text` events follow with the next frame. */
  get speller(): FingerspellSpeller | null {
    return this.#model.speller;
  }

  /** The camera that is on, if the reader opened one. */
  get camera(): Camera | null {
    return this.#session?.camera ?? null;
  }

  /** The letter that is shown now, steadied against flicker; `null` for none, and while it is not running. */
  get letter(): string | null {
    return this.#isSeeing ? (this.speller?.candidate?.letter ?? null) : null;
  }

  /** The text spelled so far. It is kept when the reader stops. */
  get text(): string {
    return this.speller?.text ?? '';
  }

  /** The words that may be meant, see {@link FingerspellSpeller.suggestions}. */
  get suggestions(): readonly string[] {
    return this.speller?.suggestions ?? NO_SUGGESTIONS;
  }

  /**
   * Opens the camera and loads the model, both at once, and begins to read. While it is starting, a further call joins
   * that start; while it is running, there is nothing to do. After `stop()` the model is not loaded again.
   *
   * @returns A promise that resolves when it runs, or when `stop()` ended the start before that (see `status`).
   * @throws {@link FingerspellError} Any code of {@link FingerspellRecognizer.load} and {@link openCamera}, `aborted` by
   *   `options.signal`, `disposed`. All but the last two are also reported by an `error` event and the status `'error'`.
   */
  start(): Promise<void> {
    if (this.#starting !== null) return this.#starting;
    if (this.#session !== null) return Promise.resolve();
    const refusal = this.#refusal();
    if (refusal !== null) return Promise.reject(refusal);
    const session = this.#newSession();
    this.#session = session;
    const starting = this.#begin(session).finally(() => {
      if (this.#starting === starting) this.#starting = null;
    });
    // A listener of `statuschange` may have stopped it already.
    if (this.#session === session) this.#starting = starting;
    return starting;
  }

  /**
   * Stops reading and turns the camera off, at any time: a camera that is permitted only later is turned off as soon as
   * it opens. A model that is being loaded goes on loading, for the next start. May be called again.
   */
  stop(): void {
    if (this.#session !== null) this.#end('stopped');
  }

  /** Stops, and frees the model unless it was given by the caller. The reader cannot be started again. */
  dispose(): void {
    // In this order, so that a listener of the last `statuschange` cannot start it again.
    this.#model.dispose();
    this.#signal?.removeEventListener('abort', this.#onAbort);
    this.stop();
  }

  /**
   * Changes options from the next frame on. Those that are left out stay as they are; those given as `undefined` go back
   * to their defaults. Another camera is opened at once if the reader runs, otherwise with the next start.
   *
   * @throws {@link FingerspellError} `invalid-option`; nothing has changed then.
   */
  setOptions(options: LiveReaderOptions): void {
    requireObject(options, 'The options of setOptions()');
    const live = { ...this.#live, ...options };
    checkLiveOptions(live, this.recognizer?.labels ?? null);
    wantedCamera(this.source, live.camera);
    const isOtherCamera = !isSameCamera(live.camera, this.#live.camera);
    this.#live = live;
    // What a caller set on the speller itself stays otherwise.
    if ('speller' in options) this.#model.setSpelling(live.speller);
    if (!isOtherCamera || this.#session === null) return;
    this.stop();
    // Whoever changes options waits for nothing: a failure is told by the status and by the `error` event.
    this.start().catch(() => undefined);
  }

  /**
   * Adds a letter by hand. Before the recogniser is loaded there is no text, and the editing methods do nothing.
   *
   * @param letter - Also one that the model cannot read (J and Z need motion).
   * @throws {@link FingerspellError} `invalid-option` for an empty text or white space.
   */
  insert(letter: string): void {
    this.#edit((speller) => speller.insert(letter));
  }

  /** Ends the word with a space. */
  space(): void {
    this.#edit((speller) => speller.space());
  }

  /** Removes the last letter or space. */
  backspace(): void {
    this.#edit((speller) => speller.backspace());
  }

  /** Empties the text. */
  clear(): void {
    this.#edit((speller) => speller.clear());
  }

  /**
   * Replaces the word that the suggestions are for, and adds a space.
   *
   * @param suggestion - One of `suggestions`, or any other word.
   * @throws {@link FingerspellError} `invalid-option` for an empty text.
   */
  accept(suggestion: string): void {
    this.#edit((speller) => speller.accept(suggestion));
  }

  #newSession(): ReadingSession {
    return new ReadingSession(this.source, {
      onFrame: (timeMs, signal) => this.#read(timeMs, signal),
      onPause: (reason) => this.#setRunning(reason),
      onLost: (error) => this.#fail(error),
      maxFps: () => resolveMaxFps(this.#live.maxFps),
      pauseOffscreen: this.#pauseOffscreen,
    });
  }

  async #begin(session: ReadingSession): Promise<void> {
    this.#error = null;
    this.#setStatus('loading');
    try {
      const loading = this.#model.load().then(({ labels }) => checkLiveOptions(this.#live, labels));
      // A listener may have stopped it at `loading`: then nobody waits for the model.
      loading.catch(() => {});
      const reason = await session.begin(loading, wantedCamera(this.source, this.#live.camera));
      // It may have been stopped since it began.
      if (!session.hasEnded) this.#setRunning(reason);
    } catch (cause) {
      if (this.#signal?.aborted) throw abortedError(this.#signal, 'Starting the reader');
      if (!session.hasEnded) throw this.#fail(cause);
      // Ended by a failure elsewhere (the camera was lost while the model loaded), not by `stop()`.
      if (this.#status === 'error') throw this.#error;
    }
  }

  async #read(timeMs: number, signal: AbortSignal): Promise<void> {
    const { topK, threshold, region, mirror, letters } = this.#live;
    try {
      const options = { topK, threshold, region, mirror, letters, signal };
      const result = await this.recognizer?.classify(this.source, options);
      if (result !== undefined && !signal.aborted) this.#deliver(result, timeMs);
    } catch (cause) {
      if (!signal.aborted) this.#frameFailed(cause);
    }
  }

  #deliver(result: Classification, timeMs: number): void {
    const events = this.speller?.push(result, timeMs) ?? [];
    this.#error = null;
    this.#isSeeing = this.#status === 'running';
    this.emit('prediction', result);
    for (const event of events) {
      if (event.type === 'letter') this.emit('letter', { letter: event.letter, text: event.text, timeMs });
    }
    this.#reportText();
  }

  #frameFailed(cause: unknown): void {
    const error = isFingerspellError(cause) ? cause : unexpected(cause);
    if (error.code === 'source-not-ready') return;
    if (error.code === 'disposed') {
      this.#model.forget();
      this.#fail(error);
    } else if (error.code !== this.#error?.code) {
      // Once for a series of equal failures: thirty events a second would help no one.
      this.#error = error;
      this.emit('error', error);
    }
  }

  /** Ends the session for an error and tells of it. */
  #fail(cause: unknown): FingerspellError {
    const error = isFingerspellError(cause) ? cause : unexpected(cause);
    this.#error = error;
    this.#end('error');
    this.emit('error', error);
    return error;
  }

  #end(status: 'stopped' | 'error'): void {
    this.#session?.end();
    this.#session = null;
    this.#starting = null;
    this.#setStatus(status);
  }

  #edit(change: (speller: FingerspellSpeller) => void): void {
    if (this.speller !== null) change(this.speller);
    this.#reportText();
  }

  #reportText(): void {
    const { text } = this;
    if (text === this.#reportedText) return;
    this.#reportedText = text;
    this.emit('text', { text });
  }

  #setRunning(reason: PauseReason | null): void {
    this.#setStatus(reason === null ? 'running' : 'paused', reason);
  }

  #setStatus(status: ReaderStatus, reason: PauseReason | null = null): void {
    const previous = this.#status;
    if (status === previous && reason === this.#pauseReason) return;
    this.#status = status;
    this.#pauseReason = reason;
    this.#isSeeing = false;
    this.emit('statuschange', { status, previous, reason });
  }

  #refusal(): FingerspellError | null {
    if (this.#signal?.aborted) return abortedError(this.#signal, 'Starting the reader');
    if (!this.#model.isDisposed) return null;
    return new FingerspellError('disposed', 'This reader was disposed of. Make a new one.');
  }
}

function unexpected(cause: unknown): FingerspellError {
  return new FingerspellError('inference-failed', `Reading failed: ${describeError(cause)}`, { cause });
}
