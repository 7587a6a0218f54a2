import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { defineConfig, type Options } from 'tsup';
import { slimModel, slimModelPlugin } from './scripts/slim-model.mjs';
import { layersRuntimePlugin, noLayersRuntimePlugin, privateTfjsPlugin, tfjsPlugin } from './scripts/tfjs-plugin.mjs';

const entry = {
  index: 'src/index.ts',
  dom: 'adapters/dom/index.ts',
  element: 'adapters/element/index.ts',
  react: 'adapters/react/index.ts',
};

const common: Options = {
  target: 'es2022',
  sourcemap: false,
  clean: false,
  // Kernels are most of the package, and everything is there for Node, for bundlers and for pages without one.
  minify: true,
  dts: false,
  // Kernels are taken out of the backend packages one by one; tfjs-core stays the app's to deduplicate.
  noExternal: [/^@tensorflow\/tfjs-backend-/],
  esbuildPlugins: [tfjsPlugin, slimModelPlugin, layersRuntimePlugin('./layers-runtime.js')],
  esbuildOptions: carryNoLicences,
};

/** THIRD_PARTY_NOTICES.md has them. */
function carryNoLicences(options: { legalComments?: string }): void {
  options.legalComments = 'none';
}

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

/** tsup makes `require()` of every `import()` in CommonJS, but Node 20 requires no modules. */
async function importLayersRuntime(): Promise<void> {
  const names = (await readdir('dist/node')).filter((name) => /^layers-fallback-.*\.cjs$/.test(name));
  for (const name of names) {
    const code = await readFile(`dist/node/${name}`, 'utf8');
    const required = /Promise\.resolve\(\)\.then\(\(\) => \w+\(require\(("[^"]*layers-runtime\.js")\)\)\)/;
    await writeFile(`dist/node/${name}`, code.replace(required, 'import($1)'));
    if (!(await readFile(`dist/node/${name}`, 'utf8')).includes('import("../layers-runtime.js")')) {
      throw new Error(`dist/node/${name} does not import layers-runtime.js.`);
    }
  }
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
    esbuildPlugins: [tfjsPlugin, layersRuntimePlugin('../layers-runtime.js')],
    minify: false,
    esbuildOptions(options) {
      carryNoLicences(options);
      options.conditions = ['node'];
      // Not `minifySyntax`: tsup makes CommonJS with a parser of its own, which breaks classes with fields whose
      // statements were joined by commas (`super(…), this.x = …`).
      options.minifyWhitespace = true;
      options.minifyIdentifiers = true;
    },
    onSuccess: importLayersRuntime,
  },
  {
    ...common,
    // Models with layers that the plan does not know load this, in every one of the other builds. It needs nothing else.
    name: 'layers',
    entry: { 'layers-runtime': 'src/inference/layers-runtime.ts' },
    outDir: 'dist',
    format: 'esm',
    platform: 'browser',
    splitting: true,
    noExternal: [/.*/],
    esbuildPlugins: [tfjsPlugin, privateTfjsPlugin],
    esbuildOptions(options) {
      carryNoLicences(options);
      options.mainFields = ['module', 'main'];
    },
    // Bundlers that are told of no side effects would warn of them: what they load is loaded by name as well.
    plugins: [{ name: 'bare-imports', renderChunk: (code) => ({ code: code.replaceAll(/import"\.\/[^"]+";/g, '') }) }],
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
    esbuildPlugins: [tfjsPlugin, slimModelPlugin, noLayersRuntimePlugin],
    esbuildOptions(options) {
      carryNoLicences(options);
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
    // A classic script has no import.meta; it knows its own address only while it first runs.
    define: { 'import.meta.url': 'scriptUrl' },
    inject: ['scripts/script-url.mjs'],
    outExtension: () => ({ js: '.global.js' }),
  },
  {
    ...common,
    name: 'module',
    entry: { 'asl-fingerspell': 'adapters/global.ts' },
    outDir: 'dist',
    format: 'esm',
    platform: 'browser',
    // For pages without a bundler: one file with everything in it, which finds its assets beside itself.
    noExternal: [/.*/],
    splitting: false,
    outExtension: () => ({ js: '.esm.js' }),
  },
]);
