import { invalidOption, isRateTable, show } from '../guards';
import type { ConfusionMatrix } from '../types';

/**
 * Options of {@link FingerspellSpeller}. All times are in ms, so that the rules do not depend on the frame rate.
 *
 * @public
 */
export interface SpellerOptions {
  /** The letters that can occur, {@link FingerspellRecognizer.labels}. A reader takes them from its recogniser. */
  readonly labels: readonly string[];
  /**
   * How often each letter is taken for each other one, {@link FingerspellRecognizer.confusion}: it decides which
   * misspelled words are still suggested. Without it all misreadings count as equally likely. A reader takes it from its
   * recogniser.
   * @defaultValue null
   */
  readonly confusion?: ConfusionMatrix | null | undefined;
  /**
   * Words to suggest, the more common ones first. Case, apostrophes and hyphens do not matter.
   * @defaultValue none, and thus no suggestions
   */
  readonly words?: readonly string[] | undefined;
  /**
   * How long the same letter must be held before it is committed, in ms; 0 commits at first sight, unless another letter
   * was seen in the last `flickerMs`. By default that depends on how certain the reading is, since hands between letters and
   * gestures are rarely read with certainty.
   * @defaultValue 200 for a letter read with certainty, up to 500 for one that is not
   */
  readonly holdMs?: number | undefined;
  /**
   * How long the letter committed last must be gone (no letter, or another one) before the same can be committed again,
   * in ms.
   * @defaultValue 400
   */
  readonly releaseMs?: number | undefined;
  /**
   * How long a held letter may drop out or be mistaken for another one without the hold starting anew, in ms. A single
   * frame may even if frames are further apart than this, but less than `holdMs`; with 0 none may.
   * @defaultValue 150
   */
  readonly flickerMs?: number | undefined;
  /**
   * How long no letter must be seen after a committed one for a space to follow, in ms; 0: never. Off by default, because a
   * learner who looks up the next sign lowers the hand for longer than any pause between words; 1500 suits the fluent.
   * @defaultValue 0
   */
  readonly spaceMs?: number | undefined;
  /**
   * The most suggestions there can be: a whole number from 1.
   * @defaultValue 5
   */
  readonly maxSuggestions?: number | undefined;
}

/** {@link SpellerOptions} with every default filled in. */
export type ResolvedSpellerOptions = {
  readonly [Key in keyof SpellerOptions]-?: Exclude<SpellerOptions[Key], undefined>;
} & {
  /** How long a letter must be held that is read surely, in ms. */
  readonly sureHoldMs: number;
};

/** Fills in the defaults and throws `invalid-option` for a value that is not allowed. */
export function resolveSpellerOptions(options: SpellerOptions): ResolvedSpellerOptions {
  if (typeof options !== 'object' || options === null) fail('the options', 'must be an object with `labels`', options);
  const { maxSuggestions = 5 } = options;
  if (!Number.isInteger(maxSuggestions) || maxSuggestions < 1) {
    fail('maxSuggestions', 'must be a whole number from 1', maxSuggestions);
  }
  checkTexts('labels', options.labels);
  if (options.labels.length === 0) fail('labels', 'must hold at least one letter', options.labels);
  if (options.words !== undefined) checkTexts('words', options.words);
  return {
    labels: options.labels,
    confusion: checkConfusion(options.confusion ?? null),
    words: options.words ?? [],
    holdMs: duration('holdMs', options.holdMs, 500),
    sureHoldMs: options.holdMs ?? 200,
    releaseMs: duration('releaseMs', options.releaseMs, 400),
    flickerMs: duration('flickerMs', options.flickerMs, 150),
    spaceMs: duration('spaceMs', options.spaceMs, 0),
    maxSuggestions,
  };
}

function duration(name: string, value: number | undefined, defaultMs: number): number {
  const ms = value ?? defaultMs;
  if (!Number.isFinite(ms) || ms < 0) fail(name, 'must be a number of milliseconds, 0 or more', value);
  return ms;
}

function checkTexts(name: string, texts: readonly string[]): void {
  if (!Array.isArray(texts)) fail(name, 'must be an array of strings that are not empty', texts);
  const wrong = texts.findIndex((text) => typeof text !== 'string' || text.trim() === '');
  if (wrong >= 0) fail(`${name}[${wrong}]`, 'must be a string that is not empty', texts[wrong]);
}

function checkConfusion(confusion: ConfusionMatrix | null): ConfusionMatrix | null {
  if (confusion === null) return null;
  const { labels, rates } = confusion;
  checkTexts('confusion.labels', labels);
  if (!isRateTable(rates, labels.length)) {
    fail('confusion', 'must hold `labels` and a row of rates from 0 to 1 for each of them', confusion);
  }
  return confusion;
}

function fail(name: string, rule: string, value: unknown): never {
  const got = typeof value === 'object' && value !== null ? 'something else' : show(value);
  throw invalidOption(`FingerspellSpeller: ${name} ${rule}, but got ${got}`);
}
