import { type Square, type View, viewOfSquare } from './region';

/** A source whose frames belong together. */
export interface Stream {
  /** What stands for it; sources may be thrown away while they are remembered. */
  readonly key: object;
  /** Whether the next frame surely shows the same scene. A canvas may be drawn anew with anything. */
  readonly isVideo: boolean;
}

/** Where to look in a frame until the hand is found. */
export interface Plan {
  /** Around the hand of the last frame. */
  readonly followed: View | null;
  /** Then here, and closely at what is found. */
  readonly search: readonly View[];
}

interface Track {
  readonly square: Square | null;
  /** In how many frames in a row what was seen may have been no hand. */
  readonly doubts: number;
  /** The place in the search that comes next. */
  readonly turn: number;
}

const NOTHING: Track = { square: null, doubts: 0, turn: 0 };
/** A hand between two letters is doubtful for some frames. One that stays so may be none: it is looked for elsewhere … */
const PATIENCE = 5;
/** … in every third frame, so that a hand at rest costs little. */
const EVERY = 3;

/**
 * Remembers where the hand was in each stream, so that a letter that is held costs one look a frame. A hand that was
 * lost is looked for anew: in a video at one place a frame by turns, elsewhere everywhere at once.
 */
export class HandTracker {
  readonly #tracks = new WeakMap<object, Track>();

  /** @param search - everywhere a hand may be looked for, see {@link searchViews} */
  plan(stream: Stream | null, search: readonly View[]): Plan {
    if (stream === null) return { followed: null, search };
    const track = this.#trackOf(stream);
    const followed = track.square && viewOfSquare(track.square);
    if (!stream.isVideo) return { followed, search };
    const isDue = followed === null || (track.doubts >= PATIENCE && (track.doubts - PATIENCE) % EVERY === 0);
    if (!isDue) return { followed, search: [] };
    // A video may have changed its size, and with it the number of places.
    const turn = track.turn % search.length;
    this.#tracks.set(stream.key, { ...track, turn: turn + 1 });
    return { followed, search: search.slice(turn, turn + 1) };
  }

  /** Notes what was seen: the place around the hand, `null` for none, and whether it surely is the hand. */
  note(stream: Stream, square: Square | null, isFound: boolean): void {
    const before = this.#trackOf(stream);
    // A hand that was read until now moved: most hands are large enough for the first places. What was in doubt may be
    // taken for a hand there again and again, so that the others would never have their turn.
    const isLost = square === null && before.square !== null && before.doubts === 0;
    this.#tracks.set(stream.key, { square, doubts: isFound ? 0 : before.doubts + 1, turn: isLost ? 0 : before.turn });
  }

  #trackOf({ key }: Stream): Track {
    return this.#tracks.get(key) ?? NOTHING;
  }
}
