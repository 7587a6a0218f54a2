import { FingerspellRecognizer, type PixelData } from 'asl-fingerspell';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { asEverySource, toCanvas, toImage, toVideo } from '../support/browser-pictures';
import { randomNet } from '../support/models';
import { drawPicture } from '../support/pictures';
import { toFiles } from '../support/reference';

const HAND = new URL('../fixtures/hand-l.png', import.meta.url).href;

let recognizer: FingerspellRecognizer;
let sensitive: FingerspellRecognizer;
beforeAll(async () => {
  recognizer = await FingerspellRecognizer.load({ backend: 'wasm' });
  // The shipped model is sure that no hand is in a drawn picture; a network of random weights minds every pixel.
  sensitive = await FingerspellRecognizer.load({ backend: 'wasm', model: toFiles(randomNet([], 48, 11)) });
});
afterAll(() => {
  recognizer.dispose();
  sensitive.dispose();
});
afterEach(() => document.body.replaceChildren());

const worst = (a: readonly number[], b: readonly number[]): number =>
  Math.max(...a.map((p, i) => Math.abs(p - (b[i] as number))));

function mirrorPixels({ data, width, height }: PixelData): PixelData {
  const mirrored = new Uint8ClampedArray(data.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = (y * width + x) * 4;
      mirrored.set(data.subarray(from, from + 4), (y * width + width - 1 - x) * 4);
    }
  }
  return { data: mirrored, width, height };
}

describe('classify() of one picture', () => {
  it('gives the same answer for every kind of source', async () => {
    for (const reader of [recognizer, sensitive]) {
      // The size of the input: nothing is resized, so that all ways lead to the same bytes.
      const size = reader.inputSize;
      const { sources, dispose } = await asEverySource(drawPicture(size, size, 3));
      const results = await Promise.all(Object.values(sources).map((source) => reader.classify(source)));
      const [first] = results;
      for (const [i, name] of Object.keys(sources).entries()) {
        // A VideoFrame may pass through YUV, a WebGL canvas through the GPU: a grey level or two.
        const isExact = !['VideoFrame', 'WebGL canvas'].includes(name);
        const difference = worst(results[i]?.probabilities ?? [], first?.probabilities ?? []);
        expect(difference, name).toBeLessThan(isExact ? 1e-6 : 0.02);
        if (isExact) expect(results[i]?.predictions[0]?.letter, name).toBe(first?.predictions[0]?.letter);
        expect(results[i]?.region, name).toEqual({ x: 0, y: 0, width: 1, height: 1 });
      }
      dispose();
    }
  });

  it('gives nearly the same answer for every kind of source of another size', async () => {
    const { sources, dispose } = await asEverySource(drawPicture(413, 277, 4));
    const results = await Promise.all(Object.values(sources).map((source) => recognizer.classify(source)));
    const drawn = results.slice(3);
    for (const { probabilities } of drawn)
      expect(worst(probabilities, drawn[0]?.probabilities ?? [])).toBeLessThan(0.03);
    for (const { probabilities } of results)
      expect(worst(probabilities, results[0]?.probabilities ?? [])).toBeLessThan(0.15);
    dispose();
  });

  it('reads the same square of a picture for dense screens, and of a turned frame', async () => {
    const plain = new Image();
    plain.src = HAND;
    const dense = new Image();
    dense.srcset = `${HAND} 2x`;
    await Promise.all([plain.decode(), dense.decode()]);
    const { naturalWidth: width, naturalHeight: height } = plain;
    expect(dense.naturalWidth).toBe(width / 2);
    // Upright again after a quarter clockwise.
    const canvas = Object.assign(document.createElement('canvas'), { width: height, height: width });
    const context = canvas.getContext('2d') as CanvasRenderingContext2D;
    context.rotate(-Math.PI / 2);
    context.drawImage(plain, -width, 0);
    const { data } = context.getImageData(0, 0, height, width);
    const turn = { format: 'RGBX', codedWidth: height, codedHeight: width, timestamp: 0, rotation: 90 } as const;
    const frame = new VideoFrame(data, turn);
    expect([frame.displayWidth, frame.displayHeight]).toEqual([width, height]);
    const inWorker = await FingerspellRecognizer.load({ worker: true });
    const { letter, probabilities } = await recognizer.classify(plain);
    expect(letter).toBe('l');
    for (const [name, source] of Object.entries({ dense, frame })) {
      const result = await recognizer.classify(source);
      expect(result.letter, name).toBe('l');
      expect(worst(result.probabilities, probabilities)).toBeLessThan(0.05);
      expect((await inWorker.classify(source)).letter, `${name} in a worker`).toBe('l');
    }
    inWorker.dispose();
    frame.close();
  });

  it('reads a playing video', async () => {
    const pixels = drawPicture(320, 240, 5);
    const canvas = toCanvas(new ImageData(new Uint8ClampedArray(pixels.data), 320, 240));
    const { video, stop } = await toVideo(canvas);
    const [fromVideo, fromCanvas] = [await recognizer.classify(video), await recognizer.classify(canvas)];
    expect(worst(fromVideo.probabilities, fromCanvas.probabilities)).toBeLessThan(0.1);
    expect(fromVideo.region).toEqual(fromCanvas.region);
    stop();
  });

  it('takes the pixels before it returns, so that the source may change at once', async () => {
    const size = recognizer.inputSize;
    const pixels = drawPicture(size, size, 6);
    const canvas = toCanvas(new ImageData(new Uint8ClampedArray(pixels.data), size, size));
    const [wanted, busy] = [await recognizer.classify(canvas), recognizer.classify(drawPicture(50, 50, 1))];
    const pending = [recognizer.classify(canvas), recognizer.classify(pixels)];
    canvas.getContext('2d')?.clearRect(0, 0, size, size);
    (pixels.data as Uint8ClampedArray).fill(0);
    for (const { probabilities } of await Promise.all(pending)) {
      expect(worst(probabilities, wanted.probabilities)).toBeLessThan(1e-6);
    }
    await busy;
  });

  it('reads large and tiny pictures, and an image by its natural size', async () => {
    for (const [width, height] of [
      [1, 1],
      [1, 500],
      [3000, 2000],
      [17, 4],
    ] as const) {
      const { probabilities, noHand } = await recognizer.classify(drawPicture(width, height, 1));
      expect(probabilities.reduce((a, b) => a + b, noHand)).toBeCloseTo(1, 5);
    }
    const canvas = toCanvas(new ImageData(new Uint8ClampedArray(drawPicture(300, 200, 2).data), 300, 200));
    const image = await toImage(canvas);
    const wanted = await recognizer.classify(image);
    Object.assign(image, { width: 20, height: 90 });
    document.body.append(image);
    expect((await recognizer.classify(image)).probabilities).toEqual(wanted.probabilities);
  });
});

describe('region, mirror, letters, topK and threshold', () => {
  const picture = drawPicture(320, 240, 7);

  it('says what was read, in fractions of the frame', async () => {
    const center = await recognizer.classify(picture);
    expect(center.region).toEqual({ x: 0.125, y: 0, width: 0.75, height: 1 });
    expect((await recognizer.classify(picture, { region: 'full' })).region).toEqual({
      x: 0,
      y: 0,
      width: 1,
      height: 1,
    });
    const rect = { x: 0.125, y: 0, width: 0.75, height: 1 };
    const same = await recognizer.classify(picture, { region: rect });
    expect(same.region).toEqual(rect);
    expect(same.probabilities).toEqual(center.probabilities);
  });

  it('reads a rectangle as if it had been cut out', async () => {
    const canvas = toCanvas(new ImageData(new Uint8ClampedArray(picture.data), 320, 240));
    const cut = await createImageBitmap(canvas, 40, 60, 160, 120);
    const region = { x: 40 / 320, y: 60 / 240, width: 160 / 320, height: 120 / 240 };
    const [whole, part] = await Promise.all([
      recognizer.classify(canvas, { region }),
      recognizer.classify(cut, { region: 'full' }),
    ]);
    expect(worst(whole.probabilities, part.probabilities)).toBeLessThan(0.02);
  });

  it('mirrors the picture, and maps what it found back to the unmirrored frame', async () => {
    const region = { x: 0.1, y: 0.1, width: 0.4, height: 0.5 };
    const opposite = { ...region, x: 1 - 0.1 - 0.4 };
    const mirrored = await recognizer.classify(picture, { mirror: true, region });
    const drawn = await recognizer.classify(mirrorPixels(picture), { region: opposite });
    expect(worst(mirrored.probabilities, drawn.probabilities)).toBeLessThan(1e-4);
    expect(mirrored.region).toEqual({
      x: expect.closeTo(0.1),
      y: expect.closeTo(0.1),
      width: expect.closeTo(0.4),
      height: expect.closeTo(0.5),
    });
    expect(mirrored.hand === null).toBe(drawn.hand === null);
    for (const [i, joint] of (mirrored.hand?.joints ?? []).entries()) {
      expect(joint.x).toBeCloseTo(1 - (drawn.hand?.joints[i]?.x ?? 0), 3);
      expect(joint.y).toBeCloseTo(drawn.hand?.joints[i]?.y ?? 0, 3);
    }
  });

  it('shares the probability of other letters out among those that are asked for', async () => {
    const all = await recognizer.classify(picture);
    const some = await recognizer.classify(picture, { letters: ['b', 'a'], topK: 2 });
    const index = (letter: string) => recognizer.labels.indexOf(letter);
    expect(some.probabilities.reduce((a, b) => a + b, some.noHand)).toBeCloseTo(1, 6);
    expect(some.probabilities.filter((p) => p > 0).length).toBeLessThanOrEqual(2);
    const [a, b] = [all.probabilities[index('a')] as number, all.probabilities[index('b')] as number];
    expect(some.probabilities[index('a')]).toBeCloseTo(a / (a + b + all.noHand), 5);
    expect(some.predictions.map(({ letter }) => letter).sort()).toEqual(['a', 'b']);
  });

  it('gives as many letters as asked for, and an answer only from the threshold on', async () => {
    for (const topK of [1, 3, recognizer.labels.length]) {
      expect((await recognizer.classify(picture, { topK })).predictions).toHaveLength(topK);
    }
    const any = await recognizer.classify(picture, { threshold: 0 });
    expect(any.letter).toBe(any.confidence > any.noHand ? any.predictions[0]?.letter : null);
    expect((await recognizer.classify(picture, { threshold: 1 })).letter).toBe(
      any.confidence === 1 ? any.predictions[0]?.letter : null,
    );
    expect(any.confidence).toBe(Math.max(...any.probabilities));
    expect(any.timing.totalMs).toBeGreaterThanOrEqual(any.timing.inferenceMs);
  });

  it("follows a hand in region 'hand' without ever failing, in a video as in a picture", async () => {
    const canvas = toCanvas(new ImageData(new Uint8ClampedArray(picture.data), 320, 240));
    for (let i = 0; i < 4; i++) {
      const { region } = await recognizer.classify(canvas, { region: 'hand' });
      expect(region.width * 320).toBeGreaterThan(0);
    }
    const { sources, dispose } = await asEverySource(picture);
    for (const source of Object.values(sources)) {
      expect((await recognizer.classify(source, { region: 'hand' })).probabilities).toHaveLength(24);
    }
    dispose();
  });
});
