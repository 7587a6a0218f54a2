import path from 'node:path';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { CHROMIUM_ARGS, findChromium } from './scripts/chromium.mjs';
import { kernelsVitePlugin } from './scripts/kernels-plugin.mjs';
import { commands } from './test/support/commands.ts';

const root = import.meta.dirname;
const built = (folder: string) => ({
  'asl-fingerspell/dom': path.join(root, folder, 'dom.js'),
  'asl-fingerspell/element': path.join(root, folder, 'element.js'),
  'asl-fingerspell/react': path.join(root, folder, 'react.js'),
  'asl-fingerspell': path.join(root, folder, 'index.js'),
});

// Found by Vite while the tests already run, these would make it reload the page in their midst.
const kernels = [
  'Add',
  'AvgPool',
  'FusedConv2D',
  'FusedDepthwiseConv2D',
  'MaxPool',
  'PadV2',
  'Relu',
  'Relu6',
  'Reshape',
];
const deepTfjs = ['cpu', 'wasm', 'webgl'].flatMap((backend) =>
  [`backend_${backend}`, ...kernels.map((kernel) => `kernels/${kernel}`)].map(
    (file) => `@tensorflow/tfjs-backend-${backend}/dist/${file}`,
  ),
);

/** Installing and bundling keep a small machine busy: one after the other. */
const packaging = {
  globalSetup: ['test/packaging/support/setup.ts'],
  testTimeout: 900_000,
  hookTimeout: 600_000,
  fileParallelism: false,
};

/**
 * `unit`: rules and files, in Node. `browser`: in real Chromium. `e2e` and `packaging`: programs that drive a browser,
 * npm or a bundler themselves; `packaging-full`: many of them, which takes long. Tests import `asl-fingerspell` for the built package and `../../src/…` for inner parts.
 */
export default defineConfig({
  test: {
    projects: [
      {
        plugins: [kernelsVitePlugin],
        resolve: { alias: built('dist/node') },
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          testTimeout: 30_000,
          server: { deps: { external: [/[\\/]dist[\\/]node[\\/]/] } },
        },
      },
      {
        plugins: [kernelsVitePlugin],
        // By its path: the optimizer takes the stub folder of our own entry, react/, for it.
        resolve: { alias: { ...built('dist'), react: path.join(root, 'node_modules/react') } },
        server: { fs: { allow: [root, path.resolve(root, '../shared')] } },
        optimizeDeps: {
          include: [
            '@tensorflow/tfjs-core',
            '@tensorflow/tfjs-layers',
            '@tensorflow/tfjs-backend-cpu',
            '@tensorflow/tfjs-backend-wasm',
            '@tensorflow/tfjs-backend-webgl',
            '@tensorflow/tfjs-backend-webgl/dist/canvas_util',
            '@tensorflow/tfjs-backend-webgl/dist/gpgpu_context',
            '@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm.js',
            ...deepTfjs,
            'fast-check',
            'react',
            'react-dom/client',
            'react/jsx-dev-runtime',
            'react/jsx-runtime',
            'jpeg-js',
          ],
        },
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.{ts,tsx}'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({
              launchOptions: { executablePath: findChromium() ?? 'chromium', args: CHROMIUM_ARGS },
              contextOptions: { permissions: ['camera'] },
            }),
            instances: [{ browser: 'chromium' }],
            commands,
          },
        },
      },
      {
        resolve: { alias: built('dist/node') },
        test: { name: 'e2e', include: ['test/e2e/**/*.test.ts'], testTimeout: 180_000, hookTimeout: 120_000 },
      },
      {
        test: { name: 'packaging', include: ['test/packaging/**/*.test.ts'], ...packaging },
      },
      {
        test: { name: 'packaging-full', include: ['test/packaging-full/**/*.test.ts'], ...packaging },
      },
    ],
  },
});
