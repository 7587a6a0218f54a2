import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Pace } from '../../src/camera/frame-loop';

/** How many frames are handled of those that come at the given times. */
function handled(timesMs: readonly number[], maxFps: number): number {
  const pace = new Pace();
  return timesMs.filter((timeMs) => pace.isDue(timeMs, maxFps)).length;
}

function framesAt(fps: number, seconds: number): number[] {
  return Array.from({ length: fps * seconds }, (_, index) => (index * 1000) / fps);
}

describe('Pace', () => {
  it('handles every frame that comes no faster than the maximum', () => {
    expect(handled(framesAt(30, 10), 30)).toBe(300);
    expect(handled(framesAt(24, 10), 30)).toBe(240);
  });

  it('keeps to the maximum where it is no fraction of the rate of the frames', () => {
    expect(handled(framesAt(30, 10), 15)).toBe(150);
    expect(handled(framesAt(60, 10), 25)).toBeGreaterThanOrEqual(248);
    expect(handled(framesAt(60, 10), 25)).toBeLessThanOrEqual(251);
  });

  it('goes by a new maximum at once', () => {
    const pace = new Pace();
    expect(pace.isDue(0, 0.1)).toBe(true);
    expect(pace.isDue(100, 0.1)).toBe(false);
    expect(pace.isDue(133, 30)).toBe(true);
  });

  it('does not make up for a gap', () => {
    const pace = new Pace();
    expect(pace.isDue(0, 10)).toBe(true);
    expect(pace.isDue(5000, 10)).toBe(true);
    expect(pace.isDue(5050, 10)).toBe(false);
    expect(pace.isDue(5100, 10)).toBe(true);
  });

  it('never handles more than the maximum and two over any time, however the frames come', () => {
    const steps = fc.array(fc.double({ min: 0, max: 200, noNaN: true }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(steps, fc.double({ min: 0.5, max: 120, noNaN: true }), (gapsMs, maxFps) => {
        let timeMs = 0;
        const timesMs = gapsMs.map((gapMs) => {
          timeMs += gapMs;
          return timeMs;
        });
        const spanMs = timeMs - (timesMs[0] ?? 0);
        // The jitter that a frame may come early by counts once for each frame.
        const frames = handled(timesMs, maxFps);
        expect(frames).toBeLessThanOrEqual((spanMs + 1) / (1000 / maxFps) + 2);
      }),
    );
  });
});
