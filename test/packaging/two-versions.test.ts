import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installOtherVersion, installPacked, writeModel } from '../support/installed';
import { fallbackFolders } from '../support/odd-folders';

const project = mkdtempSync(path.join(os.tmpdir(), 'asl-fingerspell-two-'));
const page = path.join(project, 'page');
/** A package that depends on another version of the library. */
const WIDGET = 'widget';

beforeAll(() => {
  installPacked(project);
  installOtherVersion(project, WIDGET, '0.9.1');
  writeModel(path.join(page, 'model'), (fallbackFolders()[0] as ReturnType<typeof fallbackFolders>[number]).files);
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
    for (const [name, model] of Object.entries(models)) {
      for (const [x, y] of pairs) {
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
        const pairs = [['wasm', 'wasm'], ['wasm', 'cpu']];
        const assets = undefined;
        ${REPORT}
        console.log(JSON.stringify(await report()));`;
    writeFileSync(path.join(project, 'both.mjs'), program);
    const env = { ...process.env, NODE_OPTIONS: '' };
    const answer = execFileSync(process.execPath, ['both.mjs'], { cwd: project, encoding: 'utf8', env });
    expectGood(JSON.parse(answer), 4);
  });
});
