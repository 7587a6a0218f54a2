import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import * as core from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import { FingerspellRecognizer, type PixelData } from 'asl-fingerspell';
import { describe, expect, it } from 'vitest';
import { commands } from 'vitest/browser';
import metadata from '../../model/metadata.json';
import modelJson from '../../model/model.json';
import { FULL, viewOfRect } from '../../src/frame/region';
import { resample } from '../../src/frame/resample';
import { drawNoise } from '../support/pictures';
import { loadReference, worstDifference } from '../support/reference';

const TOLERANCES = { wasm: 1e-4, webgl: 1e-3 } as const;
const HANDS = 200;
const NOISE = 20;

/** A photograph at the network's size, so that nothing but the network is compared. */
async function readHand(file: string, size: number): Promise<PixelData> {
  const bitmap = await createImageBitmap(await (await fetch(`/@fs${file}`)).blob());
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext('2d') as OffscreenCanvasRenderingContext2D;
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  const pixels = context.getImageData(0, 0, width, height);
  return { data: resample(pixels, viewOfRect(FULL, width, height), size, false), width: size, height: size };
}

describe('the fast paths beside LayersModel.predict', () => {
  it(`give the same probabilities for ${HANDS} pictures of hands and for noise`, async ({ skip }) => {
    const hands = await commands.devImages(HANDS);
    if (!hands) return skip('the dev images are not on this machine');
    setWasmPaths('/node_modules/@tensorflow/tfjs-backend-wasm/dist/');
    await core.setBackend('wasm');
    const weights = await (await fetch('/model/group1-shard1of1.bin')).arrayBuffer();
    const plain = await loadReference(core, layers, { modelJson, metadata, weights: [weights] });
    const fast = {
      wasm: await FingerspellRecognizer.load({ backend: 'wasm' }),
      webgl: await FingerspellRecognizer.load({ backend: 'webgl' }),
    };
    const worst = { wasm: 0, webgl: 0 };
    const size = fast.wasm.inputSize;
    for (let i = 0; i < HANDS + NOISE; i++) {
      const hand = hands[i];
      const pixels = hand ? await readHand(hand.file, size) : drawNoise(size, size, i);
      const [wanted] = await plain.predict(pixels);
      for (const backend of ['wasm', 'webgl'] as const) {
        const found = worstDifference(await fast[backend].classify(pixels), wanted as Float32Array);
        worst[backend] = Math.max(worst[backend], found);
      }
    }
    plain.dispose();
    for (const recognizer of Object.values(fast)) recognizer.dispose();
    const found = `${worst.wasm.toExponential(1)} on WASM, ${worst.webgl.toExponential(1)} on WebGL`;
    console.log(`largest difference in probability over ${HANDS} hands and ${NOISE} pictures of noise: ${found}`);
    expect(worst.wasm).toBeLessThan(TOLERANCES.wasm);
    expect(worst.webgl).toBeLessThan(TOLERANCES.webgl);
  }, 300_000);
});
