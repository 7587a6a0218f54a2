import type { Hand } from '../types';
import type { Square, View } from './region';

/**
 * Remembers where the hand was in each source that changes over time, so that `region: 'hand'` costs one look a frame.
 * A hand that is lost is looked for anew: in the centre square and in the whole frame by turns.
 */
export class HandTracker {
  // Sources are the keys, and may be thrown away while they are.
  readonly #tracks = new WeakMap<object, { square: Square | null; misses: number }>();

  /** Where to look in the next frame of `source`; `null` where nothing is known: `misses` says how often in a row. */
  locate(source: object): { readonly square: Square | null; readonly misses: number } {
    return this.#tracks.get(source) ?? { square: null, misses: 0 };
  }

  /** Notes what was seen; `square` is the place around `hand`. */
  note(source: object, hand: Hand | null, square: Square | null): void {
    const { misses } = this.locate(source);
    this.#tracks.set(source, hand ? { square, misses: 0 } : { square: null, misses: misses + 1 });
  }
}

/** A square of the frame, itself the rectangle that is read; it is black where it reaches outside. */
export function viewOfSquare(square: Square): View {
  return { square, rect: { x: square.x, y: square.y, width: square.side, height: square.side } };
}
