import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { defineConfig, type Options } from 'tsup';
import { kernelsPlugin } from './scripts/kernels-plugin.mjs';
import { slimModel, slimModelPlugin } from './scripts/slim-model.mjs';
import { stylePlugin } from './scripts/style-plugin.mjs';
import {
  besidePlugin,
  besideScriptPlugin,
  layersRuntimePlugin,
  noLayersRuntimePlugin,
  privateTfjsPlugin,
  requirePlugin,
  tfjsPlugin,
} from './scripts/tfjs-plugin.mjs';

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
  // Kernels are taken out of the backend packages one by one, and of tfjs-core only what they use.
  noExternal: [/^@tensorflow\//],
  esbuildPlugins: [
    tfjsPlugin,
    privateTfjsPlugin,
    slimModelPlugin,
    kernelsPlugin,
    stylePlugin,
    layersRuntimePlugin('./layers-runtime.js'),
  ],
  esbuildOptions: carryNoLicences,
};

const node: Options = {
  ...common,
  entry,
  outDir: 'dist/node',
  platform: 'node',
  splitting: true,
  esbuildPlugins: [
    tfjsPlugin,
    privateTfjsPlugin,
    stylePlugin,
    layersRuntimePlugin('../layers-runtime.js'),
    besidePlugin(/^#binaries$/, '../kernels.js'),
    besidePlugin(/[\\/]model[\\/]prepare$/, '../prepare.js'),
  ],
  minify: false,
  esbuildOptions(options) {
    carryNoLicences(options);
    options.conditions = ['node'];
    // Not `minifySyntax`: tsup makes CommonJS with a parser of its own, which breaks classes with fields whose
    // statements were joined by commas (`super(…), this.x = …`).
    options.minifyWhitespace = true;
    options.minifyIdentifiers = true;
  },
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
async function importModules(): Promise<void> {
  for (const [importer, module] of [
    [/^layers-fallback-.*\.cjs$/, '../layers-runtime.js'],
    [/^(index|chunk-.*)\.cjs$/, './backends.js'],
    [/^(index|chunk-.*)\.cjs$/, '../prepare.js'],
    [/^client-.*\.cjs$/, '../kernels.js'],
  ] as const) {
    let count = 0;
    for (const name of (await readdir('dist/node')).filter((file) => importer.test(file))) {
      const code = await readFile(`dist/node/${name}`, 'utf8');
      const required = /Promise\.resolve\(\)\.then\(\(\) ?=> ?\w+\(require\(("[^"]*")\)\)\)/g;
      const imported = code.replaceAll(required, (whole, file) => {
        if (file !== JSON.stringify(module)) return whole;
        count++;
        return `import(${file})`;
      });
      await writeFile(`dist/node/${name}`, imported);
    }
    if (count === 0) throw new Error(`Nothing in dist/node imports ${module}.`);
  }
}

/** With `--no-dts`, as fast as esbuild. */
export default defineConfig((cli) => [
  {
    ...common,
    name: 'browser',
    entry: {
      ...entry,
      // For pages without a bundler: everything there is, and its assets beside it.
      'asl-fingerspell.esm': 'adapters/global.ts',
      // The plain script loads these on demand, and of the backends only the one that is chosen.
      backends: 'src/backend/select.ts',
      // Node loads this as well, and the kernels.
      prepare: 'src/model/prepare.ts',
      shipped: 'src/model/shipped.ts',
      kernels: 'src/inference/kernels/binaries.ts',
    },
    outDir: 'dist',
    format: 'esm',
    platform: 'browser',
    splitting: true,
    dts: cli.dts !== false && { entry },
    onSuccess: copyAssets,
  },
  {
    ...node,
    name: 'node',
    entry: { ...entry, backends: 'src/backend/select.ts' },
    format: 'esm',
    minify: true,
  },
  {
    ...node,
    name: 'require',
    format: 'cjs',
    esbuildPlugins: [
      ...(node.esbuildPlugins ?? []),
      requirePlugin,
      // What computes is loaded on demand, which a module can be: it is there once for both.
      besidePlugin(/[\\/]backend[\\/]select$/, './backends.js'),
    ],
    onSuccess: importModules,
  },
  {
    ...common,
    name: 'layers',
    // Models with layers that the plan does not know load this, in every one of the other builds. It needs nothing else.
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
    esbuildPlugins: [tfjsPlugin, privateTfjsPlugin, slimModelPlugin, noLayersRuntimePlugin],
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
    esbuildPlugins: [
      ...(common.esbuildPlugins ?? []),
      besideScriptPlugin({
        'layers-runtime': './layers-runtime.js',
        select: './backends.js',
        prepare: './prepare.js',
        '#shipped': './shipped.js',
        '#binaries': './kernels.js',
      }),
    ],
    outExtension: () => ({ js: '.global.js' }),
  },
]);
