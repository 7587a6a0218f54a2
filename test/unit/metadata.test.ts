import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readMetadata } from '../../src/model/metadata';
import { faultOf } from '../support/errors';
import { shippedFiles } from '../support/shipped';

const tutorial = {
  alphabet2int: { a: 0, b: 1, c: 2 },
  int2alphabet: { 0: 'a', 1: 'b', 2: 'c' },
  image_size: 224,
  RGB_mean: [0.5, 0.4, 0.3],
};

describe('readMetadata', () => {
  it("reads the tutorial's file", () => {
    expect(readMetadata(tutorial)).toMatchObject({
      labels: ['a', 'b', 'c'],
      outputs: [0, 1, 2],
      noHandIndex: null,
      imageSize: 224,
      handOutput: null,
    });
    const { normalization } = readMetadata(tutorial);
    expect(normalization).toEqual({ factor: 1, shift: [-0.5, -0.4, -0.3] });
  });

  it('needs only one of the two tables', () => {
    for (const name of ['alphabet2int', 'int2alphabet']) {
      const { [name as 'int2alphabet']: table } = tutorial;
      expect(readMetadata({ [name]: table }).labels).toEqual(['a', 'b', 'c']);
    }
    expect(readMetadata({ int2alphabet: ['a', 'b', 'c'] }).labels).toEqual(['a', 'b', 'c']);
  });

  it('orders labels by output, not as text, and leaves the no-hand class out', () => {
    const names = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [i, String.fromCharCode(97 + i)]));
    const { labels, outputs, noHandIndex } = readMetadata({ int2alphabet: names, no_hand_index: 3 });
    expect(labels.join('')).toBe('abcefghijkl');
    expect(outputs).toEqual([0, 1, 2, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(noHandIndex).toBe(3);
  });

  it("reads Teachable Machine's file, whose networks take −1 to 1", () => {
    const { labels, imageSize, normalization } = readMetadata({
      packageName: '@teachablemachine/image',
      labels: ['yes', 'no'],
      imageSize: 224,
    });
    expect(labels).toEqual(['yes', 'no']);
    expect(imageSize).toBe(224);
    expect(normalization).toEqual({ factor: 2, shift: [-1, -1, -1] });
  });

  it('takes the range that a file names over any other, and 0 to 1 where a list of labels names none', () => {
    const labels = ['yes', 'no'];
    const packageName = '@teachablemachine/image';
    expect(readMetadata({ labels }).normalization).toEqual({ factor: 1, shift: [0, 0, 0] });
    const named = { labels, packageName, input_range: [0, 255], RGB_mean: [100, 110, 120] };
    expect(readMetadata(named).normalization).toEqual({ factor: 255, shift: [-100, -110, -120] });
  });

  it('takes inputs from 8 to 1024 px', () => {
    for (const image_size of [8, 1024]) expect(readMetadata({ ...tutorial, image_size }).imageSize).toBe(image_size);
  });

  it('reads the shipped file', () => {
    const { labels, noHandIndex, handOutput, weightsSha256 } = readMetadata(shippedFiles().metadata);
    expect(labels.join('')).toBe('abcdefghiklmnopqrstuvwxy');
    expect(noHandIndex).toBe(24);
    expect(handOutput).toBe(1);
    expect(weightsSha256).toMatch(/^[0-9a-f]{64}$/);
  });

  it('refuses files that cannot be meant', async () => {
    const labels = Object.keys(tutorial.alphabet2int);
    const counts = labels.map((shown) => labels.map((read) => (shown === read ? 40 : 0)));
    const bad: object[] = [
      {},
      [],
      { int2alphabet: {} },
      { int2alphabet: { 0: 'a', 1: 'a' } },
      { alphabet2int: { a: 0, b: 0 } },
      { int2alphabet: { 0: '' } },
      { int2alphabet: { 0: ' ' } },
      { int2alphabet: { x: 'a' } },
      { int2alphabet: { '': 'a' } },
      { int2alphabet: { '1.0': 'a' } },
      { int2alphabet: { '-1': 'a' } },
      { ...tutorial, image_size: 0 },
      { ...tutorial, image_size: 7 },
      { ...tutorial, image_size: 1025 },
      { ...tutorial, image_size: '224' },
      { ...tutorial, RGB_mean: [0.5] },
      { ...tutorial, RGB_mean: [0.5, 0.5, null] },
      { ...tutorial, RGB_mean: [0.5, 0.5, Number.NaN] },
      { ...tutorial, input_range: [0] },
      { ...tutorial, input_range: [0, Number.POSITIVE_INFINITY] },
      { ...tutorial, no_hand_index: -1 },
      { ...tutorial, confusion: [[1]] },
      { ...tutorial, confusion: counts },
    ];
    for (const json of bad) expect(await faultOf(() => readMetadata(json)), JSON.stringify(json)).toBe('asset-invalid');
  });

  it('throws only coded errors, whatever JSON it is given', async () => {
    const keys = [...Object.keys(tutorial), 'labels', 'no_hand_index', 'input_range', 'hand_output', 'confusion'];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...keys), fc.jsonValue(), async (key, value) => {
        expect(await faultOf(() => readMetadata({ ...tutorial, [key]: value }))).toMatch(/^(asset-invalid|none)$/);
      }),
      { numRuns: 300 },
    );
  });
});
