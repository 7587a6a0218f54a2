import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { build } from 'esbuild';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serve } from '../../scripts/serve.mjs';
import { startChromium } from '../support/browse';
import { type Folder, planFolders } from '../support/folders';
import { answerPage, installOtherVersion, installPacked, showReport, writeModel } from '../support/installed';
import { fallbackFolders } from '../support/odd-folders';
import { readAnswer } from '../support/read-answer';

const project = mkdtempSync(path.join(os.tmpdir(), 'asl-fingerspell-two-'));
const page = path.join(project, 'page');
/** A package that depends on another version of the library. */
const WIDGET = 'widget';

beforeAll(() => {
  installPacked(project);
  installOtherVersion(project, WIDGET, '0.9.1');
  writeModel(path.join(page, 'model'), (fallbackFolders()[0] as Folder).files);
  writeModel(path.join(page, 'small'), (planFolders()[0] as Folder).files);
});
afterAll(() => rmSync(project, { recursive: true, force: true }));

/**
 * Two libraries, each alone, both at once, and each while the other one is disposed of; as text, for programs. Resolves
 * with the largest change of a probability, by our backends, and with what else has to be so.
 */
const REPORT = `
  const data = new Uint8Array(120 * 90 * 4).map((_, i) => (i * 7919) % 256);
  const read = async (recognizer) => (await recognizer.classify({ data, width: 120, height: 90 })).probabilities;
  const largest = (one, other) => Math.max(...one.map((p, i) => Math.abs(p - other[i])));
  const report = async () => {
    const worst = {};
    let isShared = first === second || first.FingerspellRecognizer === second.FingerspellRecognizer;
    for (const [name, x, y] of cases) {
      const model = models[name];
      const load = (library, backend) => library.FingerspellRecognizer.load({ backend, model, assets });
      const one = await load(first, x);
      const alone = await read(one);
      one.dispose();
      const two = await load(second, y);
      const other = await read(two);
      const kept = await load(first, x);
      const answers = await Promise.all([read(kept), read(two), read(kept), read(two)]);
      const pending = read(kept);
      two.dispose();
      answers.push(await pending, other, await read(kept), other);
      const again = await load(second, y);
      const late = read(again);
      kept.dispose();
      answers.push(alone, await late, alone, await read(again));
      again.dispose();
      const changes = answers.map((answer, i) => largest(answer, i % 2 ? other : alone));
      worst[name + ' ' + x + ' ' + y] = { change: Math.max(...changes), apart: largest(alone, other) };
    }
    return { worst, isShared };
  };`;

interface Report {
  readonly isShared: boolean;
  readonly worst: Record<string, { change: number; apart: number }>;
}

function expectGood(report: Report, cases: number): void {
  expect(report).not.toHaveProperty('message');
  const { worst, isShared } = report;
  expect(isShared).toBe(false);
  expect(Object.keys(worst)).toHaveLength(cases);
  for (const [name, { change, apart }] of Object.entries(worst)) {
    expect(change, name).toBe(0);
    expect(apart, name).toBeLessThan(name.includes('webgl') ? 2e-3 : 1e-4);
  }
}

describe('two versions of the package in one Node process', () => {
  it('do not disturb each other', () => {
    const program = `
        import { readFileSync } from 'node:fs';
        import * as first from 'asl-fingerspell';
        import * as second from '${WIDGET}';
        const json = (name) => JSON.parse(readFileSync('page/model/' + name, 'utf8'));
        const modelJson = json('model.json');
        const weights = modelJson.weightsManifest.flatMap(({ paths }) => paths)
          .map((name) => new Uint8Array(readFileSync('page/model/' + name)).buffer);
        const models = { shipped: undefined, fallback: { modelJson, metadata: json('metadata.json'), weights } };
        const cases = [['shipped', 'wasm', 'wasm'], ['shipped', 'wasm', 'cpu'], ['fallback', 'wasm', 'wasm'], ['fallback', 'wasm', 'cpu']];
        const assets = undefined;
        ${REPORT}
        console.log(JSON.stringify(await report()));`;
    writeFileSync(path.join(project, 'both.mjs'), program);
    const env = { ...process.env, NODE_OPTIONS: '' };
    const answer = execFileSync(process.execPath, ['both.mjs'], { cwd: project, encoding: 'utf8', env });
    expectGood(JSON.parse(answer), 4);
  });
});

describe('two versions of the package on one page', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startChromium();
  });
  afterAll(() => browser.close());

  // On the software WebGL of these tests the shipped model takes a second a picture; a small one shows the same.
  const cases = (assets: object | undefined): string => `
    const assets = ${JSON.stringify(assets)};
    const models = { shipped: undefined, fallback: './model/model.json', small: './small/model.json' };
    const cases = [['shipped', 'wasm', 'wasm'], ['fallback', 'wasm', 'wasm'], ['fallback', 'wasm', 'webgl'],
      ['small', 'wasm', 'webgl'], ['small', 'webgl', 'webgl']];`;

  async function open(script: string): Promise<Report> {
    writeFileSync(path.join(page, 'index.html'), answerPage(script));
    const server = await serve(page);
    try {
      return (await readAnswer(browser, server.url)) as Report;
    } finally {
      await server.close();
    }
  }

  it('do not disturb each other in one bundle', async () => {
    const contents = `import * as first from 'asl-fingerspell'; import * as second from '${WIDGET}';
      ${cases({ baseUrl: '/bundled/' })} ${REPORT} ${showReport()}`;
    const outdir = path.join(page, 'bundled');
    await build({
      stdin: { contents, resolveDir: project, sourcefile: 'app.js' },
      outdir,
      entryNames: 'app',
      bundle: true,
      splitting: true,
      format: 'esm',
      logLevel: 'error',
    });
    const dist = path.join(project, 'node_modules/asl-fingerspell/dist');
    for (const name of ['model.bin', 'model.json', 'tfjs-backend-wasm.wasm', 'tfjs-backend-wasm-simd.wasm']) {
      cpSync(path.join(dist, name), path.join(outdir, name));
    }
    expectGood(await open('<script type="module" src="./bundled/app.js"></script>'), 5);
  });

  it('do not disturb each other as a script tag and a module', async () => {
    const packages = {
      one: 'node_modules/asl-fingerspell',
      two: `node_modules/${WIDGET}/node_modules/asl-fingerspell`,
    };
    for (const [name, folder] of Object.entries(packages)) {
      cpSync(path.join(project, folder, 'dist'), path.join(page, 'lib', name), { recursive: true });
    }
    writeFileSync(
      path.join(page, 'main.js'),
      `import * as second from './lib/two/asl-fingerspell.esm.js'; const first = window.AslFingerspell;
      ${cases(undefined)} ${REPORT} ${showReport()}`,
    );
    const scripts =
      '<script src="./lib/one/asl-fingerspell.global.js"></script><script type="module" src="./main.js"></script>';
    expectGood(await open(scripts), 5);
  });
});
