import '@tensorflow/tfjs-backend-cpu/dist/register_all_kernels';
import type { GuestBackend } from './guest';
import { createQuietCpu } from './quiet-cpu';

export function createCpuBackend(): GuestBackend {
  return { backend: createQuietCpu() };
}
