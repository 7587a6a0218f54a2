import { FingerspellError } from '../errors';
import type { Device } from './device';

/** Node's WASM has SIMD on x86 since 2008 and on every 64-bit ARM; its build does without the 34 kB for others. */
export async function createWasmDevice(_binary: ArrayBuffer, _simd: boolean): Promise<Device> {
  throw new FingerspellError(
    'backend-unavailable',
    'WebAssembly has no SIMD on this processor. Use the backend "cpu".',
  );
}
