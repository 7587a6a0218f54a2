import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type View, viewOfSquare } from '../../src/frame/region';
import { searchViews } from '../../src/frame/search';
import { HandTracker, type Plan } from '../../src/frame/tracker';

/** The smaller ones of the views. */
const squaresOf = (views: readonly View[], width: number, height: number): View[] =>
  views.filter(({ square }) => square.side < Math.min(width, height));

describe('searchViews', () => {
  const side = fc.integer({ min: 54, max: 4096 });

  it('begins with the centre square and the whole frame', () => {
    const [center, full] = searchViews(640, 480);
    expect(center?.square).toEqual({ x: 80, y: 0, side: 480 });
    expect(full?.square).toEqual({ x: 0, y: -80, side: 640 });
  });

  it('then has a small hand, anywhere in the frame, whole in some square', () => {
    const fraction = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(side, side, fraction, fraction, (width, height, fx, fy) => {
        const hand = 0.19 * Math.min(width, height);
        const [x, y] = [fx * (width - hand), fy * (height - hand)];
        const holds = ({ square }: { square: { x: number; y: number; side: number } }): boolean =>
          square.x <= x + 1e-6 &&
          square.y <= y + 1e-6 &&
          square.x + square.side >= x + hand - 1e-6 &&
          square.y + square.side >= y + hand - 1e-6;
        expect(squaresOf(searchViews(width, height), width, height).some(holds)).toBe(true);
      }),
    );
  });

  it('looks for no hand in strips that are too narrow to show one', () => {
    expect(searchViews(8000, 20)).toHaveLength(2);
  });

  it('asks for few looks in the shapes that cameras have, and never leaves the frame', () => {
    const shapes = [
      [640, 480, 8],
      [480, 640, 8],
      [1280, 720, 10],
      [300, 300, 5],
    ] as const;
    for (const [width, height, count] of shapes) {
      const views = searchViews(width, height);
      expect(views).toHaveLength(count);
      for (const { square } of squaresOf(views, width, height)) {
        expect(Math.min(square.x, square.y)).toBeGreaterThanOrEqual(0);
        expect(square.x + square.side).toBeLessThanOrEqual(width + 1e-6);
        expect(square.y + square.side).toBeLessThanOrEqual(height + 1e-6);
      }
    }
  });
});

describe('HandTracker', () => {
  const everywhere = searchViews(640, 480);
  const hand = { x: 100, y: 50, side: 120 };
  const video = { key: {}, isVideo: true };

  it('looks everywhere in a picture', () => {
    expect(new HandTracker().plan(null, everywhere)).toEqual({ followed: null, search: everywhere });
  });

  it('looks at one place a frame of a video by turns until there is a hand, then only there', () => {
    const tracker = new HandTracker();
    for (const view of [...everywhere, everywhere[0]]) {
      expect(tracker.plan(video, everywhere)).toEqual({ followed: null, search: [view] });
      tracker.note(video, null, false);
    }
    tracker.note(video, hand, true);
    for (let i = 0; i < 20; i++) {
      expect(tracker.plan(video, everywhere)).toEqual({ followed: viewOfSquare(hand), search: [] });
      tracker.note(video, hand, true);
    }
    tracker.note(video, null, false);
    expect(tracker.plan(video, everywhere).followed).toBeNull();
  });

  it('looks for a hand that moved away from the first place on, for one that was in doubt where it left off', () => {
    for (const [isFound, next] of [
      [true, 0],
      [false, 3],
    ] as const) {
      const tracker = new HandTracker();
      for (const view of everywhere.slice(0, 3)) {
        expect(tracker.plan(video, everywhere).search).toEqual([view]);
        tracker.note(video, null, false);
      }
      tracker.note(video, hand, isFound);
      tracker.note(video, null, false);
      expect(tracker.plan(video, everywhere)).toEqual({ followed: null, search: [everywhere[next]] });
    }
  });

  it('goes on in a video whose shape changes', () => {
    const tracker = new HandTracker();
    for (const [width, height] of [
      [1280, 720],
      [640, 480],
      [300, 300],
      [720, 1280],
    ] as const) {
      const places = searchViews(width, height);
      for (let i = 0; i < 9; i++) expect(places).toContain(tracker.plan(video, places).search[0]);
    }
  });

  it('looks elsewhere too, everywhere by turns, when what it follows shows no letter for long', () => {
    const tracker = new HandTracker();
    tracker.note(video, hand, true);
    const plans = Array.from({ length: 5 + 3 * everywhere.length }, (): Plan => {
      const plan = tracker.plan(video, everywhere);
      tracker.note(video, hand, false);
      return plan;
    });
    expect(plans.every(({ followed }) => followed?.square === hand)).toBe(true);
    expect(plans.slice(0, 5).flatMap(({ search }) => search)).toEqual([]);
    expect(plans[5]?.search).toHaveLength(1);
    expect(plans.flatMap(({ search }) => search)).toEqual(everywhere);
    tracker.note(video, hand, true);
    expect(tracker.plan(video, everywhere).search).toEqual([]);
  });

  it('looks where the hand was on a canvas, and everywhere if it shows something else now', () => {
    const tracker = new HandTracker();
    const canvas = { key: {}, isVideo: false };
    expect(tracker.plan(canvas, everywhere)).toEqual({ followed: null, search: everywhere });
    tracker.note(canvas, hand, true);
    expect(tracker.plan(canvas, everywhere)).toEqual({ followed: viewOfSquare(hand), search: everywhere });
    expect(tracker.plan({ key: {}, isVideo: false }, everywhere).followed).toBeNull();
  });
});
