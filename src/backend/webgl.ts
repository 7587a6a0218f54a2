import { MathBackendWebGL } from '@tensorflow/tfjs-backend-webgl/dist/backend_webgl';
import { addConfig } from '@tensorflow/tfjs-backend-webgl/dist/kernels/Add';
import { avgPoolConfig } from '@tensorflow/tfjs-backend-webgl/dist/kernels/AvgPool';
import { fusedConv2DConfig } from '@tensorflow/tfjs-backend-webgl/dist/kernels/FusedConv2D';
import { fusedDepthwiseConv2DConfig } from '@tensorflow/tfjs-backend-webgl/dist/kernels/FusedDepthwiseConv2D';
import { maxPoolConfig } from '@tensorflow/tfjs-backend-webgl/dist/kernels/MaxPool';
import { padV2Config } from '@tensorflow/tfjs-backend-webgl/dist/kernels/PadV2';
import { reluConfig } from '@tensorflow/tfjs-backend-webgl/dist/kernels/Relu';
import { relu6Config } from '@tensorflow/tfjs-backend-webgl/dist/kernels/Relu6';
import { reshapeConfig } from '@tensorflow/tfjs-backend-webgl/dist/kernels/Reshape';
import { createDevice, type Device } from './device';
import { openWebGL, unavailable } from './webgl-context';

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

/** A WebGL device with a context and canvas of its own. Runs on software WebGL as well, slowly. */
export function createWebGLDevice(): Device {
  const { context, detail, lost, release } = openWebGL();
  try {
    return createDevice('webgl', detail, new MathBackendWebGL(context), KERNELS, { lost, release });
  } catch (cause) {
    release();
    throw unavailable(cause);
  }
}
