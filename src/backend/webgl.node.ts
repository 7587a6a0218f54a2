import { FingerspellError } from '../errors';
import type { Device } from './device';

/** Node has no WebGL; its build does without the 370 kB of kernels. */
export function createWebGLDevice(): Device {
  throw new FingerspellError('backend-unavailable', 'There is no WebGL in Node. Use the backend "wasm" or "auto".');
}
