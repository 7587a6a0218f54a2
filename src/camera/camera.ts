import { abortedError, type FingerspellError, throwIfAborted } from '../errors';
import { requireElement, requireFunctions, requireSignal } from '../guards';
import { cameraError, cameraLost } from './camera-errors';
import { type CameraOptions, cameraConstraints, resolveCameraOptions } from './camera-options';
import { mediaDevices } from './devices';
import { firstFrame } from './first-frame';
import { hasTorch, switchTorch } from './torch';

/**
 * An open camera that plays in a video element. `stop()` it when you are done.
 *
 * @public
 */
export interface Camera {
  /** The stream that the element plays. */
  readonly stream: MediaStream;
  /** Which camera it is, see {@link CameraInfo.deviceId}. */
  readonly deviceId: string;
  /** The camera's name for people. */
  readonly label: string;
  /** The side of the phone that it is on, where the device says so. A `'user'` camera wants a mirrored preview. */
  readonly facingMode: string | null;
  /** Whether it has a lamp that {@link Camera.setTorch} can switch. */
  readonly hasTorch: boolean;
  /** Whether it currently gives no picture, see {@link OpenCameraOptions.onMute}. */
  readonly isMuted: boolean;
  /**
   * Switches the lamp on or off. It goes out by itself when the camera stops.
   *
   * @throws {@link FingerspellError} `camera-unsupported` without a lamp, `camera-busy` if the device refused.
   */
  setTorch(isOn: boolean): Promise<void>;
  /** Stops the camera (its light goes out) and takes it off the element. May be called again. */
  stop(): void;
}

/**
 * What {@link openCamera} takes besides the choice of the camera.
 *
 * @public
 */
export interface OpenCameraOptions extends CameraOptions {
  /** Gives up when it fires: `openCamera()` rejects with code `aborted` and no camera stays on. */
  readonly signal?: AbortSignal | undefined;
  /** Called once when the camera stops by itself (unplugged, permission taken back), not after `stop()`. */
  readonly onLost?: ((error: FingerspellError) => void) | undefined;
  /**
   * Called when the camera stops giving pictures for a while, and when it gives them again: a shutter was closed, or the
   * system took the camera for a call. Not after `stop()`.
   */
  readonly onMute?: ((isMuted: boolean) => void) | undefined;
}

/**
 * Asks for a camera, plays it in `video` and waits for its first picture.
 *
 * The element gets the attributes `playsinline`, `muted` and `autoplay`, without which iOS shows nothing. The camera is
 * stopped whenever this rejects, even if permission is given only after `signal` has fired.
 *
 * @param video - Where the camera plays. What it played before is replaced.
 * @param options - Which camera; all are optional.
 * @returns The camera, once it shows a picture.
 * @throws {@link FingerspellError} `camera-denied`, `camera-missing`, `camera-busy`, `camera-unsupported`,
 *   `camera-lost` (it stopped before its first picture), `timeout` (no picture came), `aborted`, `invalid-option`.
 *
 * @public
 */
export async function openCamera(video: HTMLVideoElement, options: OpenCameraOptions = {}): Promise<Camera> {
  // Before anybody is asked for a camera that has nowhere to play.
  requireElement(video, ['video'], 'openCamera()');
  const resolved = resolveCameraOptions(options);
  const { signal, onLost, onMute } = options;
  requireSignal(signal);
  requireFunctions({ onLost, onMute });
  throwIfAborted(signal, 'Opening the camera');
  const stream = await requestStream(cameraConstraints(resolved), signal);
  const [track] = stream.getVideoTracks();
  if (track === undefined) throw cameraError(new DOMException('the stream has no picture', 'NotReadableError'));
  const listening = new AbortController();
  const stopStream = () => {
    listening.abort();
    stopTracks(stream);
    if (video.srcObject === stream) video.srcObject = null;
  };
  // At once: whoever stops and starts in one go must find the element free.
  signal?.addEventListener('abort', stopStream, { once: true, signal: listening.signal });
  try {
    throwIfAborted(signal, 'Opening the camera');
    attach(video, stream);
    await firstFrame(video, { track, timeoutMs: resolved.timeoutMs, signal });
  } catch (error) {
    stopStream();
    throw error;
  }
  signal?.removeEventListener('abort', stopStream);
  follow(track, options, listening.signal);
  const { deviceId = '', facingMode = null } = track.getSettings();
  return {
    stream,
    deviceId,
    label: track.label,
    facingMode,
    hasTorch: hasTorch(track),
    get isMuted() {
      return track.muted;
    },
    setTorch: (isOn) => switchTorch(track, isOn),
    stop: stopStream,
  };
}

/**
 * `getUserMedia` that can be given up. The browser's prompt cannot be taken back, so a stream that is granted after the
 * signal fired is stopped as it arrives.
 */
async function requestStream(constraints: MediaStreamConstraints, signal?: AbortSignal): Promise<MediaStream> {
  const request = mediaDevices().getUserMedia(constraints);
  if (signal === undefined) return request.catch((error) => Promise.reject(cameraError(error)));
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(abortedError(signal, 'Opening the camera'));
    signal.addEventListener('abort', onAbort, { once: true });
    request
      .then(
        (stream) => (signal.aborted ? stopTracks(stream) : resolve(stream)),
        (error) => reject(cameraError(error)),
      )
      .finally(() => signal.removeEventListener('abort', onAbort));
  });
}

/** Tells of what the camera does by itself. */
function follow(track: MediaStreamTrack, { onLost, onMute }: OpenCameraOptions, signal: AbortSignal): void {
  track.addEventListener('ended', () => onLost?.(cameraLost()), { once: true, signal });
  track.addEventListener('mute', () => onMute?.(true), { signal });
  track.addEventListener('unmute', () => onMute?.(false), { signal });
}

function attach(video: HTMLVideoElement, stream: MediaStream): void {
  // Attributes, not only properties: WebKit looks at them when it decides whether a page may play without a tap.
  for (const name of ['playsinline', 'muted', 'autoplay']) video.setAttribute(name, '');
  video.muted = true;
  video.srcObject = stream;
}

function stopTracks(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}
