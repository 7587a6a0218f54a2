import { BackendWasm } from '@tensorflow/tfjs-backend-wasm/dist/backend_wasm';
import '@tensorflow/tfjs-backend-wasm/dist/register_all_kernels';
import type { GuestBackend } from './guest';
import { startWasm } from './wasm-module';

export async function createWasmBackend(binary: ArrayBuffer): Promise<GuestBackend> {
  return { backend: new BackendWasm(await startWasm(binary)) };
}
