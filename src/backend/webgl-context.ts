import { setWebGLContext } from '@tensorflow/tfjs-backend-webgl/dist/canvas_util';
import { GPGPUContext } from '@tensorflow/tfjs-backend-webgl/dist/gpgpu_context';
import { FingerspellError } from '../errors';
import { describeRenderer, getContext } from './webgl-probe';

/** A WebGL context of our own, as tfjs wraps it. */
export interface WebGLContext {
  readonly context: GPGPUContext;
  /** The renderer's name. */
  readonly detail: string;
  /** Resolves with the reason when the browser takes the context away. */
  readonly lost: Promise<string>;
  /** Gives its memory back. */
  readonly release: () => void;
}

/** Opens a context on a canvas of its own. Runs on software WebGL as well, slowly. */
export function openWebGL(): WebGLContext {
  // tfjs would refuse software WebGL; whether to take it is not decided here.
  const gl = getContext({ antialias: false, depth: false, stencil: false, powerPreference: 'high-performance' });
  if (!gl) throw unavailable();
  // What the graphics processor can do is then asked of this context, not of a second one that tfjs would make and keep.
  setWebGLContext('texStorage2D' in gl ? 2 : 1, gl as WebGLRenderingContext);
  const release = (): void => gl.getExtension('WEBGL_lose_context')?.loseContext();
  const lost = new Promise<string>((resolve) => {
    gl.canvas.addEventListener('webglcontextlost', () => resolve('the WebGL context was lost'), { once: true });
  });
  try {
    return { context: new GPGPUContext(gl), detail: describeRenderer(gl), lost, release };
  } catch (cause) {
    release();
    throw unavailable(cause);
  }
}

export function unavailable(cause?: unknown): FingerspellError {
  return new FingerspellError('backend-unavailable', 'WebGL is not available here. Use the backend "wasm" or "auto".', {
    cause,
  });
}
