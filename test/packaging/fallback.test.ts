import '@tensorflow/tfjs-backend-cpu';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import * as core from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serve } from '../../scripts/serve.mjs';
import { startChromium } from '../support/browse';
import type { Folder } from '../support/folders';
import { answerPage, installPacked, showReport, writeModel } from '../support/installed';
import { fallbackFolders } from '../support/odd-folders';
import { drawPicture } from '../support/pictures';
import { readAnswer } from '../support/read-answer';
import { loadReference } from '../support/reference';
import { withoutTimings } from './support/warnings';

const root = path.resolve(import.meta.dirname, '../..');
const project = mkdtempSync(path.join(os.tmpdir(), 'asl-fingerspell-fallback-'));
const folder = fallbackFolders()[0] as Folder;
const picture = drawPicture(folder.side, folder.side, 4);
let wanted: readonly number[];

beforeAll(async () => {
  installPacked(project);
  await core.setBackend('cpu');
  core.env().set('PROD', true);
  const reference = await loadReference(core, layers, folder.reference);
  const [probabilities] = await reference.predict(picture, folder.range, folder.mean);
  wanted = [...(probabilities as Float32Array)];
  reference.dispose();
});
afterAll(() => rmSync(project, { recursive: true, force: true }));

const PICTURE = `{ data: new Uint8Array([${picture.data}]), width: ${folder.side}, height: ${folder.side} }`;
/** As text, for programs: what the library says of the picture, with a model that the plan does not know. */
const READ = `
  const report = async () => {
    const recognizer = await FingerspellRecognizer.load({ model, backend: 'wasm' });
    const { probabilities } = await recognizer.classify(${PICTURE});
    recognizer.dispose();
    return probabilities;
  };`;

function expectRight(answer: unknown): void {
  const found = answer as readonly number[];
  expect(found).toHaveLength(wanted.length);
  for (const [i, p] of found.entries()) expect(Math.abs(p - (wanted[i] as number))).toBeLessThan(1e-4);
}

describe('a model that only tfjs-layers knows, with the tarball', () => {
  const read = (require: string) => `
    ${require}
    const json = (name) => JSON.parse(readFileSync('model/' + name, 'utf8'));
    const modelJson = json('model.json');
    const weights = modelJson.weightsManifest.flatMap(({ paths }) => paths)
      .map((name) => new Uint8Array(readFileSync('model/' + name)).buffer);
    const model = { modelJson, metadata: json('metadata.json'), weights };
    ${READ}
    report().then((probabilities) => console.log(JSON.stringify(probabilities)));`;
  const PROGRAMS = {
    'require()': [
      'read.cjs',
      read(
        `const { readFileSync } = require('node:fs'); const { FingerspellRecognizer } = require('asl-fingerspell');`,
      ),
    ],
    import: [
      'read.mjs',
      read(`import { readFileSync } from 'node:fs'; import { FingerspellRecognizer } from 'asl-fingerspell';`),
    ],
  } as const;

  for (const [way, [name, source]] of Object.entries(PROGRAMS)) {
    it(`works in Node through ${way}`, () => {
      writeModel(path.join(project, 'model'), folder.files);
      writeFileSync(path.join(project, name), source);
      const env = { ...process.env, NODE_OPTIONS: '', NODE_ENV: 'production' };
      const { stdout, stderr } = spawnSync(process.execPath, [name], { cwd: project, encoding: 'utf8', env });
      expect(stderr).toBe('');
      expectRight(JSON.parse(stdout));
    });
  }

  describe('on a page', () => {
    let browser: Browser;
    beforeAll(async () => {
      browser = await startChromium();
    });
    afterAll(() => browser.close());

    async function open(site: string): Promise<void> {
      writeModel(path.join(site, 'model'), folder.files);
      const server = await serve(site, { headers: { 'content-security-policy': CSP } });
      try {
        expectRight(await readAnswer(browser, server.url));
      } finally {
        await server.close();
      }
    }

    const CSP = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'";
    const READ_URL = `const model = './model/model.json'; ${READ} ${showReport()}`;

    it('works from a plain script tag', async () => {
      const site = path.join(project, 'script-tag');
      cpSync(path.join(project, 'node_modules/asl-fingerspell/dist'), path.join(site, 'lib'), { recursive: true });
      const scripts = '<script src="./lib/asl-fingerspell.global.js"></script><script src="./main.js"></script>';
      writeFileSync(path.join(site, 'index.html'), answerPage(scripts));
      writeFileSync(path.join(site, 'main.js'), `const { FingerspellRecognizer } = AslFingerspell; ${READ_URL}`);
      await open(site);
    });

    it("works through an app's bundler", async () => {
      const app = path.join(project, 'vite-app');
      mkdirSync(path.join(app, 'public'), { recursive: true });
      writeFileSync(path.join(app, 'public/icon.png'), '');
      writeFileSync(path.join(app, 'index.html'), answerPage('<script type="module" src="./main.js"></script>'));
      writeFileSync(path.join(app, 'main.js'), `import { FingerspellRecognizer } from 'asl-fingerspell'; ${READ_URL}`);
      const vite = path.join(root, 'node_modules/vite/bin/vite.js');
      const options = ['build', '--base', './', '--logLevel', 'warn'];
      const env = { ...process.env, NODE_ENV: 'production' };
      const { status, stderr } = spawnSync(process.execPath, [vite, ...options], { cwd: app, encoding: 'utf8', env });
      expect(withoutTimings(stderr)).toBe('');
      expect(status).toBe(0);
      await open(path.join(app, 'dist'));
    });
  });
});
