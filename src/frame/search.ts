import { centerRect, FULL, type View, viewOfRect, viewOfSquare } from './region';

/** Side of the smaller squares, in shorter sides of the frame. */
const TILE = 0.6;
/** How far apart they lie at most, in sides of theirs: a hand of a third of a side is whole in one of them. */
const STEP = 0.67;
/** Narrower strips, however long, show no hand that could be read, px. */
const MIN_TILE = 32;
/** The largest square around a hand that may be whole in a smaller square, in shorter sides of the frame. */
export const LARGEST_IN_TILE = TILE * STEP;

/**
 * Where a hand is looked for, in this order: the centre square, the whole frame, then squares that cover it. A hand that
 * is smaller than a fifth of the frame is too small in the first two (`training/results/runs.md` has the figures).
 */
export function searchViews(width: number, height: number): readonly View[] {
  const side = TILE * Math.min(width, height);
  const squares = starts(height, side).flatMap((y) => starts(width, side).map((x) => viewOfSquare({ x, y, side })));
  const center = viewOfRect(centerRect(width, height), width, height);
  // In a square picture they are one.
  const large = width === height ? [center] : [center, viewOfRect(FULL, width, height)];
  return side < MIN_TILE ? large : [...large, ...squares];
}

/** The fewest places from one end to the other, evenly apart. */
function starts(length: number, side: number): number[] {
  const gaps = Math.ceil((length - side) / (STEP * side));
  return Array.from({ length: gaps + 1 }, (_, i) => (i / gaps) * (length - side));
}
