import '@tensorflow/tfjs-backend-cpu';
import * as core from '@tensorflow/tfjs-core';
import { FingerspellRecognizer } from 'asl-fingerspell';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { brokenManifests, brokenMetadata, brokenWeights, wholeParts } from '../support/broken-folders';
import { brokenGraphs, brokenSettings } from '../support/broken-topologies';
import { faultOf } from '../support/errors';
import { fallbackFolders } from '../support/odd-folders';
import { watchWasm } from '../support/wasm-watch';

const groups = {
  weights: brokenWeights(),
  manifest: brokenManifests(),
  metadata: brokenMetadata(),
  graph: brokenGraphs(),
  settings: brokenSettings(),
};
// A second each; the machine that runs the tests may be doing something else as well.
const LIMIT_MS = 3000;

beforeAll(async () => {
  await core.setBackend('cpu');
});

describe('a broken folder', () => {
  const codes = new Map<string, number>();
  let slowest = { name: '', ms: 0 };
  let count = 0;
  afterAll(() => {
    console.log(`${count} broken folders: ${JSON.stringify(Object.fromEntries(codes))}`);
    console.log(`the slowest took ${slowest.ms.toFixed(0)} ms: ${slowest.name}`);
  });

  for (const [group, folders] of Object.entries(groups)) {
    it(`is refused with its code, soon, and leaves nothing behind: ${group}, ${folders.length} of them`, async () => {
      const { numTensors } = core.memory();
      for (const { name, files, codes: wanted } of folders) {
        const start = performance.now();
        const code = await faultOf(() => FingerspellRecognizer.load({ model: files, backend: 'cpu' }));
        const ms = performance.now() - start;
        expect(wanted, `${name}: ${code}`).toContain(code);
        expect(ms, name).toBeLessThan(LIMIT_MS);
        if (ms > slowest.ms) slowest = { name, ms };
        codes.set(code, (codes.get(code) ?? 0) + 1);
        count++;
      }
      expect(core.memory().numTensors).toBe(numTensors);
    });
  }

  it('is one of at least 300', () => {
    expect(Object.values(groups).flat().length).toBeGreaterThanOrEqual(300);
  });

  it('does not keep the WASM engine that was opened beside it', async () => {
    const watch = watchWasm();
    const some = Object.values(groups).flatMap((folders) => folders.filter((_, i) => i % 40 === 0));
    for (const { files, name } of some) {
      const { started } = watch;
      await faultOf(() => FingerspellRecognizer.load({ model: files, backend: 'wasm' }));
      // An engine that was left alive would be shared with the next recogniser; so that one has to start its own.
      const afterwards = watch.started;
      const whole = wholeParts();
      const next = await FingerspellRecognizer.load({ model: whole as never, backend: 'wasm' });
      expect(watch.started, name).toBe(afterwards + 1);
      expect(afterwards - started, name).toBeLessThanOrEqual(2);
      next.dispose();
    }
    watch.restore();
  });

  it('does not keep the engine that TensorFlow.js computed its outputs with', async () => {
    const { files } = fallbackFolders()[0] as ReturnType<typeof fallbackFolders>[0];
    const broken = { ...files, metadata: { ...files.metadata, hand_output: 0 } };
    const watch = watchWasm();
    expect(await faultOf(() => FingerspellRecognizer.load({ model: broken, backend: 'wasm' }))).toBe('asset-invalid');
    expect(watch.started).toBe(1);
    const next = await FingerspellRecognizer.load({ model: files, backend: 'wasm' });
    expect(watch.started).toBe(2);
    next.dispose();
    watch.restore();
  });
});
