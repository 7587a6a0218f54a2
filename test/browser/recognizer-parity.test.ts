import '@tensorflow/tfjs-backend-cpu';
import * as core from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import { FingerspellRecognizer } from 'asl-fingerspell';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import metadata from '../../model/metadata.json';
import modelJson from '../../model/model.json';
import { randomNet } from '../support/models';
import { drawNoise, drawPicture } from '../support/pictures';
import { loadReference, type Reference, toFiles, worstDifference } from '../support/reference';

// Half floats are allowed on WebGL: mobile graphics processors have nothing better.
const TOLERANCES = { wasm: 1e-4, webgl: 1e-3, cpu: 1e-4 } as const;

let shipped: Reference;
let small: Reference;
const net = toFiles(
  randomNet(
    [
      {
        kind: 'depthwise',
        stride: 2,
        kernel: 5,
        activation: 'relu6',
        batchNorm: true,
        bias: false,
        padding: 'same',
        residual: false,
      },
      {
        kind: 'conv',
        stride: 1,
        kernel: 1,
        activation: 'linear',
        batchNorm: true,
        bias: true,
        padding: 'same',
        residual: true,
      },
    ],
    32,
    1,
  ),
);

beforeAll(async () => {
  await core.setBackend('cpu');
  const weights = await (await fetch('/model/group1-shard1of1.bin')).arrayBuffer();
  shipped = await loadReference(core, layers, { modelJson, metadata, weights: [weights] });
  small = await loadReference(core, layers, net);
});
afterAll(() => {
  shipped.dispose();
  small.dispose();
});

describe('the plan beside LayersModel.predict in Chromium', () => {
  for (const backend of ['wasm', 'webgl', 'cpu'] as const) {
    it(`gives the same probabilities on ${backend}`, async () => {
      const recognizer = await FingerspellRecognizer.load({ backend });
      expect(recognizer.backend).toBe(backend);
      const size = recognizer.inputSize;
      let worst = 0;
      for (const pixels of [drawNoise(size, size, 1), drawPicture(size, size, 2)]) {
        const [wanted] = await shipped.predict(pixels);
        worst = Math.max(worst, worstDifference(await recognizer.classify(pixels), wanted as Float32Array));
      }
      recognizer.dispose();
      const tiny = await FingerspellRecognizer.load({ backend, model: net });
      for (let seed = 0; seed < 5; seed++) {
        const pixels = drawPicture(32, 32, seed);
        const [wanted] = await small.predict(pixels);
        worst = Math.max(worst, worstDifference(await tiny.classify(pixels), wanted as Float32Array));
      }
      tiny.dispose();
      console.log(`largest difference in probability on ${backend} in Chromium: ${worst.toExponential(1)}`);
      expect(worst).toBeLessThan(TOLERANCES[backend]);
    });
  }
});
