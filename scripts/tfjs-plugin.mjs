import { readFile } from 'node:fs/promises';

/**
 * An esbuild plugin that takes from the WASM backend only what we run.
 *
 * - The threaded glue and its worker are left out: they are 58 kB that nothing here starts.
 * - The plain glue loses its Node branch, which would `require('fs')` in browsers' bundles, read from disk by itself
 *   and take over the process's exception handlers. It gets its binary from us.
 */
export const tfjsPlugin = {
  name: 'tfjs-wasm-glue',
  setup(build) {
    build.onLoad({ filter: /wasm-out[\\/]tfjs-backend-wasm-threaded-simd(\.worker)?\.js$/ }, () => ({
      contents: 'export default undefined; export const wasmWorkerContents = "";',
      loader: 'js',
    }));
    build.onLoad({ filter: /wasm-out[\\/]tfjs-backend-wasm\.js$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      const isNode =
        'typeof process=="object"&&typeof process.versions=="object"&&typeof process.versions.node=="string"';
      if (!source.includes(isNode)) throw new Error(`${path} is not the glue that this build knows.`);
      const browserOnly = source
        .replace(isNode, 'false')
        .replaceAll(/require\("(fs|path)"\)/g, 'undefined')
        .replace("if (typeof __filename !== 'undefined') _scriptDir = _scriptDir || __filename;", '');
      return { contents: browserOnly, loader: 'js' };
    });
  },
};
