import { MathBackendWebGL } from '@tensorflow/tfjs-backend-webgl/dist/backend_webgl';
import '@tensorflow/tfjs-backend-webgl/dist/register_all_kernels';
import type { GuestBackend } from './guest';
import { openWebGL } from './webgl-context';

export function createWebGLBackend(): GuestBackend {
  const { context, lost, release } = openWebGL();
  return { backend: new MathBackendWebGL(context), lost, release };
}
