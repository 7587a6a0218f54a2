/** Two results further apart than this are not joined to one hold: what happened between them is unknown. */
const MAX_SILENCE_MS = 2000;

/** The times that {@link LetterHold} goes by, all in ms. */
export interface HoldTimes {
  /** How long the same letter must be seen before it is committed. */
  readonly holdMs: number;
  /** How long a committed letter must be gone before it can be committed again. */
  readonly releaseMs: number;
  /** Drop-outs and other letters up to this long do not interrupt a hold, nor does one frame at a low rate; 0: all do. */
  readonly flickerMs: number;
}

/** What the latest result did. */
export interface HoldStep {
  /** The letter that has just been held long enough, else `null`. */
  readonly committed: string | null;
  /** How long no letter has been seen, in ms, short flashes of one not counted; 0 while one is. */
  readonly pauseMs: number;
}

/**
 * From the flickering answers of single frames to letters that were meant: a letter counts once it has been held, and
 * counts again only after it was let go.
 *
 * Time comes with each answer and is measured in milliseconds, so that the rule is the same at 5 and at 60 frames a
 * second. The caller guarantees that it never runs backwards.
 */
export class LetterHold {
  readonly #times: HoldTimes;
  #nowMs = Number.NEGATIVE_INFINITY;
  /** The unbroken run of equal raw answers that the latest one belongs to. */
  #run: { letter: string | null; sinceMs: number } = { letter: null, sinceMs: 0 };
  /** The letter being held; survives flicker, unlike the run. */
  #held: { letter: string; sinceMs: number; seenMs: number } | null = null;
  /** The letter committed last, which must be gone for `releaseMs` before it may repeat. */
  #locked: { letter: string; goneSinceMs: number | null } | null = null;
  #pauseSinceMs: number | null = null;

  constructor(times: HoldTimes) {
    this.#times = times;
  }

  /** The letter being held and how much of the hold time has passed, 0 to 1; a letter already committed stays at 1. */
  get candidate(): { readonly letter: string; readonly progress: number } | null {
    const held = this.#held;
    if (held === null) return null;
    if (held.letter === this.#locked?.letter) return { letter: held.letter, progress: 1 };
    const elapsedMs = held.seenMs - held.sinceMs;
    return { letter: held.letter, progress: elapsedMs >= this.#times.holdMs ? 1 : elapsedMs / this.#times.holdMs };
  }

  /** Takes the answer for the frame at `timeMs`. */
  push(letter: string | null, timeMs: number): HoldStep {
    this.#follow(letter, timeMs);
    this.#unlock(letter, timeMs);
    this.#hold(letter, timeMs);
    this.#nowMs = timeMs;
    return { committed: this.#commit(letter), pauseMs: this.#pause(letter, timeMs) };
  }

  #follow(letter: string | null, timeMs: number): void {
    const isSilent = timeMs - this.#nowMs > MAX_SILENCE_MS;
    if (isSilent) this.#held = this.#locked = null;
    if (!isSilent && letter === this.#run.letter) return;
    // A run of letters longer than flicker ends the pause that it interrupted; a shorter one, or one frame, never was.
    const { letter: shown, sinceMs } = this.#run;
    if (shown !== null && !this.#isFlicker(timeMs - sinceMs, sinceMs === this.#nowMs)) this.#pauseSinceMs = null;
    this.#run = { letter, sinceMs: timeMs };
  }

  #unlock(letter: string | null, timeMs: number): void {
    const locked = this.#locked;
    if (locked === null) return;
    if (letter !== locked.letter) locked.goneSinceMs ??= timeMs;
    const isReleased = locked.goneSinceMs !== null && timeMs - locked.goneSinceMs >= this.#times.releaseMs;
    if (isReleased) {
      this.#locked = null;
      // With a release shorter than the flicker tolerance the old hold would otherwise still count.
      if (this.#held?.letter === locked.letter) this.#held = null;
    } else if (letter === locked.letter) {
      locked.goneSinceMs = null;
    }
  }

  #hold(letter: string | null, timeMs: number): void {
    const held = this.#held;
    if (held !== null && held.letter === letter) {
      held.seenMs = timeMs;
    } else if (held === null || !this.#isFlicker(timeMs - held.seenMs, held.seenMs === this.#nowMs)) {
      // What follows has been there since its own first frame, not since the flicker tolerance ran out.
      this.#held = letter === null ? null : { letter, sinceMs: this.#run.sinceMs, seenMs: timeMs };
    }
  }

  /** At few frames a second one of them is longer than `flickerMs` after the one before; a whole hold is never flicker. */
  #isFlicker(goneMs: number, isFirst: boolean): boolean {
    const { flickerMs, holdMs } = this.#times;
    return goneMs <= flickerMs || (isFirst && flickerMs > 0 && goneMs < holdMs);
  }

  #commit(letter: string | null): string | null {
    const held = this.#held;
    if (held === null || held.letter !== letter || letter === this.#locked?.letter) return null;
    if (held.seenMs - held.sinceMs < this.#times.holdMs) return null;
    this.#locked = { letter, goneSinceMs: null };
    return letter;
  }

  /** Whether this is more than a flash: it lasted, or it is the letter that is being held, or was committed, across flicker. */
  #isSteady(letter: string, timeMs: number): boolean {
    const { flickerMs } = this.#times;
    if (timeMs - this.#run.sinceMs > flickerMs || letter === this.#locked?.letter) return true;
    return letter === this.#held?.letter && timeMs - this.#held.sinceMs > flickerMs;
  }

  #pause(letter: string | null, timeMs: number): number {
    if (letter === null) this.#pauseSinceMs ??= timeMs;
    else if (this.#isSteady(letter, timeMs)) this.#pauseSinceMs = null;
    return this.#pauseSinceMs === null ? 0 : timeMs - this.#pauseSinceMs;
  }
}
