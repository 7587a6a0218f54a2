import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { farScene, withoutHand } from '../../training/evaluation/scenes';
import { plain } from '../support/pictures';

const RED = [255, 0, 0] as const;
const BLUE = [0, 0, 255] as const;

/** The smallest rectangle around what is red: x, y, width, height. */
function redPart({ data, width, height }: { data: ArrayLike<number>; width: number; height: number }): number[] {
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let i = 0; i < width * height; i++) {
    if (data[4 * i] !== 255) continue;
    const [x, y] = [i % width, Math.floor(i / width)];
    [left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x), Math.max(bottom, y)];
  }
  return [left, top, right - left + 1, bottom - top + 1];
}

describe('farScene', () => {
  it('holds the whole frame, shrunk so that the hand has 0.1 to 0.3 of the scene', () => {
    const [frame, around] = [plain(300, 240, RED), plain(50, 60, BLUE)];
    fc.assert(
      fc.property(fc.double({ min: 0.2, max: 0.9, noNaN: true }), fc.nat(1000), (share, i) => {
        const scene = farScene(frame, { x: 0, y: 0, width: share * 0.8, height: share }, around, i);
        expect([scene.width, scene.height]).toEqual([640, 480]);
        const [, , width, height] = redPart(scene) as [number, number, number, number];
        expect(width / height).toBeCloseTo(300 / 240, 0);
        expect((height * share) / 480).toBeGreaterThan(0.09);
        expect((height * share) / 480).toBeLessThanOrEqual(0.301);
      }),
      { numRuns: 10 },
    );
  });
});

describe('withoutHand', () => {
  it('covers the hand and leaves the rest, and the frame itself, as they were', () => {
    const frame = plain(100, 80, BLUE);
    const covered = withoutHand(frame, { x: 0.5, y: 0.5, width: 0.2, height: 0.25 }, plain(7, 9, RED));
    expect(redPart(covered)).toEqual([45, 35, 30, 30]);
    expect(frame).toEqual(plain(100, 80, BLUE));
  });
});
