import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { looseView } from '../../training/evaluation/data';

const picture = (width: number, height: number) => ({ data: new Uint8Array(), width, height });

describe('looseView', () => {
  it('holds the whole hand, with 0.4 to 0.8 of its side, and stays in the picture where it can', () => {
    const place = fc.record({
      x: fc.double({ min: 0, max: 1, noNaN: true }),
      y: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(place, fc.integer({ min: 40, max: 200 }), fc.nat(5000), ({ x, y }, hand, i) => {
        const [left, top] = [x * (640 - hand), y * (480 - hand)];
        const standard = { x: left - hand / 4, y: top - hand / 4, side: 1.5 * hand };
        const { square, gain } = looseView(standard, picture(640, 480), i);
        expect(hand / square.side).toBeGreaterThanOrEqual(0.4);
        expect(hand / square.side).toBeLessThanOrEqual(0.8);
        expect(square.x).toBeLessThanOrEqual(left + 1e-6);
        expect(square.x + square.side).toBeGreaterThanOrEqual(left + hand - 1e-6);
        expect(square.y).toBeLessThanOrEqual(top + 1e-6);
        expect(square.y + square.side).toBeGreaterThanOrEqual(top + hand - 1e-6);
        expect(Math.abs(Math.log2(gain))).toBeLessThanOrEqual(1);
        expect(square.x).toBeGreaterThanOrEqual(0);
        expect(square.x + square.side).toBeLessThanOrEqual(640 + 1e-6);
        if (square.side > 480) return;
        expect(square.y).toBeGreaterThanOrEqual(0);
        expect(square.y + square.side).toBeLessThanOrEqual(480 + 1e-6);
      }),
    );
  });

  // Those of test_strangers.py.
  it('is the square that Python reads', () => {
    const { square, gain } = looseView({ x: 20, y: 300, side: 150 }, picture(640, 440), 7);
    expect([square.x, square.y, square.side, gain].map((value) => value.toFixed(3))).toEqual([
      '14.608',
      '305.113',
      '134.887',
      '0.767',
    ]);
  });
});
