import type { FingerspellError } from '../errors';
import { invalidOption, show } from '../guards';
import type { RegionRect } from '../types';

/** A square of the frame in pixels; it may reach outside, where it is black. */
export interface Square {
  readonly x: number;
  readonly y: number;
  readonly side: number;
}

/** What is read: a rectangle of the frame in px, and the square that is the network's view of it. */
export interface View {
  readonly rect: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
  readonly square: Square;
}

/** A rectangle in fractions of a frame, in its pixels, with black bars added on the short sides to make it square. */
export function viewOfRect(rect: RegionRect, width: number, height: number): View {
  const inPixels = { x: rect.x * width, y: rect.y * height, width: rect.width * width, height: rect.height * height };
  const side = Math.max(inPixels.width, inPixels.height);
  return {
    rect: inPixels,
    square: {
      x: inPixels.x + (inPixels.width - side) / 2,
      y: inPixels.y + (inPixels.height - side) / 2,
      side,
    },
  };
}

/** A square of the frame, itself the rectangle that is read; it is black where it reaches outside. */
export function viewOfSquare(square: Square): View {
  return { square, rect: { x: square.x, y: square.y, width: square.side, height: square.side } };
}

/** The largest centred square. */
export function centerRect(width: number, height: number): RegionRect {
  const side = Math.min(width, height);
  return { x: (width - side) / 2 / width, y: (height - side) / 2 / height, width: side / width, height: side / height };
}

export const FULL: RegionRect = { x: 0, y: 0, width: 1, height: 1 };

// Fractions in 32 bits, as networks give them, may sum to a little more than 1.
const ROUNDING = 1e-6;

/**
 * Checks a rectangle that a caller gave.
 *
 * @throws FingerspellError `invalid-option` if it is empty or reaches outside the frame
 */
export function validateRect(rect: unknown): RegionRect {
  const { x, y, width, height } = (rect ?? {}) as Partial<Record<keyof RegionRect, unknown>>;
  if (![x, y, width, height].every((n) => typeof n === 'number' && Number.isFinite(n))) {
    const got = typeof rect === 'string' ? `, not ${show(rect)}` : '';
    throw invalid(`must be 'center', 'full', 'hand' or { x, y, width, height } in fractions of the frame${got}`);
  }
  const [left, top, w, h] = [x, y, width, height] as [number, number, number, number];
  if (!(w > 0 && h > 0)) throw invalid(`is empty (width ${w}, height ${h})`);
  if (left < 0 || top < 0 || left + w > 1 + ROUNDING || top + h > 1 + ROUNDING) {
    throw invalid(`reaches outside the frame (x ${left} to ${left + w}, y ${top} to ${top + h}; allowed is 0 to 1)`);
  }
  return { x: left, y: top, width: w, height: h };
}

function invalid(what: string): FingerspellError {
  return invalidOption(`The region ${what}`);
}
