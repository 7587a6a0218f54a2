import type { ConfusionMatrix } from '../types';

/** Share given to misreadings that the evaluation never saw, so that none is impossible. */
const UNSEEN_RATE = 0.005;
/** Rate of a misreading and of a right reading where no confusion matrix is known; 24 letters, nine in ten right. */
const TYPICAL_ERROR_RATE = 0.1 / 23;
const TYPICAL_HIT_RATE = 0.9;
/** Costs in nats, as those made from rates: a letter that was not read, one read that was not meant. */
const MISSED_COST = 2;
const EXTRA_COST = 4;
/** The second of two equal letters is easily not read: the hand must be let go in between. */
const MISSED_DOUBLE_COST = 0.5;
/** A letter that the model cannot read (J and Z need motion) is missed, or taken for some other one. */
const MISSED_UNREADABLE_COST = 1;
const UNREADABLE_COST = 2.5;
/** … mostly for what the hand looks like on the way: J begins as I, Z is drawn with the forefinger. */
const LOOKALIKE_COSTS: ReadonlyMap<string, number> = new Map([
  ['ji', 0.2],
  ['zd', 1.5],
  ['zg', 1.5],
  ['zl', 1.5],
  ['zx', 1.5],
]);
/** For each letter still to come of a word that was misread: of equally plausible ones, the one that is nearest its end. */
const UNFINISHED_COST = 0.1;
/** What a suggestion may cost: so much for each letter read, and never more than this in all. */
const ALLOWED_COST_PER_LETTER = 2;
const ALLOWED_COST = 10;

/** What it costs to believe that `shown` was meant when `read` was read: 0 for certain, in nats. */
export type ReadingCost = (shown: string, read: string) => number;

interface Word {
  /** As the caller wrote it. */
  readonly text: string;
  /** What a hand spells of it, as places in the list's alphabet. */
  readonly codes: Uint16Array;
  /** What it costs that each of these letters was not read. */
  readonly missed: Float64Array;
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
  const places = new Map((confusion?.labels ?? []).map((label, index) => [label.toLowerCase(), index]));
  // A letter of which the evaluation had no picture has a row of zeros.
  const rows = confusion?.rates.map((row) => (row.some((share) => share > 0) ? row : null)) ?? [];
  const rate = (shown: string, read: string): number => {
    const row = rows[places.get(shown) ?? -1];
    const column = places.get(read);
    if (row && column !== undefined) return (row[column] ?? 0) + UNSEEN_RATE;
    return shown === read ? TYPICAL_HIT_RATE : TYPICAL_ERROR_RATE;
  };
  return (shown, read) => {
    if (shown === read) return 0;
    if (!known.has(shown)) return LOOKALIKE_COSTS.get(shown + read) ?? UNREADABLE_COST;
    return Math.max(0, Math.log(rate(shown, shown) / rate(shown, read)));
  };
}

/** The words of a list that may be meant by the letters read so far. */
export class WordList {
  readonly #cost: ReadingCost;
  readonly #words: readonly Word[];
  /** Every letter that occurs in the words: numbers instead of texts make a long list quick to compare. */
  readonly #alphabet = new Map<string, number>();

  constructor(words: readonly string[], labels: readonly string[], confusion: ConfusionMatrix | null | undefined) {
    const readable = new Set(labels.map((label) => label.toLowerCase()));
    this.#cost = readingCosts(labels, confusion);
    this.#words = [...new Set(words)].map((text) => {
      const letters = spelledLetters(text);
      const missed = Float64Array.from(letters, (letter, index) => {
        if (!readable.has(letter)) return MISSED_UNREADABLE_COST;
        return letter === letters[index - 1] ? MISSED_DOUBLE_COST : MISSED_COST;
      });
      return { text, codes: Uint16Array.from(letters, (letter) => this.#code(letter)), missed };
    });
  }

  /**
   * At most `limit` words that begin like the letters read, the most plausible first; among equally plausible ones the
   * order of the list decides, so that a list sorted by how common its words are suggests common words.
   */
  suggest(read: string, limit: number): readonly string[] {
    const letters = spelledLetters(read);
    if (letters.length === 0) return [];
    const allowed = Math.min(ALLOWED_COST, letters.length * ALLOWED_COST_PER_LETTER);
    const alphabet = [...this.#alphabet.keys()];
    const costs = letters.map((letter) => Float64Array.from(alphabet, (shown) => this.#cost(shown, letter)));
    const found: { text: string; cost: number }[] = [];
    for (const word of this.#words) {
      // Once there are enough, a word must be better than the worst of them: most need not be compared to their end.
      const worst = found.length === limit ? (found.at(-1)?.cost ?? 0) : Number.POSITIVE_INFINITY;
      if (worst === 0) break;
      const cost = prefixCost(word, costs, Math.min(allowed, worst));
      if (cost > allowed || cost >= worst) continue;
      const place = found.findIndex((other) => cost < other.cost);
      found.splice(place < 0 ? found.length : place, 0, { text: word.text, cost });
      if (found.length > limit) found.pop();
    }
    return found.map(({ text }) => text);
  }

  #code(letter: string): number {
    const code = this.#alphabet.get(letter) ?? this.#alphabet.size;
    this.#alphabet.set(letter, code);
    return code;
  }
}

/**
 * The cheapest way to read some letters off a beginning of a word: an edit distance over prefixes, weighted by how the
 * model errs. Infinity as soon as it is sure to exceed `allowed`.
 *
 * @param costs - For each letter read, what it costs that each letter of the alphabet was shown.
 */
function prefixCost({ codes, missed }: Word, costs: readonly Float64Array[], allowed: number): number {
  // A missed letter costs at least MISSED_DOUBLE_COST, so later columns cannot be reached.
  const width = Math.min(codes.length, costs.length + Math.floor(allowed / MISSED_DOUBLE_COST));
  // row[j]: the cheapest way to read the letters so far off the first j letters of the word.
  const row = new Float64Array(width + 1);
  for (let j = 0; j < width; j++) row[j + 1] = at(row, j) + at(missed, j);
  let least = 0;
  for (const cost of costs) {
    let diagonal = at(row, 0);
    let left = diagonal + EXTRA_COST;
    row[0] = left;
    least = left;
    for (let j = 0; j < width; j++) {
      const above = at(row, j + 1);
      left = Math.min(diagonal + at(cost, at(codes, j)), left + at(missed, j), above + EXTRA_COST);
      least = Math.min(least, left);
      row[j + 1] = left;
      diagonal = above;
    }
    if (least > allowed) return Number.POSITIVE_INFINITY;
  }
  if (least === 0) return 0;
  return row.reduce((best, cost, j) => Math.min(best, cost + UNFINISHED_COST * (codes.length - j)), Infinity);
}

/** An element that is known to be there. */
function at(values: Float64Array | Uint16Array, index: number): number {
  return values[index] as number;
}
