import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { defineConfig, type Options } from 'tsup';
import { slimModel, slimModelPlugin } from './scripts/slim-model.mjs';
import { tfjsPlugin } from './scripts/tfjs-plugin.mjs';

const entry = {
  index: 'src/index.ts',
  dom: 'adapters/dom/index.ts',
  react: 'adapters/react/index.ts',
};

const common: Options = {
  target: 'es2022',
  sourcemap: false,
  clean: false,
  // Without this the tarball has 4.5 MB unpacked: kernels are most of it, and everything is there for Node and browsers.
  minify: true,
  // Kernels are taken out of the backend packages one by one; tfjs-core stays the app's to deduplicate.
  noExternal: [/^@tensorflow\/tfjs-backend-/],
  esbuildPlugins: [tfjsPlugin, slimModelPlugin],
};

async function copyAssets(): Promise<void> {
  const wasm = 'node_modules/@tensorflow/tfjs-backend-wasm/dist';
  await mkdir('dist', { recursive: true });
  await Promise.all([
    copyFile(`${wasm}/tfjs-backend-wasm-simd.wasm`, 'dist/tfjs-backend-wasm-simd.wasm'),
    copyFile(`${wasm}/tfjs-backend-wasm.wasm`, 'dist/tfjs-backend-wasm.wasm'),
    copyFile('model/group1-shard1of1.bin', 'dist/model.bin'),
    copyFile('model/metadata.json', 'dist/metadata.json'),
    // With its shard's name in the package, so that any TensorFlow.js program can load dist/model.json.
    readFile('model/model.json', 'utf8').then((json) =>
      writeFile('dist/model.json', slimModel(json).replace('group1-shard1of1.bin', 'model.bin')),
    ),
  ]);
}

/** With `--no-dts`, as fast as esbuild. */
export default defineConfig((cli) => [
  {
    ...common,
    name: 'browser',
    entry,
    outDir: 'dist',
    format: 'esm',
    platform: 'browser',
    splitting: true,
    dts: cli.dts !== false,
    onSuccess: copyAssets,
  },
  {
    ...common,
    name: 'node',
    entry,
    outDir: 'dist/node',
    format: ['esm', 'cjs'],
    platform: 'node',
    splitting: true,
    shims: true,
    minify: false,
    dts: false,
    esbuildOptions(options) {
      // tsup splits CommonJS with a parser of its own, which breaks classes whose statements were joined by commas.
      options.minifyWhitespace = true;
      options.minifyIdentifiers = true;
      options.conditions = ['node'];
    },
  },
  {
    ...common,
    name: 'worker',
    entry: { worker: 'src/worker/worker.ts' },
    outDir: 'dist',
    format: 'esm',
    platform: 'browser',
    // One file that imports nothing: import maps do not reach workers, and Vite packs workers without chunks.
    splitting: false,
    noExternal: [/.*/],
    dts: false,
    esbuildOptions(options) {
      options.conditions = ['worker'];
    },
  },
  {
    ...common,
    name: 'global',
    entry: { 'asl-fingerspell': 'adapters/global.ts' },
    outDir: 'dist',
    format: 'iife',
    globalName: 'AslFingerspell',
    platform: 'browser',
    noExternal: [/.*/],
    dts: false,
    // A classic script has no import.meta; it knows its own address only while it first runs.
    define: { 'import.meta.url': 'scriptUrl' },
    inject: ['scripts/script-url.mjs'],
    outExtension: () => ({ js: '.global.js' }),
  },
]);
