import { startTimer } from '../timer';
import type { Pauses } from './pauses';

/** What {@link startFrameLoop} takes. */
export interface FrameLoopOptions {
  /** Handles the current frame; must not reject. The next frame comes only after it has resolved. */
  readonly onFrame: (timeMs: number) => Promise<void>;
  /** While these have a reason, no frame is read. */
  readonly pauses: Pauses;
  /** Frames a second at most; read before each frame, so that it may change. */
  readonly maxFps: () => number;
}

/** A loop that runs until it is stopped. */
export interface FrameLoop {
  /** Ends the loop; a frame in flight is not waited for. May be called again. */
  stop(): void;
}

/**
 * Calls `onFrame` for the newest frame of a video or canvas, one at a time: a frame that comes while another one is
 * being handled is dropped, not queued. Sleeps while it is paused.
 *
 * The browser's frame callbacks drive it: where the video says when it has a new picture (`requestVideoFrameCallback`), it
 * asks for that, otherwise for the next repaint. A document that is visible but never painted, as an extension's offscreen
 * document, gets neither: there a timer does.
 */
export function startFrameLoop(source: HTMLVideoElement | HTMLCanvasElement, options: FrameLoopOptions): FrameLoop {
  const page = source.ownerDocument;
  const { pauses } = options;
  const end = new AbortController();
  const pace = new Pace();
  let isBusy = false;
  let isFirst = true;
  let isPainted = true;
  let cancel: (() => void) | null = null;

  const request = () => {
    if (end.signal.aborted || isBusy || pauses.reason !== null || cancel !== null) return;
    // At first the picture that is already there, which may be the only one: a video that stands still has no new one.
    cancel = isFirst ? requestFirst() : requestFrame(source, onTick);
  };
  const requestFirst = () => {
    const withinMs = isPainted ? UNPAINTED_MS : 1000 / options.maxFps();
    return requestRepaintWithin(page, withinMs, (byRepaint) => {
      isPainted = byRepaint;
      onTick();
    });
  };
  const onTick = () => {
    cancel = null;
    const nowMs = performance.now();
    if (!pace.isDue(nowMs, options.maxFps())) return request();
    isFirst = !isPainted;
    isBusy = true;
    void options.onFrame(nowMs).then(() => {
      isBusy = false;
      request();
    });
  };
  const restart = () => {
    cancel?.();
    cancel = null;
    isFirst = true;
    request();
  };

  // A video that cannot be played has no new picture: whoever reads the frame is to find out.
  source.addEventListener('error', restart, { signal: end.signal });
  pauses.onChange(() => (pauses.reason === null ? request() : restart()));
  request();
  return {
    stop() {
      end.abort();
      cancel?.();
      cancel = null;
    },
  };
}

/** A visible document without a repaint for this long, ms, is not painted; one that is painted only late is again by its next. */
const UNPAINTED_MS = 1000;

/** A frame callback may come this much early, ms: repaints jitter, and none should be lost to that. */
const JITTER_MS = 1;

/** Keeps the average rate at or below a maximum, without beating against the rate at which frames come. */
export class Pace {
  /** Of the frame handled last, on the grid of due times. */
  #lastMs = Number.NEGATIVE_INFINITY;

  /** Whether the frame at `nowMs` is to be handled; counts it if so. */
  isDue(nowMs: number, maxFps: number): boolean {
    const intervalMs = 1000 / maxFps;
    const dueMs = this.#lastMs + intervalMs;
    if (nowMs < dueMs - JITTER_MS) return false;
    // The grid of due times is kept while the frames keep up, and starts anew after a gap.
    this.#lastMs = nowMs - dueMs < intervalMs ? dueMs : nowMs;
    return true;
  }
}

/** These return a function that takes the request back. */
function requestFrame(source: HTMLVideoElement | HTMLCanvasElement, callback: () => void): () => void {
  if (!('requestVideoFrameCallback' in source)) return requestRepaint(source.ownerDocument, callback);
  const handle = source.requestVideoFrameCallback(callback);
  return () => source.cancelVideoFrameCallback(handle);
}

function requestRepaint(page: Document, callback: () => void): () => void {
  const view = page.defaultView ?? window;
  const handle = view.requestAnimationFrame(callback);
  return () => view.cancelAnimationFrame(handle);
}

/** Calls back at the next repaint, or after `ms` without one. */
function requestRepaintWithin(page: Document, ms: number, callback: (byRepaint: boolean) => void): () => void {
  const come = (byRepaint: boolean) => {
    withdraw();
    callback(byRepaint);
  };
  const withdrawRepaint = requestRepaint(page, () => come(true));
  const stopTimer = startTimer(() => come(false), ms);
  const withdraw = () => {
    withdrawRepaint();
    stopTimer();
  };
  return withdraw;
}
