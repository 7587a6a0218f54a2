import { FingerspellError, type FingerspellErrorCode, isFingerspellError } from '../errors';

const DENIED =
  'Access to the camera was denied. Allow it for this page in the address bar and in the system settings, then try again.';
const IN_A_FRAME =
  ' This page is in a frame: its <iframe> needs allow="camera", and a sandboxed one allow-same-origin.';
const BY_HEADER = ' Its Permissions-Policy header forbids the camera: let it say camera=(self).';
const MISSING = 'No camera matches the request. Connect one, or ask for another, then try again.';
const BUSY = 'The camera did not start. Close other programs and tabs that use it, then try again.';
const UNSUPPORTED =
  'This page cannot use a camera. Open it over https:// or on localhost, in a browser with camera support.';

/** By the names of the exceptions that `getUserMedia` rejects with, those of older browsers included. */
const BY_NAME: Readonly<Record<string, readonly [FingerspellErrorCode, string]>> = {
  NotAllowedError: ['camera-denied', DENIED],
  SecurityError: ['camera-denied', DENIED],
  PermissionDeniedError: ['camera-denied', DENIED],
  NotFoundError: ['camera-missing', MISSING],
  DevicesNotFoundError: ['camera-missing', MISSING],
  OverconstrainedError: ['camera-missing', MISSING],
  ConstraintNotSatisfiedError: ['camera-missing', MISSING],
  NotReadableError: ['camera-busy', BUSY],
  TrackStartError: ['camera-busy', BUSY],
  AbortError: ['camera-busy', BUSY],
  NotSupportedError: ['camera-unsupported', UNSUPPORTED],
  InvalidStateError: ['camera-unsupported', UNSUPPORTED],
  TypeError: ['camera-unsupported', UNSUPPORTED],
};

/** The coded error for what `getUserMedia` rejected with, which becomes its cause. */
export function cameraError(cause: unknown): FingerspellError {
  if (isFingerspellError(cause)) return cause;
  const name = typeof cause === 'object' && cause !== null && 'name' in cause ? String(cause.name) : '';
  const [code, sentence] = BY_NAME[name] ?? ['camera-busy', BUSY];
  return new FingerspellError(code, sentence + (code === 'camera-denied' ? whoElseDenies() : ''), { cause });
}

/** What refuses is neither the user nor the system: in a frame mostly, elsewhere where Chromium says so. */
function whoElseDenies(): string {
  if (globalThis.self !== globalThis.top) return IN_A_FRAME;
  const page = globalThis.document as (Document & { featurePolicy?: FeaturePolicy }) | undefined;
  return page?.featurePolicy?.allowsFeature('camera') === false ? BY_HEADER : '';
}

/** Chromium's alone, and by its old name. */
interface FeaturePolicy {
  allowsFeature(name: string): boolean;
}

/** The error for a page without the camera API: an insecure one, or an old browser. */
export function cameraUnsupported(): FingerspellError {
  return new FingerspellError('camera-unsupported', UNSUPPORTED);
}

/** The error for a camera that stopped by itself. */
export function cameraLost(): FingerspellError {
  const sentence =
    'The camera stopped: it was unplugged, its permission was revoked, or the page ended it. Connect or allow it, and start again.';
  return new FingerspellError('camera-lost', sentence);
}
