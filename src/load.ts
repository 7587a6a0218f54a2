import {
  abortedError,
  describeError,
  FingerspellError,
  isFingerspellError,
  isMissingScript,
  throwIfAborted,
} from './errors';
import { guarded } from './guards';
import { FROM_DISK } from './model/fetch';
import type { LoadProgress, RecognizerOptions } from './options';
import { startTimer } from './timer';

// What fetching, compiling and warming up take of the whole, roughly as they do in time on a cold page.
const TOTAL = 100;
const AFTER = { download: 60, compile: 75, warmup: 99, ready: TOTAL } as const;

/** Reports progress that never goes back and always ends at its total. */
export class Progress {
  readonly #report: (progress: LoadProgress) => void;
  readonly #signal: AbortSignal | undefined;
  #loaded = 0;

  /** @param signal - once it has fired nothing is reported any more */
  constructor(report: ((progress: LoadProgress) => void) | undefined, signal?: AbortSignal) {
    this.#report = report ?? (() => {});
    this.#signal = signal;
    this.#advance('download', 0);
  }

  /** One of `count` files has arrived. */
  downloaded(count: number): void {
    this.#advance('download', Math.min(AFTER.download, this.#loaded + AFTER.download / count));
  }

  finished(phase: LoadProgress['phase']): void {
    this.#advance(phase, AFTER[phase]);
  }

  /** What a worker reports of the same load. */
  relay({ phase, loaded }: LoadProgress): void {
    this.#advance(phase, loaded);
  }

  #advance(phase: LoadProgress['phase'], loaded: number): void {
    if (this.#signal?.aborted) return;
    this.#loaded = Math.max(this.#loaded, loaded);
    guarded(() => this.#report({ phase, loaded: this.#loaded, total: TOTAL }));
  }
}

/**
 * Runs `work` under a deadline and the caller's signal. What it is waiting for is given up at once when either fires;
 * `work` itself goes on until it looks at its signal, and must clean up after itself.
 */
export async function withDeadline<T>(
  options: Pick<RecognizerOptions, 'signal'>,
  timeoutMs: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { signal } = options;
  throwIfAborted(signal, 'load()');
  const controller = new AbortController();
  let fail: (error: FingerspellError) => void = () => {};
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  const stop = (error: FingerspellError): void => {
    fail(error);
    controller.abort(error);
  };
  const onAbort = (): void => stop(abortedError(signal as AbortSignal, 'load()'));
  const onTimeout = (): void =>
    stop(new FingerspellError('timeout', `Loading took longer than ${timeoutMs} ms. Raise timeoutMs or try again.`));
  const stopTimer = startTimer(onTimeout, timeoutMs);
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work(controller.signal), failed]);
  } catch (error) {
    // Downloads that are still under way serve nobody.
    controller.abort(error);
    throw isFingerspellError(error) ? error : unexpected(error);
  } finally {
    stopTimer();
    signal?.removeEventListener('abort', onAbort);
  }
}

function unexpected(cause: unknown): FingerspellError {
  if (isMissingScript(cause) && globalThis.location?.protocol !== 'file:') {
    const advice = 'Deploy all files of one build together, under their own names, and reload the page.';
    const told = `A script of this package could not be loaded (${describeError(cause)}). ${advice}`;
    return new FingerspellError('asset-missing', told, { cause });
  }
  const message = `The recogniser could not be started (${describeError(cause)}). ${adviceFor(cause)}`;
  return new FingerspellError('backend-unavailable', message, { cause });
}

function adviceFor(cause: unknown): string {
  if (globalThis.location?.protocol === 'file:') return FROM_DISK;
  if ('ServiceWorkerGlobalScope' in globalThis)
    return 'A service worker cannot import scripts later: load in a page; an extension has offscreen documents.';
  const code = String((cause as { code?: unknown } | null)?.code);
  if (code.startsWith('ERR_VM_DYNAMIC')) {
    return 'Set NODE_OPTIONS=--experimental-vm-modules: without it this test runner cannot import modules.';
  }
  if (code.startsWith('ERR_VM_MODULE_LINK')) {
    return 'This test runner mixes up modules that are loaded at once: use Node 24, or createRequire(import.meta.url).';
  }
  if (typeof TextDecoder === 'undefined') return "Run this test in the test runner's environment `node`.";
  return 'Try another backend.';
}
