import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { build } from 'esbuild';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { serve } from '../../scripts/serve.mjs';
import { startChromium, watchPage } from '../support/browse';
import { makeBitmap, NOISE_REPORT, noisePage, READ_PICTURE } from './support/noise-app';
import { withoutTimings } from './support/warnings';

const root = path.resolve(import.meta.dirname, '../..');
const project = mkdtempSync(path.join(os.tmpdir(), 'asl-fingerspell-packed-'));
const installed = path.join(project, 'node_modules/asl-fingerspell');
const ENTRIES = ['asl-fingerspell', 'asl-fingerspell/dom', 'asl-fingerspell/react', 'asl-fingerspell/element'];
const CSP = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'";

const packed = inject('packed');

beforeAll(() => {
  writeFileSync(path.join(project, 'package.json'), JSON.stringify({ name: 'app', private: true, version: '1.0.0' }));
  const install = ['install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts'];
  execFileSync('npm', [...install, packed.tarball, 'react@19'], { cwd: project, stdio: 'ignore' });
});
afterAll(() => rmSync(project, { recursive: true, force: true }));

/** Runs a program in the project; it must succeed and say nothing on stderr. */
function run(name: string, source: string): string {
  writeFileSync(path.join(project, name), source);
  const env = { ...process.env, NODE_OPTIONS: '', NODE_ENV: 'production' };
  const { status, stdout, stderr } = spawnSync(process.execPath, [name], { cwd: project, encoding: 'utf8', env });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return stdout;
}

const READ_NOISE = `
  const data = new Uint8Array(120 * 90 * 4).map((_, i) => (i * 7919) % 256);
  const recognizer = await FingerspellRecognizer.load();
  const { predictions, probabilities, noHand } = await recognizer.classify({ data, width: 120, height: 90 });
  const sum = probabilities.reduce((a, b) => a + b, noHand);
  const report = { backend: recognizer.backend, letters: recognizer.labels.length, top: predictions.length, sum };
  recognizer.dispose();
`;
const REPORT = { backend: 'wasm', letters: 24, top: 5, sum: expect.closeTo(1, 5) };

describe('the tarball', () => {
  it('holds what is needed and nothing else', () => {
    const files = packed.files;
    for (const name of [
      'package.json',
      'dist/index.js',
      'dist/index.d.ts',
      'dist/index.d.cts',
      'dist/node/index.js',
      'dist/node/index.cjs',
      'dist/asl-fingerspell.global.js',
      'dist/worker.js',
      'dist/model.bin',
      'dist/tfjs-backend-wasm-simd.wasm',
      'dist/tfjs-backend-wasm.wasm',
      'README.md',
      'LICENSE',
    ]) {
      expect(files, name).toContain(name);
    }
    const known =
      /^dist\/|^((dom\/|element\/|react\/)?package\.json|README\.md|MODEL_CARD\.md|LICENSE|THIRD_PARTY_NOTICES\.md)$/;
    expect(files.filter((file) => !known.test(file))).toEqual([]);
    expect(files.filter((file) => /\.(jpe?g|png|gif|webp|py|csv|map|tgz)$|test|fixture/i.test(file))).toEqual([]);
  });

  it('takes at most 4 MB on disk', () => {
    expect(packed.unpackedSize).toBeLessThanOrEqual(4_000_000);
  });

  it('depends on no package, and runs no script when it is installed', () => {
    const manifest = JSON.parse(readFileSync(path.join(installed, 'package.json'), 'utf8'));
    expect(manifest).not.toHaveProperty('dependencies');
    expect(Object.keys(manifest.peerDependencies)).toEqual(['react']);
    expect(manifest.peerDependenciesMeta.react.optional).toBe(true);
    for (const script of ['preinstall', 'install', 'postinstall']) expect(manifest.scripts).not.toHaveProperty(script);
  });

  it('names only files that exist in its exports', () => {
    const { exports } = JSON.parse(readFileSync(path.join(installed, 'package.json'), 'utf8'));
    const walk = (value: unknown): string[] =>
      typeof value === 'string' ? [value] : Object.values(value as object).flatMap((inner) => walk(inner));
    const files = new Set(packed.files.map((file) => `./${file}`));
    for (const file of walk(exports).filter((name) => !name.includes('*'))) expect(files, file).toContain(file);
  });
});

describe('in Node, from the tarball', () => {
  it('imports every entry as ESM and says nothing', () => {
    const lines = ENTRIES.map(
      (entry, i) => `import * as e${i} from '${entry}'; console.log(Object.keys(e${i}).join(' '));`,
    );
    const names = run('import.mjs', lines.join('\n')).trim().split('\n');
    expect(names[0]).toMatch(/FingerspellError.*FingerspellRecognizer.*isFingerspellError/);
    expect(names[1]).toContain('FingerspellReader');
    expect(names[2]).toContain('useFingerspell');
  });

  it('requires every entry as CommonJS and says nothing', () => {
    const lines = ENTRIES.map((entry) => `console.log(Object.keys(require('${entry}')).sort().join(' '));`);
    const names = run('require.cjs', lines.join('\n')).trim().split('\n');
    expect(names[0]).toMatch(/FingerspellError.*FingerspellRecognizer.*isFingerspellError/);
    expect(names[1]).toContain('FingerspellReader');
    expect(names[2]).toContain('useFingerspell');
  });

  it('reads pixels with no configuration, as ESM', () => {
    const source = `import { FingerspellRecognizer } from 'asl-fingerspell';${READ_NOISE}console.log(JSON.stringify(report));`;
    expect(JSON.parse(run('classify.mjs', source))).toEqual(REPORT);
  });

  it('reads pixels with no configuration, as CommonJS', () => {
    const source = `const { FingerspellRecognizer } = require('asl-fingerspell');
      (async () => {${READ_NOISE}console.log(JSON.stringify(report)); })();`;
    expect(JSON.parse(run('classify.cjs', source))).toEqual(REPORT);
  });

  it('reads pixels in a worker thread', () => {
    const source = `import { isMainThread, parentPort, Worker } from 'node:worker_threads';
      import { FingerspellRecognizer } from 'asl-fingerspell';
      if (isMainThread) new Worker(new URL(import.meta.url)).on('message', (report) => console.log(JSON.stringify(report)));
      else {${READ_NOISE}parentPort.postMessage(report); }`;
    expect(JSON.parse(run('worker.mjs', source))).toEqual(REPORT);
  });

  it('needs no file outside the package, and no working folder', () => {
    const source = `process.chdir('/'); const { FingerspellRecognizer } = await import('asl-fingerspell');${READ_NOISE}console.log(JSON.stringify(report));`;
    expect(JSON.parse(run('elsewhere.mjs', source))).toEqual(REPORT);
    expect(readdirSync(path.join(project, 'node_modules'))).not.toContain('@tensorflow');
  });

  it('says in a bundle for Node to leave it out, or where its model may be', async () => {
    const source = `import { FingerspellRecognizer } from 'asl-fingerspell';
      FingerspellRecognizer.load().catch(({ code, message }) => console.log(JSON.stringify([code, message])));`;
    writeFileSync(path.join(project, 'server.mjs'), source);
    await build({
      entryPoints: [path.join(project, 'server.mjs')],
      outfile: path.join(project, 'bundle/server.cjs'),
      bundle: true,
      platform: 'node',
      logLevel: 'error',
    });
    const bundled = readFileSync(path.join(project, 'bundle/server.cjs'), 'utf8');
    const [code, message] = JSON.parse(run('bundled.cjs', bundled));
    expect(code).toBe('asset-missing');
    expect(message).toMatch(/out of bundles for Node \("external"\), or pass as `model` .* beside it\.$/);
    expect(message).not.toMatch(/served/);
  });

  it('ends by itself: a recogniser keeps no process alive', () => {
    const source = `import { FingerspellRecognizer } from 'asl-fingerspell'; await FingerspellRecognizer.load(); console.log('{}');`;
    expect(run('ends.mjs', source)).toBe('{}\n');
  });
});

describe('in a browser, from the tarball', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startChromium();
  });
  afterAll(() => browser.close());

  /** Opens a page under a strict Content-Security-Policy, waits for its answer, and wants no fault. */
  async function open(folder: string, base = '/', { csp = CSP, from = '' } = {}): Promise<unknown> {
    const server = await serve(folder, { base, headers: { 'content-security-policy': csp } });
    const page = await browser.newPage();
    const faults = watchPage(page, new URL(server.url).origin);
    try {
      await page.goto(server.url);
      const answer = page.locator('#answer:not(:empty)');
      await answer.waitFor({ state: 'attached', timeout: 60_000 }).catch(() => {});
      expect(faults.filter((fault) => !from || !fault.startsWith(`request to another origin: ${from}/`))).toEqual([]);
      return JSON.parse((await answer.textContent()) ?? 'null');
    } finally {
      await page.close();
      await server.close();
    }
  }

  it('works in a page built by Vite, at the root and below a path', async () => {
    const app = path.join(project, 'vite-app');
    mkdirSync(path.join(app, 'public'), { recursive: true });
    writeFileSync(path.join(app, 'index.html'), noisePage('<script type="module" src="./main.js"></script>'));
    writeFileSync(path.join(app, 'main.js'), `import { FingerspellRecognizer } from 'asl-fingerspell';${READ_PICTURE}`);
    writeFileSync(path.join(app, 'public/picture.bmp'), makeBitmap());
    const vite = path.join(root, 'node_modules/vite/bin/vite.js');
    const { status, stderr } = spawnSync(process.execPath, [vite, 'build', '--base', './', '--logLevel', 'warn'], {
      cwd: app,
      encoding: 'utf8',
      env: { ...process.env, NODE_ENV: 'production' },
    });
    expect(withoutTimings(stderr)).toBe('');
    expect(status).toBe(0);
    expect(await open(path.join(app, 'dist'))).toEqual(NOISE_REPORT);
    expect(await open(path.join(app, 'dist'), '/some/where/')).toEqual(NOISE_REPORT);
  });

  it('works from a plain script tag, with the files of dist/ on any server', async () => {
    const folder = path.join(project, 'script-tag');
    cpSync(path.join(installed, 'dist'), path.join(folder, 'lib'), { recursive: true });
    const html = noisePage('<script src="./lib/asl-fingerspell.global.js"></script><script src="./main.js"></script>');
    writeFileSync(path.join(folder, 'index.html'), html);
    writeFileSync(
      path.join(folder, 'main.js'),
      `const { FingerspellRecognizer } = window.AslFingerspell;${READ_PICTURE}`,
    );
    writeFileSync(path.join(folder, 'picture.bmp'), makeBitmap());
    expect(await open(folder)).toEqual(NOISE_REPORT);
  });

  it('works from a plain script tag of another origin, which need not say crossorigin', async () => {
    const elsewhere = await serve(path.join(installed, 'dist'), { headers: { 'access-control-allow-origin': '*' } });
    const { origin } = new URL(elsewhere.url);
    const folder = path.join(project, 'other-origin');
    mkdirSync(folder);
    const main = `const { FingerspellRecognizer } = window.AslFingerspell;${READ_PICTURE}`;
    const picture = `data:image/bmp;base64,${makeBitmap().toString('base64')}`;
    const html = noisePage(`<script src="${elsewhere.url}asl-fingerspell.global.js"></script><script>${main}</script>`);
    writeFileSync(path.join(folder, 'index.html'), html.replaceAll('./picture.bmp', picture));
    const report = open(folder, '/', { csp: "object-src 'none'", from: origin });
    expect(await report.finally(elsewhere.close)).toEqual(NOISE_REPORT);
  });
});
