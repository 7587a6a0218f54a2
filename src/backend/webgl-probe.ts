/**
 * Whether WebGL runs on a graphics processor, and what is there, in words. Browsers keep a software renderer for pages
 * that must draw something; it is far slower than WASM.
 */
export function probeWebGL(): { readonly hardware: boolean; readonly available: boolean; readonly detail: string } {
  const none = { hardware: false, available: false, detail: 'no WebGL' };
  if (typeof OffscreenCanvas === 'undefined' && typeof document === 'undefined') return none;
  const fast = getContext({ failIfMajorPerformanceCaveat: true });
  const gl = fast ?? getContext({});
  if (!gl) return none;
  const detail = describeRenderer(gl);
  gl.getExtension('WEBGL_lose_context')?.loseContext();
  return { available: true, hardware: fast !== null && !SOFTWARE.test(detail), detail };
}

const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render|mesa offscreen/i;

/** The renderer's own name for itself. */
export function describeRenderer(gl: WebGLRenderingContext | WebGL2RenderingContext): string {
  const info = gl.getExtension('WEBGL_debug_renderer_info');
  return `WebGL on ${String(gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER))}`;
}

/** A WebGL 2 or 1 context on a canvas of its own, or null. */
export function getContext(attributes: WebGLContextAttributes): WebGL2RenderingContext | WebGLRenderingContext | null {
  try {
    const canvas = createCanvas() as HTMLCanvasElement;
    return canvas.getContext('webgl2', attributes) ?? canvas.getContext('webgl', attributes);
  } catch {
    return null;
  }
}

function createCanvas(): HTMLCanvasElement | OffscreenCanvas {
  return typeof OffscreenCanvas === 'undefined' ? document.createElement('canvas') : new OffscreenCanvas(300, 150);
}
