import { getEventListeners } from 'node:events';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { FingerspellRecognizer } from 'asl-fingerspell';
import { describe, expect, it } from 'vitest';
import { codeOf } from '../support/errors';
import { randomNet } from '../support/models';
import { drawNoise, drawPicture } from '../support/pictures';
import { toFiles } from '../support/reference';
import { shippedFiles } from '../support/shipped';
import { takeUncaught } from '../support/uncaught';
import { watchWasm } from '../support/wasm-watch';

const root = path.resolve(import.meta.dirname, '../..');

describe('the recogniser in Node', () => {
  it('says what it is', async () => {
    const recognizer = await FingerspellRecognizer.load();
    expect(recognizer.labels.join('')).toBe('abcdefghiklmnopqrstuvwxy');
    expect(recognizer.runtime).toMatchObject({ backend: 'wasm', worker: false, threads: 1 });
    expect(recognizer.runtime.reason).toMatch(/WebAssembly/);
    expect(recognizer.inputSize).toBeGreaterThanOrEqual(96);
    recognizer.dispose();
  });

  it('takes pictures of the size that its model names, or metadata.json for one that takes any', async () => {
    for (const [height, width, image_size, wanted] of [
      [32, 32, undefined, 32],
      [null, 40, undefined, 40],
      [40, null, 40, 40],
      [null, null, 24, 24],
    ]) {
      const { modelJson, entries } = randomNet([], 32, 3);
      const text = JSON.stringify(modelJson).replace('[null,32,32,3]', JSON.stringify([null, height, width, 3]));
      const files = toFiles({ modelJson: JSON.parse(text), entries });
      const model = { ...files, metadata: { ...files.metadata, image_size } };
      const recognizer = await FingerspellRecognizer.load({ model });
      expect(recognizer.inputSize).toBe(wanted);
      recognizer.dispose();
    }
  });

  it('says which index is beyond the outputs of a model that has as many as there are labels', async () => {
    const files = toFiles(randomNet([], 32, 3));
    const model = { ...files, metadata: { int2alphabet: { 0: 'a', 1: 'b', 2: 'c', 3: 'd', 7: 'e' } } };
    const error = { code: 'asset-invalid', message: expect.stringMatching(/index 7, .* ends at 4\./) };
    await expect(FingerspellRecognizer.load({ model })).rejects.toMatchObject(error);
  });

  it('says how it is made, where its constructor is called', () => {
    expect(codeOf(() => Reflect.construct(FingerspellRecognizer, []))).toBe('invalid-option');
  });

  it('reads bytes from any place of a file', async () => {
    const recognizer = await FingerspellRecognizer.load({ backend: 'cpu' });
    const file = Buffer.alloc(48 * 48 * 4 + 54, 200);
    const { probabilities } = await recognizer.classify({
      data: new Uint8Array(file.subarray(54)),
      width: 48,
      height: 48,
    });
    expect((await recognizer.classify({ data: file.subarray(54), width: 48, height: 48 })).probabilities).toEqual(
      probabilities,
    );
    recognizer.dispose();
  });

  it('loads although a callback throws, and says whose fault that is', async () => {
    const uncaught = takeUncaught();
    const mine = new Error('mine');
    const recognizer = await FingerspellRecognizer.load({
      onProgress: ({ phase }) => {
        if (phase === 'compile') throw mine;
      },
    });
    expect(await uncaught()).toEqual([mine]);
    recognizer.dispose();
  });

  it('says what to pass for a model that has no address of its own', async () => {
    for (const model of ['data:application/json,{}', 'blob:nodedata:0']) {
      const error = { code: 'invalid-option', message: expect.stringContaining('modelJson, metadata, weights') };
      await expect(FingerspellRecognizer.load({ model })).rejects.toMatchObject(error);
    }
  });

  it('computes calls in order and gives each its own answer', async () => {
    const recognizer = await FingerspellRecognizer.load({ model: toFiles(randomNet([], 32, 3)) });
    const pictures = Array.from({ length: 12 }, (_, seed) => drawPicture(40 + seed, 50, seed));
    const one: number[][] = [];
    for (const picture of pictures) one.push([...(await recognizer.classify(picture)).probabilities]);
    const order: number[] = [];
    const together = await Promise.all(
      pictures.map((picture, i) =>
        recognizer.classify(picture).then((result) => {
          order.push(i);
          return [...result.probabilities];
        }),
      ),
    );
    expect(together).toEqual(one);
    expect(order).toEqual(pictures.map((_, i) => i));
    recognizer.dispose();
  });

  it('lets timers run and signals fire between pictures that are awaited one after another, or wait together', async () => {
    const recognizer = await FingerspellRecognizer.load({ model: toFiles(randomNet([], 32, 3)) });
    const picture = drawPicture(40, 50, 1);
    let isOver = false;
    const timer = setTimeout(() => {
      isOver = true;
    }, 20);
    const deadline = performance.now() + 5000;
    while (!isOver && performance.now() < deadline) await recognizer.classify(picture);
    clearTimeout(timer);
    expect(isOver).toBe(true);

    const controller = new AbortController();
    const calls = Array.from({ length: 2000 }, () => recognizer.classify(picture, { signal: controller.signal }));
    setTimeout(() => controller.abort(), 1);
    const outcomes = await Promise.allSettled(calls);
    expect(outcomes.filter(({ status }) => status === 'rejected').length).toBeGreaterThan(0);
    await recognizer.classify(picture);
    recognizer.dispose();
  });

  it('keeps nothing with a signal that outlives the call', async () => {
    const { signal } = new AbortController();
    const recognizer = await FingerspellRecognizer.load({ model: toFiles(randomNet([], 32, 3)), signal });
    await recognizer.classify(drawPicture(40, 50, 1), { signal });
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    recognizer.dispose();
  });

  it('keeps its labels from being changed', async () => {
    const recognizer = await FingerspellRecognizer.load({ model: toFiles(randomNet([], 32, 3)) });
    expect(() => (recognizer.labels as string[]).reverse()).toThrow(TypeError);
    recognizer.dispose();
  });

  it('reads a model folder by URL, by file URL text, and by a path from the working folder', async () => {
    const file = path.join(root, 'model/model.json');
    const picture = drawNoise(64, 64, 1);
    const answers: (readonly number[])[] = [];
    for (const model of [
      pathToFileURL(file),
      pathToFileURL(file).href,
      path.relative(process.cwd(), file),
      shippedFiles(),
    ]) {
      const recognizer = await FingerspellRecognizer.load({ model });
      answers.push((await recognizer.classify(picture)).probabilities);
      recognizer.dispose();
    }
    for (const answer of answers) expect(answer).toEqual(answers[0]);
  });

  it('keeps its WASM memory from frame 10 to frame 300, and starts no second one', async () => {
    const watch = watchWasm();
    const recognizer = await FingerspellRecognizer.load();
    const read = async (frames: number) => {
      for (let i = 0; i < frames; i++) await recognizer.classify(drawNoise(20 + (i % 5), 30, i));
      return watch.heapBytes();
    };
    const early = await read(10);
    expect(early).toBeGreaterThan(0);
    expect(await read(290)).toBe(early);
    expect(watch.started).toBe(1);
    recognizer.dispose();
    watch.restore();
  });
});
