import { copyFileSync, readFileSync, rmSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { ISOLATION, serve } from '../../scripts/serve.mjs';
import { App, freePort } from '../packaging/support/app';
import { visit } from '../packaging/support/camera';
import { ISOLATED_REPORT, makeBitmap, NOISE_REPORT, noisePage, READ_PICTURE } from '../packaging/support/noise-app';
import { startChromium } from '../support/browse';
import { DOCUMENTS, ESBUILD, PARCEL, PNPM, REACT_19, ROLLUP, VITES, WEBPACK } from './versions';

const MAIN = `import { FingerspellRecognizer } from 'asl-fingerspell';${READ_PICTURE}`;
/** The app's own worker, which uses the library. */
const WORKER = `import { FingerspellRecognizer } from 'asl-fingerspell';
addEventListener('message', async ({ data }) => {
  const recognizer = await FingerspellRecognizer.load();
  const { predictions } = await recognizer.classify(data);
  postMessage({ backend: recognizer.backend, top: predictions.length });
});`;
const USE_WORKER = `const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
worker.addEventListener('message', ({ data }) => {
  document.getElementById('answer').textContent = JSON.stringify(data);
});
const picture = document.getElementById('picture');
picture.decode().then(() => createImageBitmap(picture)).then((bitmap) => worker.postMessage(bitmap));`;
const FILES = ['model.bin', 'tfjs-backend-wasm-simd.wasm', 'tfjs-backend-wasm.wasm', 'worker.js'];

let browser: Browser;
let app: App;
beforeAll(async () => {
  browser = await startChromium();
  const tools = { rollup: '4.67.4', '@rollup/plugin-node-resolve': '16.0.3', ...ESBUILD, ...PARCEL, ...WEBPACK };
  app = await App.make('bundlers', {
    versions: { ...tools, vite: VITES.at(-1)?.versions['vite'] as string, ...REACT_19 },
    overrides: ROLLUP,
    type: 'module',
    files: {
      'index.html': noisePage('<script type="module" src="./main.js"></script>'),
      'main.js': MAIN,
      'with-worker/index.html': noisePage('<script type="module" src="./main.js"></script>'),
      'with-worker/main.js': USE_WORKER,
      'with-worker/worker.js': WORKER,
      'with-worker/picture.bmp': makeBitmap(),
      'picture.bmp': makeBitmap(),
    },
  });
});
afterAll(() => browser.close());

/** @param elsewhere - the origin beside the page's own from which files may come */
async function answerOf(url: string, elsewhere = ''): Promise<unknown> {
  const look = async (page: Page): Promise<unknown> => {
    const answer = page.locator('#answer:not(:empty)');
    await answer.waitFor({ state: 'attached', timeout: 240_000 });
    return JSON.parse((await answer.textContent()) ?? 'null');
  };
  const isForgiven = (fault: string) => fault.startsWith(`request to another origin: ${elsewhere || 'none'}`);
  return visit(browser, url, look, { isForgiven });
}

async function answerOfFolder(folder: string, base = '/', elsewhere = ''): Promise<unknown> {
  const server = await serve(folder, { base, headers: ISOLATION });
  return answerOf(server.url, elsewhere).finally(server.close);
}

/** Bundlers that copy no assets get the page and the package's files beside the scripts, and no option. */
async function answerBeside(folder: string): Promise<unknown> {
  for (const name of FILES) {
    copyFileSync(app.path('node_modules/asl-fingerspell/dist', name), app.path(folder, name));
  }
  for (const name of ['index.html', 'picture.bmp']) copyFileSync(app.path(name), app.path(folder, name));
  return answerOfFolder(app.path(folder));
}

describe('a page, with default settings and no option of ours', () => {
  it('is built by Vite for a sub-path', async () => {
    await app.build('vite', ['build', '--base', '/app/', '--outDir', 'dist-vite', '--logLevel', 'warn']);
    expect(await answerOfFolder(app.path('dist-vite'), '/app/')).toEqual(ISOLATED_REPORT);
  });

  it('is built by Vite with all files but the page on another origin', async () => {
    const port = await freePort();
    const origin = `http://localhost:${port}/`;
    await app.build('vite', ['build', '--base', origin, '--outDir', 'dist-elsewhere', '--logLevel', 'warn']);
    // The picture stays with the page, which may not read one from elsewhere.
    const page = readFileSync(app.path('dist-elsewhere/index.html'), 'utf8').replaceAll(
      /http\S+\.bmp/g,
      './picture.bmp',
    );
    app.write('page/index.html', page);
    app.write('page/picture.bmp', makeBitmap());
    const headers = { 'access-control-allow-origin': '*', 'cross-origin-resource-policy': 'cross-origin' };
    const files = await serve(app.path('dist-elsewhere'), { port, headers });
    expect(files.url).toBe(origin);
    expect(await answerOfFolder(app.path('page'), '/', origin).finally(files.close)).toEqual(ISOLATED_REPORT);
  });

  it('is served by Vite below a sub-path, with the library named in optimizeDeps', async () => {
    app.write('vite.dev.js', "export default { base: '/app/', optimizeDeps: { include: ['asl-fingerspell'] } };");
    const server = await app.start('vite', ['--config', 'vite.dev.js', '--port', '0', '--host', 'localhost']);
    expect(await answerOf(server.url).finally(server.stop)).toEqual(NOISE_REPORT);
  });

  it('has a worker of its own, built by Vite, that uses the library', async () => {
    await app.build('vite', ['build', 'with-worker', '--outDir', '../dist-worker', '--logLevel', 'warn']);
    expect(await answerOfFolder(app.path('dist-worker'))).toEqual({ backend: 'wasm', top: 5 });
  });

  it('is built by Rollup with node-resolve', async () => {
    const args = ['main.js', '--dir', 'dist-rollup', '--plugin', 'node-resolve={browser:true}', '--silent'];
    await app.build('rollup', args);
    expect(await answerBeside('dist-rollup')).toEqual(ISOLATED_REPORT);
  });

  it('is built by esbuild', async () => {
    const args = ['main.js', '--bundle', '--splitting', '--format=esm', '--outdir=dist-esbuild', '--log-level=error'];
    await app.build('esbuild', args);
    expect(await answerBeside('dist-esbuild')).toEqual(ISOLATED_REPORT);
  });

  it('is built by esbuild as a classic script, which knows no address of a file', async () => {
    const script = `import { FingerspellRecognizer } from 'asl-fingerspell';
      const load = (options) => FingerspellRecognizer.load({ backend: 'wasm', ...options })
        .then(({ runtime }) => runtime.worker, ({ code, message }) => [code, message.slice(-17)]);
      const worker = true;
      Promise.all([load({ assets: { baseUrl: './' }, worker }), load({ worker }), load()]).then((answers) => {
        document.querySelector('#answer').textContent = JSON.stringify(answers);
      });`;
    app.write('classic.js', script);
    const args = ['classic.js', '--bundle', '--format=iife', '--outdir=dist-classic', '--log-level=error'];
    await app.build('esbuild', args);
    for (const name of FILES) {
      copyFileSync(app.path('node_modules/asl-fingerspell/dist', name), app.path('dist-classic', name));
    }
    app.write('dist-classic/index.html', noisePage('<script src="./classic.js"></script>'));
    app.write('dist-classic/picture.bmp', makeBitmap());
    const refused = ['asset-missing', '`assets.baseUrl`.'];
    expect(await answerOfFolder(app.path('dist-classic'))).toEqual([true, refused, refused]);
  });

  it('is built by webpack, which is not configured at all', async () => {
    const { stdout } = await app.build('webpack', ['./main.js', '-o', 'dist-webpack', '--mode', 'production']);
    expect(stdout).not.toMatch(/ERROR/);
    const html = noisePage('<script defer src="./main.js"></script>');
    app.write('dist-webpack/index.html', html);
    app.write('dist-webpack/picture.bmp', makeBitmap());
    expect(await answerOfFolder(app.path('dist-webpack'))).toEqual(ISOLATED_REPORT);
  });
});

/** Development servers up to Vite 7 move the library's code, but no file beside it, into a cache. */
describe.each(VITES)('a development server of Vite $major', ({ major, versions, overrides }) => {
  let workspace: App;
  beforeAll(async () => {
    workspace = await App.make(`workspace-${major}`, {
      versions: { vite: versions['vite'] as string },
      ...(overrides && { overrides }),
      type: 'module',
      files: {
        'package.json': '{ "name": "workspace", "private": true, "workspaces": ["web"] }',
        'web/package.json': '{ "name": "web", "version": "1.0.0", "private": true }',
        'web/index.html': noisePage('<script type="module" src="./main.js"></script>'),
        'web/main.js': MAIN,
        'web/picture.bmp': makeBitmap(),
        'framework.js': "export default { base: '/app/', cacheDir: '../.cache/vite/client' };",
      },
    });
  });

  it.each([
    ['in a workspace, whose packages lie above it', []],
    ['below a sub-path, with a cache where a framework wants it', ['--config', 'framework.js']],
  ])('serves the package %s', async (_, flags) => {
    const server = await workspace.start('vite', ['web', ...flags, '--port', '0', '--host', 'localhost']);
    expect(await answerOf(server.url).finally(server.stop)).toEqual(NOISE_REPORT);
    expect(server.output()).not.toMatch(/does not exist/);
  });

  it('serves the package to an app whose library alone may import it, in a workspace of pnpm', async () => {
    const { tarball } = inject('packed');
    const app = await App.make(`store-${major}`, {
      versions: PNPM,
      files: {
        'apps/pnpm-workspace.yaml': 'packages: ["*"]',
        'apps/package.json': '{ "name": "apps", "private": true }',
        'apps/ui/package.json': `{ "name": "ui", "version": "1.0.0", "type": "module", "exports": "./ui.js",
          "dependencies": { "asl-fingerspell": "file:${tarball}" } }`,
        'apps/ui/ui.js': "export { FingerspellRecognizer } from 'asl-fingerspell';",
        'apps/web/package.json': `{ "name": "web", "version": "1.0.0", "private": true, "type": "module",
          "dependencies": { "ui": "workspace:*", "vite": "${versions['vite']}" } }`,
        'apps/web/index.html': noisePage('<script type="module" src="./main.js"></script>'),
        'apps/web/main.js': `import { FingerspellRecognizer } from 'ui';${READ_PICTURE}`,
        'apps/web/picture.bmp': makeBitmap(),
      },
    });
    // What npm installed above the workspace would be found there.
    rmSync(app.path('node_modules/asl-fingerspell'), { recursive: true });
    await app.build('pnpm', ['--dir', 'apps', 'install', '--no-frozen-lockfile']);
    const args = ['--dir', 'apps/web', 'exec', 'vite', '--base', '/app/', '--port', '0', '--host', 'localhost'];
    const server = await app.start('pnpm', args);
    expect(await answerOf(server.url).finally(server.stop)).toEqual(NOISE_REPORT);
  });
});

describe('a server build', () => {
  it.each(['true', 'undefined'])('by Vite renders every entry with noExternal: %s', async (noExternal) => {
    const entries = ['', '/dom', '/element', '/react'].map(
      (entry, i) => `import * as e${i} from 'asl-fingerspell${entry}';`,
    );
    app.write(
      'server.js',
      `${entries.join('\n')}
      import { createElement } from 'react';
      import { renderToString } from 'react-dom/server';
      e2.defineFingerspellElement();
      const Speller = () => createElement('p', null, e3.useFingerspell().status);
      console.log(renderToString(createElement(Speller)), Object.keys({ ...e0, ...e1 }).length > 5);`,
    );
    app.write('vite.ssr.js', `export default { ssr: { noExternal: ${noExternal} } };`);
    const flags = ['--ssr', 'server.js', '--outDir', 'dist-ssr', '--logLevel', 'error'];
    await app.build('vite', ['build', '--config', 'vite.ssr.js', ...flags]);
    const { stdout, stderr } = await app.build('node', ['dist-ssr/server.js'], { NODE_ENV: 'production' });
    expect([stdout, stderr]).toEqual(['<p>idle</p> true\n', '']);
  });
});

describe('a test runner', () => {
  it('in Jest imports every entry, shows the element, asks for the camera and, with modules, loads', async () => {
    const jest = { jest: '30.5.2', 'jest-environment-jsdom': '30.5.2', react: REACT_19['react'] as string };
    const files = {
      'use.test.js': `test('imports every entry', () => {
        expect(typeof window).toBe('object');
        expect(typeof require('asl-fingerspell').FingerspellRecognizer.load).toBe('function');
        expect(typeof require('asl-fingerspell/react').useFingerspell).toBe('function');
      });
      test('shows the element', () => {
        HTMLCanvasElement.prototype.getContext = () => null;
        require('asl-fingerspell/element').defineFingerspellElement();
        document.body.innerHTML = '<asl-fingerspell></asl-fingerspell>';
        expect(document.body.firstChild.shadowRoot.querySelectorAll('style').length).toBeGreaterThan(0);
      });
      test('asks for the camera', async () => {
        const { FingerspellReader } = require('asl-fingerspell/dom');
        const asked = jest.fn(() => Promise.reject(new DOMException('no', 'NotAllowedError')));
        Object.defineProperty(navigator, 'mediaDevices', { value: { getUserMedia: asked } });
        const reader = new FingerspellReader(document.createElement('video'));
        await expect(reader.start()).rejects.toMatchObject({ code: 'camera-denied' });
        expect(asked).toHaveBeenCalled();
      });
      test('says where it would load', async () => {
        const loaded = require('asl-fingerspell').FingerspellRecognizer.load();
        const advice = process.env.NODE_OPTIONS ? "environment \`node\`" : 'NODE_OPTIONS=--experimental-vm-modules';
        await expect(loaded).rejects.toThrow(advice);
      });`,
      'load.test.js': `/** @jest-environment node */
      test('loads, or says what Jest needs for it', async () => {
        const loaded = require('asl-fingerspell').FingerspellRecognizer.load();
        if (!process.env.NODE_OPTIONS) return expect(loaded).rejects.toThrow('NODE_OPTIONS=--experimental-vm-modules');
        const picture = { data: new Uint8ClampedArray(64 * 64 * 4), width: 64, height: 64 };
        expect((await (await loaded).classify(picture)).predictions).toHaveLength(5);
      });`,
      // Before Node 24 Jest fails with modules that are imported at once.
      'modules.test.mjs': `/** @jest-environment node */
      import { FingerspellRecognizer } from 'asl-fingerspell';
      test('loads, or says what Jest needs for it', async () => {
        const told = await FingerspellRecognizer.load().then(() => 'loaded', ({ message }) => message);
        expect(told).toMatch(/^loaded$|use Node 24, or createRequire/);
      });`,
    };
    const app = await App.make('jest', { files, versions: jest });
    await app.build('jest', ['--ci', '--env=jsdom', '--testPathIgnorePatterns=mjs']);
    await app.build('jest', ['--ci', '--env=jsdom'], { NODE_OPTIONS: '--experimental-vm-modules' });
  });

  it.each(['happy-dom', 'jsdom'])(
    'in Vitest, in the documents of %s, shows the element, asks for the camera and loads',
    async (dom) => {
      const vite = VITES.at(-1)?.versions['vite'] as string;
      const files = {
        'use.test.js': `import { expect, test, vi } from 'vitest';
      import { FingerspellReader, FingerspellRecognizer } from 'asl-fingerspell/dom';
      import { defineFingerspellElement } from 'asl-fingerspell/element';
      test('shows the element', async () => {
        defineFingerspellElement();
        document.body.innerHTML = '<asl-fingerspell></asl-fingerspell>';
        const element = document.body.firstChild;
        expect(element.shadowRoot.querySelector('video')).not.toBeNull();
        await expect(element.start()).rejects.toMatchObject({ code: 'camera-unsupported' });
      });
      test('asks for the camera', async () => {
        const getUserMedia = vi.fn(() => Promise.reject(new DOMException('no', 'NotAllowedError')));
        Object.defineProperty(navigator, 'mediaDevices', { value: { getUserMedia }, configurable: true });
        await expect(new FingerspellReader(document.createElement('video')).start()).rejects.toMatchObject({
          code: 'camera-denied',
        });
        expect(getUserMedia).toHaveBeenCalled();
      });
      test('gives up a stand-in for a camera, which has no picture', async () => {
        const track = { stop: vi.fn(), addEventListener() {} };
        const stream = Object.assign(Object.create(globalThis.MediaStream?.prototype ?? null), {
          getTracks: () => [track],
          getVideoTracks: () => [track],
        });
        Object.defineProperty(navigator, 'mediaDevices', { value: { getUserMedia: async () => stream } });
        vi.spyOn(HTMLMediaElement.prototype, 'play').mockReturnValue(undefined);
        const reader = new FingerspellReader(document.createElement('video'), { camera: { timeoutMs: 200 } });
        await expect(reader.start()).rejects.toMatchObject({ code: 'timeout' });
        expect(track.stop).toHaveBeenCalled();
      });
      test('loads, and asks for no canvas, of which jsdom has none', async () => {
        const asked = vi.spyOn(HTMLCanvasElement.prototype, 'getContext');
        const recognizer = await FingerspellRecognizer.load();
        expect([recognizer.backend, asked.mock.calls]).toEqual(['wasm', []]);
        recognizer.dispose();
      });`,
      };
      const app = await App.make(`vitest-${dom}`, { files, versions: { vitest: '4.1.12', vite, ...DOCUMENTS } });
      await app.build('vitest', ['run', '--environment', dom]);
    },
  );
});
