import { cameraError, cameraUnsupported } from './camera-errors';

/**
 * A camera that can be chosen.
 *
 * @public
 */
export interface CameraInfo {
  /** What {@link CameraOptions.deviceId} takes. Empty before the page had permission to use a camera. */
  readonly deviceId: string;
  /** The camera's name for people; `Camera 1` and so on before the page had permission. */
  readonly label: string;
}

/**
 * The cameras of this device. It asks for no permission; until the page has one, browsers hide names and ids.
 *
 * @throws {@link FingerspellError} `camera-unsupported` where the page cannot use a camera at all.
 *
 * @public
 */
export async function listCameras(): Promise<readonly CameraInfo[]> {
  const devices = await mediaDevices()
    .enumerateDevices()
    .catch((error) => Promise.reject(cameraError(error)));
  return devices
    .filter(({ kind }) => kind === 'videoinput')
    .map(({ deviceId, label }, index) => ({ deviceId, label: label || `Camera ${index + 1}` }));
}

/**
 * Calls `listener` with the list of cameras whenever one is connected or removed; not right away.
 *
 * @returns A function that ends it. It may be called again.
 * @throws {@link FingerspellError} `camera-unsupported` where the page cannot use a camera at all.
 *
 * @public
 */
export function watchCameras(listener: (cameras: readonly CameraInfo[]) => void): () => void {
  const devices = mediaDevices();
  let latest = 0;
  let isOver = false;
  const onChange = async () => {
    const turn = ++latest;
    const cameras = await listCameras().catch(() => null);
    // Several changes in a row (one device may be many) are answered once, with the newest list.
    if (!isOver && turn === latest && cameras !== null) listener(cameras);
  };
  devices.addEventListener('devicechange', onChange);
  return () => {
    isOver = true;
    devices.removeEventListener('devicechange', onChange);
  };
}

/** The browser's way to its cameras. */
export function mediaDevices(): MediaDevices {
  // The types promise it, but a page that came over http: has none.
  const devices = globalThis.navigator?.mediaDevices as MediaDevices | undefined;
  if (devices?.getUserMedia === undefined) throw cameraUnsupported();
  return devices;
}
