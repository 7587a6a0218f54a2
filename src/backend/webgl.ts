import { MathBackendWebGL } from '@tensorflow/tfjs-backend-webgl/dist/backend_webgl';
import { setWebGLContext } from '@tensorflow/tfjs-backend-webgl/dist/canvas_util';
import { GPGPUContext } from '@tensorflow/tfjs-backend-webgl/dist/gpgpu_context';
import { addConfig } from '@tensorflow/tfjs-backend-webgl/dist/kernels/Add';
import { avgPoolConfig } from '@tensorflow/tfjs-backend-webgl/dist/kernels/AvgPool';
import { fusedConv2DConfig } from '@tensorflow/tfjs-backend-webgl/dist/kernels/FusedConv2D';
import { fusedDepthwiseConv2DConfig } from '@tensorflow/tfjs-backend-webgl/dist/kernels/FusedDepthwiseConv2D';
import { maxPoolConfig } from '@tensorflow/tfjs-backend-webgl/dist/kernels/MaxPool';
import { padV2Config } from '@tensorflow/tfjs-backend-webgl/dist/kernels/PadV2';
import { reluConfig } from '@tensorflow/tfjs-backend-webgl/dist/kernels/Relu';
import { relu6Config } from '@tensorflow/tfjs-backend-webgl/dist/kernels/Relu6';
import { reshapeConfig } from '@tensorflow/tfjs-backend-webgl/dist/kernels/Reshape';
import { FingerspellError } from '../errors';
import { createDevice, type Device } from './device';
import { describeRenderer, getContext } from './webgl-probe';

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
  // tfjs would refuse software WebGL; whether to take it is not decided here.
  const gl = getContext({ antialias: false, depth: false, stencil: false, powerPreference: 'high-performance' });
  if (!gl) throw unavailable();
  // What the graphics processor can do is then asked of this context, not of a second one that tfjs would make and keep.
  setWebGLContext('texStorage2D' in gl ? 2 : 1, gl as WebGLRenderingContext);
  let backend: MathBackendWebGL;
  try {
    backend = new MathBackendWebGL(new GPGPUContext(gl));
  } catch (cause) {
    throw unavailable(cause);
  }
  const lost = new Promise<string>((resolve) => {
    gl.canvas.addEventListener('webglcontextlost', () => resolve('the WebGL context was lost'), { once: true });
  });
  const release = (): void => gl.getExtension('WEBGL_lose_context')?.loseContext();
  return createDevice('webgl', describeRenderer(gl), backend, KERNELS, { lost, release });
}

function unavailable(cause?: unknown): FingerspellError {
  return new FingerspellError('backend-unavailable', 'WebGL is not available here. Use the backend "wasm" or "auto".', {
    cause,
  });
}
