/**
 * What went wrong, as a stable string to branch on.
 *
 * - `invalid-option`: an option or argument has a value that is not allowed
 * - `invalid-source`: what was given to `classify()` is not a picture, or its pixels do not match its size
 * - `source-not-ready`: the picture has no pixels yet (a video before its first frame, an image that is not loaded)
 * - `asset-missing`: a model or WASM file could not be fetched
 * - `asset-invalid`: a model or WASM file arrived, but its content is not what it should be
 * - `model-unsupported`: the model is well-formed but is not an image classifier that can be run here
 * - `backend-unavailable`: there is no way to compute here: the backend you named, or with `'auto'` every backend, failed to
 *   start; `cause` says why
 * - `inference-failed`: the forward pass failed on the device
 * - `camera-denied`: the user or the page's policy refused the camera
 * - `camera-missing`: there is no camera that matches the request
 * - `camera-busy`: another program holds the camera, or it failed to start
 * - `camera-unsupported`: this browser or page has no camera API (an insecure `http:` page, for example), or the camera
 *   cannot do what was asked (it has no lamp)
 * - `camera-lost`: the camera stopped while it was being read
 * - `aborted`: the caller's `AbortSignal` fired
 * - `timeout`: loading took longer than `timeoutMs`, or no frame came
 * - `disposed`: the object was used after `dispose()`, or a recogniser after its worker stopped
 *
 * @public
 */
export type FingerspellErrorCode =
  | 'invalid-option'
  | 'invalid-source'
  | 'source-not-ready'
  | 'asset-missing'
  | 'asset-invalid'
  | 'model-unsupported'
  | 'backend-unavailable'
  | 'inference-failed'
  | 'camera-denied'
  | 'camera-missing'
  | 'camera-busy'
  | 'camera-unsupported'
  | 'camera-lost'
  | 'aborted'
  | 'timeout'
  | 'disposed';

// A registered symbol is the same in every copy of the package on one page; a class is not.
const BRAND = Symbol.for('asl-fingerspell.error');

/**
 * The only kind of error that this library throws or rejects with.
 *
 * `message` is a sentence that says what to do; `code` is what programs should branch on; `cause` is the underlying
 * error, where there was one.
 *
 * @public
 */
export class FingerspellError extends Error {
  /** `'FingerspellError'`, which consoles print before the message. */
  override readonly name = 'FingerspellError';
  /** What went wrong. */
  readonly code: FingerspellErrorCode;
  /** The error beneath this one, if any. */
  declare readonly cause?: unknown;

  /** Whether it is one of ours, even from another copy: the files of this package that load on demand have their own class. */
  static override [Symbol.hasInstance](error: unknown): boolean {
    // A class derived from it has this method, too, and means itself only.
    // biome-ignore lint/complexity/noThisInStatic: which class it was called on is the question.
    return this === FingerspellError ? isFingerspellError(error) : super[Symbol.hasInstance](error);
  }

  /**
   * @param code - What went wrong.
   * @param message - A sentence that says what to do.
   * @param options - The error beneath, as `Error` takes it.
   */
  constructor(code: FingerspellErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message);
    this.code = code;
    if (options?.cause !== undefined) this.cause = options.cause;
    Object.defineProperty(this, BRAND, { value: true });
  }
}

/**
 * Whether `error` is a {@link FingerspellError}, even from another copy of this package or another realm.
 *
 * @public
 */
export function isFingerspellError(error: unknown): error is FingerspellError {
  return typeof error === 'object' && error !== null && (error as Record<symbol, unknown>)[BRAND] === true;
}

/** The error that an aborted operation rejects with; the signal's own reason becomes its cause. */
export function abortedError(signal: AbortSignal, what: string): FingerspellError {
  return new FingerspellError('aborted', `${what} was aborted by its AbortSignal.`, { cause: signal.reason });
}

/** The error of every call on a recogniser that was disposed of. */
export function disposedError(): FingerspellError {
  return new FingerspellError('disposed', 'The recogniser was disposed of. Load a new one.');
}

/** Throws when `signal` has fired. */
export function throwIfAborted(signal: AbortSignal | undefined, what: string): void {
  if (signal?.aborted) throw abortedError(signal, what);
}

/**
 * Whether `error` is that of an `import()` whose file did not come: a page from before the last deployment asks for files
 * that are no longer there. Browsers and bundlers each have their own words for it; some pass on the event of their script
 * element.
 */
export function isMissingScript(error: unknown): boolean {
  const words =
    /dynamically imported module|importing a module script|loading (module|(css )?chunk)|ChunkLoadError|^\[object Event]$/i;
  return words.test(String(error));
}

/** A short text for any thrown value, to be put into a sentence. */
export function describeError(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
