import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { centerRect, FULL, validateRect, viewOfRect } from '../../src/frame/region';
import { faultOf } from '../support/errors';

const side = fc.integer({ min: 1, max: 8192 });
const fraction = fc.double({ min: 0, max: 1, noNaN: true });
const rect = fc
  .tuple(fraction, fraction, fraction, fraction)
  .map(([a, b, c, d]) => ({ x: Math.min(a, b), y: Math.min(c, d), width: Math.abs(a - b), height: Math.abs(c - d) }))
  .filter(({ width, height }) => width > 0 && height > 0);

describe('centerRect', () => {
  it('is the largest square, in the middle', () => {
    fc.assert(
      fc.property(side, side, (width, height) => {
        const center = centerRect(width, height);
        expect(center.width * width).toBeCloseTo(Math.min(width, height), 6);
        expect(center.height * height).toBeCloseTo(Math.min(width, height), 6);
        expect(center.x + center.width / 2).toBeCloseTo(0.5, 9);
        expect(center.y + center.height / 2).toBeCloseTo(0.5, 9);
      }),
    );
  });
});

describe('viewOfRect', () => {
  it('puts the smallest square around the rectangle, with the same middle', () => {
    fc.assert(
      fc.property(rect, side, side, (fractions, width, height) => {
        const view = viewOfRect(fractions, width, height);
        expect(view.square.side).toBe(Math.max(view.rect.width, view.rect.height));
        expect(view.square.x + view.square.side / 2).toBeCloseTo(view.rect.x + view.rect.width / 2, 6);
        expect(view.square.y + view.square.side / 2).toBeCloseTo(view.rect.y + view.rect.height / 2, 6);
      }),
    );
  });

  it('pads a wide frame above and below', () => {
    expect(viewOfRect(FULL, 400, 200)).toEqual({
      rect: { x: 0, y: 0, width: 400, height: 200 },
      square: { x: 0, y: -100, side: 400 },
    });
  });
});

describe('validateRect', () => {
  it('takes every rectangle inside the frame', () => {
    fc.assert(
      fc.property(rect, (fractions) => {
        expect(validateRect(fractions)).toEqual(fractions);
      }),
    );
    // Fractions from another network's output: in 32 bits 0.15 + 0.85 ends above the frame.
    const rounded = { x: Math.fround(0.15), y: 0, width: Math.fround(0.85), height: 1 };
    expect(rounded.x + rounded.width).toBeGreaterThan(1);
    expect(validateRect(rounded)).toEqual(rounded);
    const upright = { x: 0, y: rounded.x, width: 1, height: rounded.width };
    expect(validateRect(upright)).toEqual(upright);
  });

  it('refuses what is empty, outside, or no rectangle', async () => {
    const good = { x: 0.25, y: 0.25, width: 0.5, height: 0.5 };
    const bad: unknown[] = [
      ...[0, -0.1, 0.76, Number.NaN, Number.POSITIVE_INFINITY, '0.5', null].map((width) => ({ ...good, width })),
      ...[-0.001, 1, Number.NaN].map((x) => ({ ...good, x })),
      ...[-0.001, 0.6].map((y) => ({ ...good, y })),
      ...[0, -0.1].map((height) => ({ ...good, height })),
      ...[null, undefined, 'left', 7, [], {}],
    ];
    for (const region of bad) expect(await faultOf(() => validateRect(region)), String(region)).toBe('invalid-option');
    expect(() => validateRect('left')).toThrow('not "left"');
  });

  it('never gives back a rectangle that leaves the frame', () => {
    fc.assert(
      fc.property(fc.record({ x: fc.double(), y: fc.double(), width: fc.double(), height: fc.double() }), (any) => {
        let region: ReturnType<typeof validateRect>;
        try {
          region = validateRect(any);
        } catch {
          return;
        }
        expect(region.x).toBeGreaterThanOrEqual(0);
        expect(region.y).toBeGreaterThanOrEqual(0);
        expect(region.x + region.width).toBeLessThanOrEqual(1 + 1e-6);
        expect(region.y + region.height).toBeLessThanOrEqual(1 + 1e-6);
      }),
    );
  });
});
