import type { ConfusionMatrix } from '../types';

/** Share given to misreadings that the evaluation never saw, so that none is impossible. */
const UNSEEN_RATE = 0.002;
/** Rate of a misreading and of a right reading where no confusion matrix is known; 24 letters, nine in ten right. */
const TYPICAL_ERROR_RATE = 0.1 / 23;
const TYPICAL_HIT_RATE = 0.9;
/** Costs in nats, as those made from rates: a letter that was not read, one read that was not meant. */
const MISSED_COST = 3.5;
const EXTRA_COST = 4;
/** The second of two equal letters is easily not read: the hand must be let go in between. */
const MISSED_DOUBLE_COST = 0.7;
/** A letter that the model cannot read (J and Z need motion) is missed, or taken for some other one. */
const MISSED_UNREADABLE_COST = 1;
const UNREADABLE_COST = 2;
/** What a suggestion may cost: so much for each letter read, and never more than this in all. */
const ALLOWED_COST_PER_LETTER = 1.6;
const ALLOWED_COST = 8;

/** What it costs to believe that `shown` was meant when `read` was read: 0 for certain, in nats. */
export type ReadingCost = (shown: string, read: string) => number;

interface Word {
  /** As the caller wrote it. */
  readonly text: string;
  /** What a hand spells of it. */
  readonly letters: readonly string[];
}

/** The letters that a hand spells of a text: small, without apostrophes, hyphens and the like. */
export function spelledLetters(text: string): string[] {
  return [...text.toLowerCase()].filter((character) => /[\p{L}\p{N}]/u.test(character));
}

/**
 * The costs that follow from how often a model takes each letter for each other one: the log-likelihood ratio
 * `ln(rate(shown → shown) / rate(shown → read))`, never below 0.
 */
export function readingCosts(labels: readonly string[], confusion: ConfusionMatrix | null | undefined): ReadingCost {
  const known = new Set(labels.map((label) => label.toLowerCase()));
  const rows = new Map((confusion?.labels ?? []).map((label, index) => [label.toLowerCase(), index]));
  const rate = (shown: string, read: string): number => {
    const row = rows.get(shown);
    const column = rows.get(read);
    if (row === undefined || column === undefined) return shown === read ? TYPICAL_HIT_RATE : TYPICAL_ERROR_RATE;
    return (confusion?.rates[row]?.[column] ?? 0) + UNSEEN_RATE;
  };
  return (shown, read) => {
    if (shown === read) return 0;
    if (!known.has(shown)) return UNREADABLE_COST;
    return Math.max(0, Math.log(rate(shown, shown) / rate(shown, read)));
  };
}

/** The words of a list that may be meant by the letters read so far. */
export class WordList {
  readonly #words: readonly Word[];
  readonly #cost: ReadingCost;
  readonly #isReadable: (letter: string) => boolean;

  constructor(words: readonly string[], labels: readonly string[], confusion: ConfusionMatrix | null | undefined) {
    const readable = new Set(labels.map((label) => label.toLowerCase()));
    this.#words = [...new Set(words)].map((text) => ({ text, letters: spelledLetters(text) }));
    this.#cost = readingCosts(labels, confusion);
    this.#isReadable = (letter) => readable.has(letter);
  }

  /**
   * At most `limit` words that begin like the letters read, the most plausible first; among equally plausible ones the
   * order of the list decides, so that a list sorted by how common its words are suggests common words.
   */
  suggest(read: string, limit: number): readonly string[] {
    const letters = spelledLetters(read);
    if (letters.length === 0) return [];
    const allowed = Math.min(ALLOWED_COST, letters.length * ALLOWED_COST_PER_LETTER);
    return this.#words
      .map(({ text, letters: word }) => ({ text, cost: this.#prefixCost(word, letters, allowed) }))
      .filter(({ cost }) => cost <= allowed)
      .sort((a, b) => a.cost - b.cost)
      .slice(0, limit)
      .map(({ text }) => text);
  }

  /**
   * The cheapest way to read `read` off a beginning of `word`: an edit distance over prefixes, weighted by how the
   * model errs. Infinity as soon as it is sure to exceed `allowed`.
   */
  #prefixCost(word: readonly string[], read: readonly string[], allowed: number): number {
    // A missed letter costs at least MISSED_DOUBLE_COST, so later columns cannot be reached.
    const width = Math.min(word.length, read.length + Math.floor(allowed / MISSED_DOUBLE_COST));
    const missed = Array.from({ length: width }, (_, j) => this.#missedCost(word, j));
    let row = [0];
    for (let j = 0; j < width; j++) row.push((row[j] ?? 0) + (missed[j] ?? 0));
    for (const letter of read) {
      const next = [(row[0] ?? 0) + EXTRA_COST];
      for (let j = 0; j < width; j++) {
        const matched = (row[j] ?? 0) + this.#cost(word[j] ?? '', letter);
        const skipped = (next[j] ?? 0) + (missed[j] ?? 0);
        const extra = (row[j + 1] ?? 0) + EXTRA_COST;
        next.push(Math.min(matched, skipped, extra));
      }
      if (Math.min(...next) > allowed) return Number.POSITIVE_INFINITY;
      row = next;
    }
    return Math.min(...row);
  }

  #missedCost(word: readonly string[], index: number): number {
    const letter = word[index] ?? '';
    if (!this.#isReadable(letter)) return MISSED_UNREADABLE_COST;
    return letter === word[index - 1] ? MISSED_DOUBLE_COST : MISSED_COST;
  }
}
