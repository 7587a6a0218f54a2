import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu/dist/backend_cpu';

/** The CPU backend, which greets Node users on the console at its first use, without that: a guest does not. */
export function createQuietCpu(): MathBackendCPU {
  const backend = new MathBackendCPU();
  (backend as unknown as { firstUse: boolean }).firstUse = false;
  return backend;
}
