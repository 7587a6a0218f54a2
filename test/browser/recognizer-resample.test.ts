import { FingerspellRecognizer, type PixelData } from 'asl-fingerspell';
import { decode } from 'jpeg-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commands } from 'vitest/browser';
import { Preprocessor } from '../../src/frame/preprocess';
import { centerRect, viewOfRect } from '../../src/frame/region';
import { resample } from '../../src/frame/resample';
import { drawPicture } from '../support/pictures';

const IDENTITY = { factor: 1, shift: [0, 0, 0] } as const;
const MAX_MEAN_DIFFERENCE = 2;

let recognizer: FingerspellRecognizer;
beforeAll(async () => {
  recognizer = await FingerspellRecognizer.load({ backend: 'wasm' });
});
afterAll(() => recognizer.dispose());

describe('pixels read without a canvas (as in Node) and with drawImage', () => {
  it('differ by at most 2/255 a pixel and give the same letter for 99 % of 200 pictures of hands', async ({ skip }) => {
    const images = await commands.devImages(200);
    if (!images) return skip('the dev images are not on this machine');
    const preprocessor = new Preprocessor(recognizer.inputSize, IDENTITY);
    const differences: number[] = [];
    let sameLetter = 0;
    for (const { file } of images) {
      const bytes = new Uint8Array(await (await fetch(`/@fs${file}`)).arrayBuffer());
      const bitmap = await createImageBitmap(new Blob([bytes]));
      // What Node does: another JPEG decoder, and our own resampling.
      const pixels: PixelData = decode(bytes, { useTArray: true, formatAsRGBA: true });
      differences.push(await compare(preprocessor, bitmap, pixels));
      const [inBrowser, inNode] = await Promise.all([recognizer.classify(bitmap), recognizer.classify(pixels)]);
      if (inBrowser.predictions[0]?.letter === inNode.predictions[0]?.letter) sameLetter++;
      bitmap.close();
    }
    console.log(
      `mean difference ${mean(differences).toFixed(2)}, worst ${Math.max(...differences).toFixed(2)} of 255; `,
    );
    console.log(`same top letter for ${sameLetter} of ${images.length} pictures`);
    expect(Math.max(...differences)).toBeLessThanOrEqual(MAX_MEAN_DIFFERENCE);
    expect(sameLetter).toBeGreaterThanOrEqual(0.99 * images.length);
  });

  for (const [width, height] of [
    [40, 40],
    [97, 130],
    [161, 161],
    [320, 240],
    [639, 480],
    [1280, 720],
    [1920, 1080],
    [2161, 3840],
  ] as const) {
    it(`differ little for a picture of ${width} × ${height} px`, async () => {
      const preprocessor = new Preprocessor(recognizer.inputSize, IDENTITY);
      const pixels = drawPicture(width, height, width);
      const image = new ImageData(new Uint8ClampedArray(pixels.data), width, height);
      const bitmap = await createImageBitmap(image);
      const difference = await compare(preprocessor, bitmap, pixels);
      expect(difference).toBeLessThanOrEqual(MAX_MEAN_DIFFERENCE);
      bitmap.close();
    });
  }
});

/** The mean difference of two ways to take the centre square, in 255ths. */
async function compare(preprocessor: Preprocessor, bitmap: ImageBitmap, pixels: PixelData): Promise<number> {
  const { width, height } = bitmap;
  const view = viewOfRect(centerRect(width, height), width, height);
  const drawn = await preprocessor.take({ kind: 'image', image: bitmap, width, height }, view, false);
  const computed = resample(pixels, view, recognizer.inputSize, false);
  return mean(Array.from(drawn, (byte, i) => Math.abs(byte - (computed[i] as number))).filter((_, i) => i % 4 !== 3));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
