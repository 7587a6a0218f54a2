import * as core from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import '@tensorflow/tfjs-backend-cpu';
import { FingerspellRecognizer } from 'asl-fingerspell';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Block, randomNet } from '../support/models';
import { drawNoise, drawPicture } from '../support/pictures';
import { loadReference, toFiles, worstDifference } from '../support/reference';
import { shippedFiles } from '../support/shipped';

const TOLERANCE = 1e-4;

beforeAll(async () => {
  await core.setBackend('cpu');
  // tfjs-core greets Node users on the console; that is none of our business here.
  core.env().set('PROD', true);
});

describe('the plan beside LayersModel.predict in Node', () => {
  it('gives the same probabilities for the shipped folder on noise and on pictures', async () => {
    const files = shippedFiles();
    const recognizer = await FingerspellRecognizer.load({ backend: 'wasm' });
    const reference = await loadReference(core, layers, files);
    const size = recognizer.inputSize;
    let worst = 0;
    for (let seed = 1; seed <= 4; seed++) {
      const pixels = seed % 2 === 0 ? drawNoise(size, size, seed) : drawPicture(size, size, seed);
      const [wanted] = await reference.predict(pixels);
      worst = Math.max(worst, worstDifference(await recognizer.classify(pixels), wanted as Float32Array));
    }
    console.log(`largest difference in probability on WASM in Node: ${worst.toExponential(1)}`);
    expect(worst).toBeLessThan(TOLERANCE);
    recognizer.dispose();
    reference.dispose();
  });

  const block = fc.record<Block>({
    kind: fc.constantFrom('conv', 'depthwise'),
    stride: fc.constantFrom(1, 2),
    kernel: fc.constantFrom(1, 3, 5),
    activation: fc.constantFrom('relu', 'relu6', 'linear', 'fused-relu'),
    batchNorm: fc.boolean(),
    bias: fc.boolean(),
    padding: fc.constantFrom('same', 'valid', 'zero'),
    residual: fc.boolean(),
  });

  it('gives the same probabilities for small random networks: folding and fusing change nothing', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(block, { maxLength: 3 }),
        fc.nat(1000),
        fc.constantFrom('wasm', 'cpu'),
        async (blocks, seed, backend) => {
          const side = 40;
          const files = toFiles(randomNet(blocks, side, seed));
          const pixels = drawPicture(side, side, seed);
          const recognizer = await FingerspellRecognizer.load({ model: files, backend: backend as 'wasm' | 'cpu' });
          const reference = await loadReference(core, layers, files);
          const [wanted] = await reference.predict(pixels);
          expect(worstDifference(await recognizer.classify(pixels), wanted as Float32Array)).toBeLessThan(TOLERANCE);
          recognizer.dispose();
          reference.dispose();
        },
      ),
      { numRuns: 40 },
    );
  });
});
