import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What the glue says of Node, so that nothing is left of it: some bundlers want a polyfill for every `process`. */
const NODE_BRANCHES = [
  [
    'var ENVIRONMENT_IS_NODE=typeof process=="object"&&typeof process.versions=="object"&&typeof process.versions.node=="string";',
    '',
  ],
  ['ENVIRONMENT_IS_NODE', 'false'],
  ['typeof process!=="undefined"&&process.listeners', 'false'],
  ['if(beforeListeners)', 'if(false)'],
  ['if(listenersAdded)', 'if(false)'],
  ["if (typeof __filename !== 'undefined') _scriptDir = _scriptDir || __filename;", ''],
];

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
      const browserOnly = NODE_BRANCHES.reduce((text, [found, put]) => {
        if (!text.includes(found)) throw new Error(`${path} is not the glue that this build knows: ${found}`);
        return text.replaceAll(found, put);
      }, source).replaceAll(/require\("(fs|path)"\)/g, 'undefined');
      return { contents: browserOnly, loader: 'js' };
    });
  },
};

// Kernels for training, sound, text, graphs of dynamic shape and points in space: no layer of a classifier calls them.
const NOT_FOR_CLASSIFIERS =
  /grad$|backprop(?!Input$)|3D|^(i?fft|rfft|irfft|sparse|ragged|string|static|nonMax|bincount|denseBincount|multinomial|dilation2D|erosion|rotate|flipLeft|transform|unique|where|scatter|tensorScatter|gatherNd|topK|einsum|linSpace|range|searchSorted|bitwise|draw|fromPixels|lowerBound|upperBound|lRN|lrn|cumsum|cumprod|diag|complex|real$|imag|isNan|isInf|isFinite|a(cos|sin|tan)|sinh?$|cosh?$|tan$|depthToSpace|spaceToBatch|batchToSpace|cropAndResize|mirrorPad|roll|round|logical(Not|Or|Xor)|floorDiv|mod$|prod$|all$|any$|argMin|oneHot|checkNumerics|asin|log1p|maxPoolWithArgmax|reverse)/i;

/** What only training calls, but modules name. */
const STAND_INS = [
  [/tfjs-core[\\/]dist[\\/]optimizers[\\/]register_optimizers\.js$/, 'export function registerOptimizers() {}'],
  [/tfjs-core[\\/]dist[\\/]optimizers[\\/]optimizer_constructors\.js$/, 'export class OptimizerConstructors {}'],
  [/tfjs-layers[\\/]dist[\\/]engine[\\/]training_dataset\.js$/, 'module.exports = {};'],
  // Only tensors of strings are hashed.
  [/tfjs-core[\\/]dist[\\/]hash_util\.js$/, 'export {};'],
  [/tfjs-core[\\/]dist[\\/](backends[\\/]einsum_util|ops[\\/]ragged_to_dense_util)\.js$/, 'export {};'],
  [/seedrandom[\\/]index\.js$/, 'module.exports = { alea: () => Math.random };'],
];

/**
 * An esbuild plugin that gives a bundle a tfjs-core of its own: engine, kernels and flags, which tfjs-core keeps on the
 * global object for all its copies to share, are kept in the bundle. Gradients stay out, and what stores and loads models;
 * so do the platforms, which look for Node's modules.
 */
export const privateTfjsPlugin = {
  name: 'private-tfjs',
  setup(build) {
    build.onLoad({ filter: /tfjs-core[\\/]dist[\\/]global_util\.js$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      const start = source.indexOf('export function getGlobalNamespace()');
      const end = source.indexOf('function getGlobalMap()');
      if (start < 0 || end < start) throw new Error(`${path} is not the file that this build knows.`);
      const own = 'const own = {};\nexport function getGlobalNamespace() { return own; }\n';
      return { contents: `${source.slice(0, start)}${own}${source.slice(end)}`, loader: 'js' };
    });
    build.onLoad({ filter: /tfjs-backend-\w+[\\/]dist[\\/]register_all_kernels\.js$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      const lines = source.split('\n').filter((line) => {
        const name = /^import \{ \w+ as (\w+)Config|^import \{ (\w+)Config|^\s+(\w+)Config,?$/.exec(line);
        return !name || !NOT_FOR_CLASSIFIERS.test(name[1] ?? name[2] ?? name[3]);
      });
      return { contents: lines.join('\n'), loader: 'js' };
    });
    // One object of all CPU kernels, taken apart: a bundler cannot see which of them nobody calls.
    build.onLoad({ filter: /tfjs-backend-webgl[\\/]dist[\\/]kernel_utils[\\/]shared\.js$/ }, async ({ path }) => {
      const names = /const \{(.*?),? *\} = shared;/s.exec(await readFile(path, 'utf8'))?.[1];
      if (!names) throw new Error(`${path} is not the file that this build knows.`);
      const contents = `export { ${names.replaceAll(':', ' as')} } from '@tensorflow/tfjs-backend-cpu/dist/shared';`;
      return { contents, loader: 'js', resolveDir: dirname(path) };
    });
    // Shaders are texts, which no minifier shortens: a tenth of the WebGL files is their indentation and comments.
    build.onLoad({ filter: /tfjs-backend-webgl[\\/]dist[\\/].*\.js$/ }, async ({ path }) => {
      const contents = (await readFile(path, 'utf8')).replaceAll(/\s*\n(\s*\/\/.*\n)*\s*/g, '\n');
      return { contents, loader: 'js' };
    });
    const unused =
      /tfjs-core[\\/]dist[\\/](platforms[\\/]platform_\w+|register_all_gradients|io[\\/](io|http|indexed_db|local_storage|browser_files))\.js$/;
    build.onLoad({ filter: unused }, () => ({ contents: 'export {};', loader: 'js' }));
    for (const [filter, contents] of STAND_INS) build.onLoad({ filter }, () => ({ contents, loader: 'js' }));
  },
};

/**
 * An esbuild plugin that leaves a module where it is: a bundle of its own, loaded on demand.
 *
 * @param {RegExp} name - how it is imported
 * @param {string} file - its address relative to the bundle
 */
export function besidePlugin(name, file) {
  return {
    name: `beside ${file}`,
    setup(build) {
      build.onResolve({ filter: name }, ({ kind }) =>
        kind === 'dynamic-import' ? { path: file, external: true } : null,
      );
    },
  };
}

/**
 * {@link besidePlugin} for a classic script: it names each file in full, beside itself. A relative address in it would
 * be one of nowhere wherever the script comes from another origin.
 *
 * @param {Record<string, string>} files - by the end of the module's name in our source, the file beside the script
 */
export function besideScriptPlugin(files) {
  const names = Object.keys(files).join('|');
  const imported = new RegExp(`\\bimport\\('(?:[./\\w-]*/)?(${names})'\\)`, 'g');
  return {
    name: 'beside the script',
    setup(build) {
      const found = new Set();
      build.onLoad({ filter: /[\\/]src[\\/].*\.ts$/ }, async ({ path }) => {
        const code = await readFile(path, 'utf8');
        const contents = code.replaceAll(imported, (_, name) => {
          found.add(name);
          return `import(new URL('${files[name]}', import.meta.url).href)`;
        });
        return contents === code ? null : { contents, loader: 'ts' };
      });
      build.onEnd(() => {
        const missing = Object.keys(files).filter((name) => !found.has(name));
        return missing.length > 0 ? { errors: [{ text: `Nothing imports ${missing.join(', ')}.` }] } : null;
      });
    },
  };
}

/**
 * The fallback to tfjs-layers, left where it is.
 *
 * @param {string} file - its address relative to the bundle
 */
export const layersRuntimePlugin = (file) => besidePlugin(/[\\/]layers-runtime$/, file);

/**
 * An esbuild plugin for the worker, which has to be one file: models that need tfjs-layers are refused there.
 */
export const noLayersRuntimePlugin = {
  name: 'no-layers-runtime',
  setup(build) {
    const path = fileURLToPath(new URL('../src/inference/layers-runtime.worker.ts', import.meta.url));
    build.onResolve({ filter: /[\\/]layers-runtime$/ }, () => ({ path }));
  },
};

/** CommonJS has a module of its own to say where the package's files are: it has no `import.meta`. */
export const requirePlugin = {
  name: 'require',
  setup(build) {
    build.onResolve({ filter: /^\.\/package-files$/ }, ({ resolveDir }) => ({
      path: join(resolveDir, 'package-files.require.ts'),
    }));
  },
};
