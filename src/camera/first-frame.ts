import { abortedError, FingerspellError } from '../errors';
import { hasFrame } from '../frame/source';
import { startTimer } from '../timer';
import { cameraLost } from './camera-errors';

/** What {@link firstFrame} waits under. */
export interface FirstFrameOptions {
  readonly track: MediaStreamTrack;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Resolves when the video shows its first picture.
 *
 * It does not wait for `video.play()`: in WebKit that promise may never settle, and it may be fulfilled before there is
 * a picture. A refused `play()` is no failure either as long as a picture comes; if none does, it is the cause.
 */
export async function firstFrame(video: HTMLVideoElement, options: FirstFrameOptions): Promise<void> {
  const { track, timeoutMs, signal } = options;
  const cleanup = new AbortController();
  try {
    await new Promise<void>((resolve, reject) => {
      const once = { signal: cleanup.signal };
      const check = () => hasFrame(video) && resolve();
      for (const type of ['loadeddata', 'resize', 'playing', 'timeupdate']) video.addEventListener(type, check, once);
      if ('requestVideoFrameCallback' in video) video.requestVideoFrameCallback(check);
      track.addEventListener('ended', () => reject(cameraLost()), once);
      signal?.addEventListener('abort', () => reject(abortedError(signal, 'Opening the camera')), once);
      let playError: unknown;
      // The documents of test runners, and what their tests put in place of it, return nothing.
      video.play()?.catch((error: unknown) => {
        playError = error;
      });
      afterVisible(video.ownerDocument, timeoutMs, cleanup.signal, () => reject(noFrame(timeoutMs, playError)));
    });
  } finally {
    cleanup.abort();
  }
}

/** Calls back once the page has been visible for `timeoutMs` at a stretch. */
function afterVisible(page: Document, timeoutMs: number, signal: AbortSignal, callback: () => void): void {
  let stop = (): void => {};
  const restart = (): void => {
    stop();
    if (!page.hidden) stop = startTimer(callback, timeoutMs);
  };
  page.addEventListener('visibilitychange', restart, { signal });
  signal.addEventListener('abort', () => stop(), { once: true });
  restart();
}

function noFrame(timeoutMs: number, cause: unknown): FingerspellError {
  const advice = 'Close other programs that use it, or start it from a click or tap.';
  return new FingerspellError('timeout', `The camera gave no picture within ${timeoutMs} ms. ${advice}`, { cause });
}
