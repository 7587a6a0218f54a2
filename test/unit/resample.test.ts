import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { centerRect, FULL, viewOfRect, viewOfSquare } from '../../src/frame/region';
import { resample } from '../../src/frame/resample';
import type { PixelData } from '../../src/types';
import { openKernelSummer } from '../support/kernel-summer';
import { drawNoise } from '../support/pictures';

const plain = (width: number, height: number, colour: readonly number[]) => ({
  data: Uint8ClampedArray.from({ length: width * height * 4 }, (_, i) => colour[i % 4] as number),
  width,
  height,
});
const pixelAt = (bytes: Uint8ClampedArray, size: number, x: number, y: number): number[] => [
  ...bytes.subarray((y * size + x) * 4, (y * size + x) * 4 + 4),
];
const side = fc.integer({ min: 1, max: 60 });

/** The mean colour over black of a square of the picture, fractions of pixels by their area. */
function meanOf({ data, width }: PixelData, left: number, top: number, length: number): number[] {
  const sums = [0, 0, 0];
  for (let y = Math.floor(top); y < top + length; y++) {
    for (let x = Math.floor(left); x < left + length; x++) {
      const area = overlap(x, left, length) * overlap(y, top, length);
      const at = (y * width + x) * 4;
      for (const c of [0, 1, 2]) {
        const seen = ((data[at + c] ?? 0) * (data[at + 3] ?? 0)) / 255;
        sums[c] = (sums[c] as number) + (area * seen) / length ** 2;
      }
    }
  }
  return sums;
}

const overlap = (pixel: number, from: number, length: number): number =>
  Math.max(0, Math.min(pixel + 1, from + length) - Math.max(pixel, from));

describe('resample by kernels', () => {
  it('gives back what one large picture took when a small one follows', async () => {
    const summer = await openKernelSummer();
    const bytes = (length: number) => summer.reserve(length).buffer.byteLength;
    expect(bytes(150_000_000)).toBeGreaterThan(150_000_000);
    expect(bytes(1_000_000)).toBeLessThan(10_000_000);
    const memory = summer.reserve(1000).buffer;
    expect(summer.reserve(2000).buffer).toBe(memory);
    summer.dispose();
  });

  it('gives the same bytes as plain JavaScript, whatever the sizes, the region and what is transparent', async () => {
    const summer = await openKernelSummer();
    const share = (min: number, max: number) => fc.double({ min, max, noNaN: true });
    const picture = fc.record({ width: side, height: side, seed: fc.nat(99), isOpaque: fc.boolean() });
    const look = fc.record({
      size: fc.integer({ min: 1, max: 40 }),
      mirror: fc.boolean(),
      x: share(-0.5, 1.2),
      side: share(0.01, 2),
    });
    let opaque = 0;
    fc.assert(
      fc.property(picture, look, ({ width, height, seed, isOpaque }, { size, mirror, x, side }) => {
        const source = drawNoise(width, height, seed);
        if (!isOpaque) source.data[3] = 100;
        const square = viewOfSquare({ x: x * width, y: x * height, side: side * width });
        for (const view of [
          viewOfRect(FULL, width, height),
          viewOfRect(centerRect(width, height), width, height),
          square,
        ]) {
          const wanted = resample(source, view, size, mirror);
          expect(resample(source, view, size, mirror, summer)).toEqual(wanted);
        }
        if (isOpaque) opaque++;
      }),
      { numRuns: 300 },
    );
    expect(opaque).toBeGreaterThan(50);
  });
});

describe('resample', () => {
  it('leaves a square of the right size as it is', () => {
    const source = drawNoise(24, 24, 1);
    expect(resample(source, viewOfRect(FULL, 24, 24), 24, false)).toEqual(source.data);
  });

  it('keeps a plain colour plain, whatever the sizes and the region', () => {
    fc.assert(
      fc.property(side, side, fc.integer({ min: 1, max: 40 }), fc.nat(255), (width, height, size, grey) => {
        const source = plain(width, height, [grey, 255 - grey, 7, 255]);
        const result = resample(source, viewOfRect(centerRect(width, height), width, height), size, false);
        for (let i = 0; i < result.length; i += 4) {
          expect([...result.subarray(i, i + 4)]).toEqual([grey, 255 - grey, 7, 255]);
        }
      }),
    );
  });

  it('mirrors left to right and nothing else', () => {
    fc.assert(
      fc.property(side, side, fc.integer({ min: 1, max: 20 }), fc.nat(99), (width, height, size, seed) => {
        const source = drawNoise(width, height, seed);
        const view = viewOfRect(FULL, width, height);
        const [straight, mirrored] = [resample(source, view, size, false), resample(source, view, size, true)];
        for (let y = 0; y < size; y++) {
          for (let x = 0; x < size; x++) {
            expect(pixelAt(mirrored, size, x, y)).toEqual(pixelAt(straight, size, size - 1 - x, y));
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  it('pads a region that is not square with black', () => {
    const result = resample(plain(80, 40, [200, 100, 50, 255]), viewOfRect(FULL, 80, 40), 40, false);
    expect(pixelAt(result, 40, 20, 0)).toEqual([0, 0, 0, 255]);
    expect(pixelAt(result, 40, 20, 9)).toEqual([0, 0, 0, 255]);
    expect(pixelAt(result, 40, 20, 10)).toEqual([200, 100, 50, 255]);
    expect(pixelAt(result, 40, 20, 29)).toEqual([200, 100, 50, 255]);
    expect(pixelAt(result, 40, 20, 30)).toEqual([0, 0, 0, 255]);
  });

  it('shows transparent pixels over black', () => {
    expect(pixelAt(resample(plain(4, 4, [200, 100, 50, 0]), viewOfRect(FULL, 4, 4), 4, false), 4, 1, 1)).toEqual([
      0, 0, 0, 255,
    ]);
    expect(pixelAt(resample(plain(4, 4, [200, 100, 50, 51]), viewOfRect(FULL, 4, 4), 4, false), 4, 1, 1)).toEqual([
      40, 20, 10, 255,
    ]);
  });

  it('reads bytes that begin anywhere in their buffer', () => {
    const source = drawNoise(31, 17, 4);
    const shifted = new Uint8ClampedArray(source.data.length + 3).subarray(3);
    shifted.set(source.data);
    const view = viewOfRect(FULL, 31, 17);
    expect(resample({ ...source, data: shifted }, view, 12, false)).toEqual(resample(source, view, 12, false));
  });

  it('is the mean of what lies under each pixel, within rounding', () => {
    fc.assert(
      fc.property(side, side, fc.integer({ min: 1, max: 12 }), fc.nat(99), (width, height, size, seed) => {
        fc.pre(Math.min(width, height) >= size);
        const source = drawNoise(width, height, seed);
        const square = { x: 0, y: 0, side: Math.min(width, height) };
        const result = resample(
          source,
          { square, rect: { ...square, width: square.side, height: square.side } },
          size,
          false,
        );
        const scale = square.side / size;
        for (let y = 0; y < size; y++) {
          for (let x = 0; x < size; x++) {
            const mean = meanOf(source, x * scale, y * scale, scale);
            // Half a byte, and what up to 60 weights of 14 bits are off by along each axis.
            for (const c of [0, 1, 2])
              expect(Math.abs((pixelAt(result, size, x, y)[c] as number) - (mean[c] as number))).toBeLessThan(0.55);
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  it('reads only the region: what is outside has no say', () => {
    const source = plain(60, 60, [255, 0, 0, 255]);
    for (let y = 15; y < 45; y++) for (let x = 30; x < 60; x++) source.data.set([0, 255, 0, 255], (y * 60 + x) * 4);
    const result = resample(source, viewOfRect({ x: 0.5, y: 0.25, width: 0.5, height: 0.5 }, 60, 60), 10, false);
    for (let i = 0; i < result.length; i += 4) expect([...result.subarray(i, i + 4)]).toEqual([0, 255, 0, 255]);
  });

  it('halves by averaging', () => {
    const source = {
      data: Uint8ClampedArray.of(0, 0, 0, 255, 100, 50, 10, 255, 40, 10, 2, 255, 60, 20, 8, 255),
      width: 2,
      height: 2,
    };
    expect([...resample(source, viewOfRect(FULL, 2, 2), 1, false)]).toEqual([50, 20, 5, 255]);
  });

  it('enlarges with steps between two pixels, and none at the edges', () => {
    const row = [0, 0, 0, 255, 200, 100, 40, 255];
    const source = { data: Uint8ClampedArray.of(...row, ...row), width: 2, height: 2 };
    const result = resample(source, viewOfRect(FULL, 2, 2), 4, false);
    expect([0, 1, 2, 3].map((x) => pixelAt(result, 4, x, 1).slice(0, 3))).toEqual([
      [0, 0, 0],
      [50, 25, 10],
      [150, 75, 30],
      [200, 100, 40],
    ]);
  });
});
