import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu/dist/backend_cpu';
import { addConfig } from '@tensorflow/tfjs-backend-cpu/dist/kernels/Add';
import { avgPoolConfig } from '@tensorflow/tfjs-backend-cpu/dist/kernels/AvgPool';
import { fusedConv2DConfig } from '@tensorflow/tfjs-backend-cpu/dist/kernels/FusedConv2D';
import { fusedDepthwiseConv2DConfig } from '@tensorflow/tfjs-backend-cpu/dist/kernels/FusedDepthwiseConv2D';
import { maxPoolConfig } from '@tensorflow/tfjs-backend-cpu/dist/kernels/MaxPool';
import { padV2Config } from '@tensorflow/tfjs-backend-cpu/dist/kernels/PadV2';
import { reluConfig } from '@tensorflow/tfjs-backend-cpu/dist/kernels/Relu';
import { relu6Config } from '@tensorflow/tfjs-backend-cpu/dist/kernels/Relu6';
import { reshapeConfig } from '@tensorflow/tfjs-backend-cpu/dist/kernels/Reshape';
import { createDevice, type Device } from './device';

const KERNELS = [
  addConfig,
  avgPoolConfig,
  fusedConv2DConfig,
  fusedDepthwiseConv2DConfig,
  maxPoolConfig,
  padV2Config,
  reluConfig,
  relu6Config,
  reshapeConfig,
];

/** A device in plain JavaScript: works everywhere, slowly. */
export function createCpuDevice(): Device {
  const backend = new MathBackendCPU();
  // The backend greets Node users on the console at its first use; a guest does not.
  (backend as unknown as { firstUse: boolean }).firstUse = false;
  return createDevice('cpu', 'plain JavaScript', backend, KERNELS);
}
