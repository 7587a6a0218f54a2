import { BackendWasm } from '@tensorflow/tfjs-backend-wasm/dist/backend_wasm';
import { addConfig } from '@tensorflow/tfjs-backend-wasm/dist/kernels/Add';
import { avgPoolConfig } from '@tensorflow/tfjs-backend-wasm/dist/kernels/AvgPool';
import { fusedConv2DConfig } from '@tensorflow/tfjs-backend-wasm/dist/kernels/FusedConv2D';
import { fusedDepthwiseConv2DConfig } from '@tensorflow/tfjs-backend-wasm/dist/kernels/FusedDepthwiseConv2D';
import { maxPoolConfig } from '@tensorflow/tfjs-backend-wasm/dist/kernels/MaxPool';
import { padV2Config } from '@tensorflow/tfjs-backend-wasm/dist/kernels/PadV2';
import { reluConfig } from '@tensorflow/tfjs-backend-wasm/dist/kernels/Relu';
import { relu6Config } from '@tensorflow/tfjs-backend-wasm/dist/kernels/Relu6';
import { reshapeConfig } from '@tensorflow/tfjs-backend-wasm/dist/kernels/Reshape';
import { createDevice, type Device } from './device';
import { startWasm } from './wasm-module';

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

/**
 * A WASM device.
 *
 * @param binary - the content of `tfjs-backend-wasm-simd.wasm` or, without SIMD, of `tfjs-backend-wasm.wasm`
 */
export async function createWasmDevice(binary: ArrayBuffer, simd: boolean): Promise<Device> {
  const backend = new BackendWasm(await startWasm(binary));
  return createDevice('wasm', simd ? 'WebAssembly with SIMD' : 'WebAssembly without SIMD', backend, KERNELS);
}
