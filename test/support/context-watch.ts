/** Every WebGL context that the page made while it was watched. */
export interface ContextWatch {
  readonly contexts: readonly WebGL2RenderingContext[];
  /** Contexts that still hold their resources. */
  alive(): WebGL2RenderingContext[];
  /** Textures that were made and neither deleted nor lost with their context. */
  textures(): number;
  restore(): void;
}

/** Watches `getContext` of both canvas classes; `deny` makes WebGL fail, as where it is blocked. */
export function watchContexts({ deny = false } = {}): ContextWatch {
  const contexts: WebGL2RenderingContext[] = [];
  const balance = new Map<WebGL2RenderingContext, Set<WebGLTexture>>();
  const classes = [HTMLCanvasElement, OffscreenCanvas];
  const originals = classes.map(({ prototype }) => prototype.getContext);
  for (const [i, { prototype }] of classes.entries()) {
    const original = originals[i] as (this: unknown, kind: string, ...rest: unknown[]) => unknown;
    prototype.getContext = function (this: unknown, kind: string, ...rest: unknown[]) {
      const isWebGL = kind.startsWith('webgl');
      if (isWebGL && deny) return null;
      const context = original.call(this, kind, ...rest) as WebGL2RenderingContext | null;
      if (isWebGL && context && !contexts.includes(context)) {
        contexts.push(context);
        balance.set(context, countTextures(context));
      }
      return context;
    } as never;
  }
  const alive = () => contexts.filter((context) => !context.isContextLost());
  return {
    contexts,
    alive,
    textures: () => alive().reduce((sum, context) => sum + (balance.get(context)?.size ?? 0), 0),
    restore() {
      for (const [i, { prototype }] of classes.entries()) prototype.getContext = originals[i] as never;
    },
  };
}

function countTextures(gl: WebGL2RenderingContext): Set<WebGLTexture> {
  const textures = new Set<WebGLTexture>();
  const [create, remove] = [gl.createTexture.bind(gl), gl.deleteTexture.bind(gl)];
  gl.createTexture = () => {
    const texture = create();
    textures.add(texture);
    return texture;
  };
  gl.deleteTexture = (texture) => {
    if (texture) textures.delete(texture);
    remove(texture);
  };
  return textures;
}
