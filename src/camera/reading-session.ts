import { abortedError, throwIfAborted } from '../errors';
import { type Camera, openCamera } from './camera';
import { cameraLost } from './camera-errors';
import type { CameraOptions } from './camera-options';
import { startFrameLoop } from './frame-loop';
import { type PauseReason, Pauses, watchPage, watchSight } from './pauses';
import { isVideo } from './reader-options';

const STARTING = 'Starting the reader';

/** What a {@link ReadingSession} asks and tells its reader. */
export interface SessionHooks {
  /** Reads one frame; must not reject. Not called after the end. */
  readonly onFrame: (timeMs: number, signal: AbortSignal) => Promise<void>;
  /** Frames are held back for another reason than before, or (`null`) no longer. Not called before it runs. */
  readonly onPause: (reason: PauseReason | null) => void;
  /** The camera stopped by itself. */
  readonly onLost: (error: unknown) => void;
  readonly maxFps: () => number;
  /** Whether to pause while the source is out of sight. */
  readonly pauseOffscreen: boolean;
}

/** From one start of a reader to its stop: the camera and the frame loop, and nothing that outlives them. */
export class ReadingSession {
  readonly #source: HTMLVideoElement | HTMLCanvasElement;
  readonly #hooks: SessionHooks;
  readonly #abort = new AbortController();
  readonly #pauses = new Pauses();
  #camera: Camera | null = null;

  constructor(source: HTMLVideoElement | HTMLCanvasElement, hooks: SessionHooks) {
    this.#source = source;
    this.#hooks = hooks;
  }

  get camera(): Camera | null {
    return this.#camera;
  }

  get hasEnded(): boolean {
    return this.#abort.signal.aborted;
  }

  /**
   * Waits for the model and for the camera (`null`: none), both at once, since the model can load while the user reads
   * the permission prompt; then reads frames.
   *
   * @returns Why reading does not begin yet; `null`: it has begun.
   */
  async begin(model: Promise<unknown>, camera: CameraOptions | null): Promise<PauseReason | null> {
    const { signal } = this.#abort;
    throwIfAborted(signal, STARTING);
    await Promise.race([Promise.all([model, this.#openCamera(camera)]), rejectOnAbort(signal)]);
    throwIfAborted(signal, STARTING);
    const { onFrame, onPause, maxFps, pauseOffscreen } = this.#hooks;
    const pauses = this.#pauses;
    watchPage(this.#source.ownerDocument, pauses, signal);
    if (pauseOffscreen) watchSight(this.#source, pauses, signal);
    const loop = startFrameLoop(this.#source, { onFrame: (timeMs) => onFrame(timeMs, signal), pauses, maxFps });
    signal.addEventListener('abort', () => loop.stop());
    pauses.onChange(() => onPause(pauses.reason));
    return pauses.reason;
  }

  /** Ends it at whatever point it is: a camera that is permitted only later is stopped as it comes. */
  end(): void {
    this.#abort.abort();
    this.#camera = null;
  }

  async #openCamera(options: CameraOptions | null): Promise<void> {
    if (options === null || !isVideo(this.#source)) return;
    const { signal } = this.#abort;
    const { onLost } = this.#hooks;
    const onMute = (isMuted: boolean) => this.#pauses.set('muted', isMuted);
    const camera = await openCamera(this.#source, { ...options, signal, onLost, onMute });
    if (signal.aborted) return camera.stop();
    signal.addEventListener('abort', () => camera.stop());
    this.#camera = camera;
    onMute(camera.isMuted);
    this.#watchElement(this.#source, camera);
  }

  /** Keeps to what the element plays, with which the page may do as it likes. */
  #watchElement(video: HTMLVideoElement, camera: Camera): void {
    const { signal } = this.#abort;
    // Browsers pause a video that is taken out of the page, and leave it so when it is put back elsewhere.
    video.addEventListener('pause', () => !video.isConnected && void video.play().catch(() => {}), { signal });
    const look = () => {
      const isOwn = video.srcObject === camera.stream;
      if (isOwn && camera.stream.active) return;
      if (isOwn || video.srcObject === null) return this.#hooks.onLost(cameraLost());
      // The page, or another reader, has given the element something else to play: that is read.
      camera.stop();
      this.#camera = null;
      this.#pauses.set('muted', false);
    };
    // A track that the page stops tells nobody. Its stream does in Chromium, elsewhere the element.
    camera.stream.addEventListener('inactive', look, { signal });
    for (const type of ['ended', 'emptied']) video.addEventListener(type, look, { signal });
    look();
  }
}

function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(abortedError(signal, STARTING)));
  });
}
