/** Two results further apart than this are not joined to one hold: what happened between them is unknown. */
const MAX_SILENCE_MS = 2000;
/** Hands between letters, and others' gestures, are mostly read with less than certainty: such a letter is held longer. */
const [DOUBTFUL, CERTAIN] = [0.9, 1];
/** Shares of times may sum to a little less than the time that they make up. */
const ROUNDING_MS = 1e-6;

/** The times that {@link LetterHold} goes by, all in ms. */
export interface HoldTimes {
  /** How long the same letter must be seen before it is committed, however doubtful. */
  readonly holdMs: number;
  /** How long it must be seen if it is read surely; not above `holdMs`. */
  readonly sureHoldMs: number;
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

/** Equal raw answers, one after the other; for doubt `lostMs` of their time do not count. */
interface Run {
  letter: string | null;
  sinceMs: number;
  sinceFrame: number;
  lostMs: number;
}

/** A letter that is held, also across flicker; for doubt `lostMs` of its time do not count. */
interface Held {
  letter: string;
  sinceMs: number;
  seenMs: number;
  seenFrame: number;
  lostMs: number;
}

/**
 * From the flickering answers of single frames to letters that were meant: a letter counts once it has been held, and
 * counts again only after it was let go.
 *
 * Time comes with each answer and is measured in milliseconds, so that the rule is the same at 5 and at 60 frames a
 * second. The caller guarantees that it never runs backwards.
 */
export class LetterHold {
  #times: HoldTimes;
  #nowMs = Number.NEGATIVE_INFINITY;
  /** Counts answers: several may come at one time. */
  #frame = 0;
  /** The unbroken run of equal raw answers that the latest one belongs to. */
  #run: Run = { letter: null, sinceMs: 0, sinceFrame: 0, lostMs: 0 };
  /** The letter being held; survives flicker, unlike the run. */
  #held: Held | null = null;
  /** The letter committed last, which must be gone for `releaseMs` before it may repeat. */
  #locked: { letter: string; goneSinceMs: number | null } | null = null;
  #pauseSinceMs: number | null = null;
  #unsureSinceMs: number | null = null;

  constructor(times: HoldTimes) {
    this.#times = times;
  }

  /** Other times; what is being held goes on. */
  setTimes(times: HoldTimes): void {
    this.#times = times;
  }

  /** The letter being held and how much of the hold time has passed, 0 to 1; a letter already committed stays at 1. */
  get candidate(): { readonly letter: string; readonly progress: number } | null {
    const held = this.#held;
    if (held === null) return null;
    if (held.letter === this.#locked?.letter) return { letter: held.letter, progress: 1 };
    const [elapsedMs, { sureHoldMs }] = [elapsed(held), this.#times];
    return { letter: held.letter, progress: elapsedMs >= sureHoldMs ? 1 : elapsedMs / sureHoldMs };
  }

  /**
   * Takes the answer for the frame at `timeMs`.
   *
   * @param confidence - how probable the letter is, 0 to 1
   * @param isUnsure - whether a letter is shown that was not read surely enough to be one: that is no pause
   */
  push(letter: string | null, timeMs: number, confidence: number, isUnsure: boolean): HoldStep {
    const doubt = 1 - this.#pace(confidence);
    this.#frame++;
    this.#follow(letter, timeMs, doubt);
    this.#unlock(letter, timeMs);
    this.#hold(letter, timeMs, doubt);
    this.#nowMs = timeMs;
    return { committed: this.#commit(letter), pauseMs: this.#pause(letter, timeMs, isUnsure) };
  }

  /** How fast a hold goes on, up to 1; fully for who gives no confidence. */
  #pace(confidence: number): number {
    const { sureHoldMs, holdMs } = this.#times;
    if (!(confidence < CERTAIN) || sureHoldMs === holdMs) return 1;
    return Math.max(sureHoldMs / holdMs, (confidence - DOUBTFUL) / (CERTAIN - DOUBTFUL));
  }

  #follow(letter: string | null, timeMs: number, doubt: number): void {
    const isSilent = timeMs - this.#nowMs > MAX_SILENCE_MS;
    if (isSilent) this.#held = this.#locked = null;
    if (!isSilent && letter === this.#run.letter) {
      this.#run.lostMs += doubt * (timeMs - this.#nowMs);
      return;
    }
    // A run of letters longer than flicker ends the pause that it interrupted; a shorter one, or one frame, never was.
    const { letter: shown, sinceMs, sinceFrame } = this.#run;
    if (shown !== null && !this.#isFlicker(timeMs - sinceMs, this.#isLast(sinceFrame))) this.#pauseSinceMs = null;
    this.#run = { letter, sinceMs: timeMs, sinceFrame: this.#frame, lostMs: 0 };
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

  #hold(letter: string | null, timeMs: number, doubt: number): void {
    const held = this.#held;
    if (held !== null && held.letter === letter) {
      held.lostMs += doubt * (timeMs - held.seenMs);
      held.seenMs = timeMs;
      held.seenFrame = this.#frame;
    } else if (held === null || !this.#isFlicker(timeMs - held.seenMs, this.#isLast(held.seenFrame))) {
      // What follows has been there since its own first frame, not since the flicker tolerance ran out.
      const { sinceMs, lostMs } = this.#run;
      this.#held = letter === null ? null : { letter, sinceMs, seenMs: timeMs, seenFrame: this.#frame, lostMs };
    }
  }

  /** Whether that frame is the one before this. */
  #isLast(frame: number): boolean {
    return frame === this.#frame - 1;
  }

  /** At few frames a second one of them is longer than `flickerMs` after the one before; a whole hold is never flicker. */
  #isFlicker(goneMs: number, isFirst: boolean): boolean {
    const { flickerMs, holdMs } = this.#times;
    return goneMs <= flickerMs || (isFirst && flickerMs > 0 && goneMs < holdMs);
  }

  #commit(letter: string | null): string | null {
    const held = this.#held;
    if (held === null || held.letter !== letter || letter === this.#locked?.letter) return null;
    if (elapsed(held) + ROUNDING_MS < this.#times.sureHoldMs) return null;
    this.#locked = { letter, goneSinceMs: null };
    return letter;
  }

  /** Whether this is more than a flash: it lasted, or it is the letter that is being held, or was committed, across flicker. */
  #isSteady(letter: string, timeMs: number): boolean {
    const { flickerMs } = this.#times;
    if (timeMs - this.#run.sinceMs > flickerMs || letter === this.#locked?.letter) return true;
    return letter === this.#held?.letter && timeMs - this.#held.sinceMs > flickerMs;
  }

  #pause(letter: string | null, timeMs: number, isUnsure: boolean): number {
    this.#unsureSinceMs = isUnsure ? (this.#unsureSinceMs ?? timeMs) : null;
    if (this.#unsureSinceMs !== null) {
      if (timeMs - this.#unsureSinceMs > this.#times.flickerMs) this.#pauseSinceMs = null;
    } else if (letter === null) this.#pauseSinceMs ??= timeMs;
    else if (this.#isSteady(letter, timeMs)) this.#pauseSinceMs = null;
    return this.#pauseSinceMs === null ? 0 : timeMs - this.#pauseSinceMs;
  }
}

/** How much of a hold counts, in ms. */
function elapsed({ sinceMs, seenMs, lostMs }: Held): number {
  return seenMs - sinceMs - lostMs;
}
