import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu/dist/backend_cpu';
import '@tensorflow/tfjs-backend-cpu/dist/register_all_kernels';
import type { GuestBackend } from './guest';

export function createCpuBackend(): GuestBackend {
  const backend = new MathBackendCPU();
  // The backend greets Node users on the console at its first use; a guest does not.
  (backend as unknown as { firstUse: boolean }).firstUse = false;
  return { backend };
}
