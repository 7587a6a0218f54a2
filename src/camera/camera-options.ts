import { invalidOption, requireObject, show } from '../guards';

/**
 * Which camera to open and how.
 *
 * @public
 */
export interface CameraOptions {
  /**
   * The camera, by {@link CameraInfo.deviceId}; takes precedence over `facingMode`. An empty one (all that a page gets to see
   * before it has permission) counts as none.
   * @defaultValue any camera that fits `facingMode`
   */
  readonly deviceId?: string | undefined;
  /**
   * The side of a phone that the camera should be on: `'user'` sees the person who holds it. A preference: a device
   * that only has another camera gives that one.
   * @defaultValue 'user'
   */
  readonly facingMode?: 'user' | 'environment' | undefined;
  /**
   * Preferred width of the picture, px; the camera's nearest is taken.
   * @defaultValue 640
   */
  readonly width?: number | undefined;
  /**
   * Preferred height of the picture, px; the camera's nearest is taken.
   * @defaultValue 480
   */
  readonly height?: number | undefined;
  /**
   * How long the first picture may take once the camera is permitted, in ms; the count starts anew when a hidden page is
   * shown again. `Infinity` waits forever.
   * @defaultValue 10000
   */
  readonly timeoutMs?: number | undefined;
}

/** {@link CameraOptions} with every default filled in. */
export interface ResolvedCameraOptions {
  readonly deviceId: string | null;
  readonly facingMode: 'user' | 'environment';
  readonly width: number;
  readonly height: number;
  readonly timeoutMs: number;
}

/** Fills in the defaults and throws `invalid-option` for a value that is not allowed. */
export function resolveCameraOptions(options: CameraOptions): ResolvedCameraOptions {
  requireObject(options, 'The options of a camera');
  const { deviceId = '', facingMode = 'user', width = 640, height = 480, timeoutMs = 10_000 } = options;
  if (typeof deviceId !== 'string') fail('deviceId', 'must be a string', deviceId);
  if (facingMode !== 'user' && facingMode !== 'environment') {
    fail('facingMode', "must be 'user' or 'environment'", facingMode);
  }
  for (const [name, value] of Object.entries({ width, height })) {
    if (!(Number.isFinite(value) && value > 0)) fail(name, 'must be a finite number above 0', value);
  }
  if (!(typeof timeoutMs === 'number' && timeoutMs > 0)) fail('timeoutMs', 'must be a number above 0', timeoutMs);
  return { deviceId: deviceId === '' ? null : deviceId, facingMode, width, height, timeoutMs };
}

/** What `getUserMedia` is asked for. */
export function cameraConstraints(options: ResolvedCameraOptions): MediaStreamConstraints {
  const size = { width: { ideal: options.width }, height: { ideal: options.height } };
  const which =
    options.deviceId === null ? { facingMode: options.facingMode } : { deviceId: { exact: options.deviceId } };
  return { audio: false, video: { ...which, ...size } };
}

function fail(name: string, rule: string, value: unknown): never {
  throw invalidOption(`Camera option ${name} ${rule}, but got ${show(value)}`);
}
