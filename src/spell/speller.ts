import { invalidOption, requireObject, show } from '../guards';
import type { Classification } from '../types';
import { type ResolvedSpellerOptions, resolveSpellerOptions, type SpellerOptions } from './options';
import { LetterHold } from './smoother';
import { WordList } from './words';

/**
 * What {@link FingerspellSpeller.push} reports: a letter was held long enough, or a pause was long enough for a space.
 *
 * @public
 */
export type SpellerEvent =
  | {
      /** A letter was held long enough, see {@link SpellerOptions.holdMs}. */
      readonly type: 'letter';
      /** The committed letter, one of the labels. */
      readonly letter: string;
      /** The whole text, this letter included. */
      readonly text: string;
      /** When, on the clock of {@link FingerspellSpeller.push}. */
      readonly timeMs: number;
    }
  | {
      /** No letter was shown for `spaceMs`. */
      readonly type: 'space';
      /** The whole text, this space included. */
      readonly text: string;
      /** When, on the clock of {@link FingerspellSpeller.push}. */
      readonly timeMs: number;
    };

/**
 * Turns the answers for single frames into text: a letter is committed once it was held long enough
 * ({@link SpellerOptions.holdMs}), and the same letter again only after it was gone for `releaseMs`, or no answer came for
 * two seconds.
 *
 * Pure: there is no timer and no clock inside; time comes with each answer.
 *
 * @example
 * ```ts
 * const speller = new FingerspellSpeller({ labels: recognizer.labels });
 * for (const event of speller.push(await recognizer.classify(video), performance.now())) {
 *   console.log(event.type, event.text);
 * }
 * ```
 *
 * @public
 */
export class FingerspellSpeller {
  #options: ResolvedSpellerOptions;
  readonly #labels: ReadonlySet<string>;
  #words: WordList;
  readonly #hold: LetterHold;
  /** Letters and spaces, one each: a label of several characters is one step of `backspace()`. */
  #pieces: string[] = [];
  #lastTimeMs = Number.NEGATIVE_INFINITY;
  /** What a pause did or may do. It adds a space only after a held letter, never after an edit by hand. */
  #pause: 'adds nothing' | 'may add a space' | 'added a space' = 'adds nothing';
  #suggested: { word: string; suggestions: readonly string[] } = { word: '', suggestions: [] };

  /**
   * @param options - The labels of the model, and whatever differs from the defaults.
   * @throws {@link FingerspellError} `invalid-option` for an option that is not allowed.
   */
  constructor(options: SpellerOptions) {
    this.#options = resolveSpellerOptions(options);
    this.#labels = new Set(this.#options.labels);
    this.#words = new WordList(this.#options.words, this.#options.labels, this.#options.confusion);
    this.#hold = new LetterHold(this.#options);
  }

  /**
   * Changes the options, from the next answer and the next suggestions on; text and the letter being held stay.
   *
   * @param options - All of them but the labels and their confusion; those that are left out go back to their defaults.
   * @throws {@link FingerspellError} `invalid-option` for an option that is not allowed; nothing has changed then.
   */
  setOptions(options: Omit<SpellerOptions, 'labels' | 'confusion'>): void {
    requireObject(options, 'The options of setOptions()');
    const before = this.#options;
    const { labels, confusion } = before;
    this.#options = resolveSpellerOptions({ ...options, labels, confusion });
    this.#hold.setTimes(this.#options);
    const { words, maxSuggestions } = this.#options;
    const areSame = isSame(words, before.words);
    // A long list takes a while to prepare, and a page that renders often gives the same one each time.
    if (!areSame) this.#words = new WordList(words, labels, confusion);
    if (!areSame || maxSuggestions !== before.maxSuggestions) this.#suggested = { word: '', suggestions: [] };
  }

  /** `'FingerspellSpeller'`. Objects with a tag of their own get no proxy from Vue; through one, private fields could not be read. */
  get [Symbol.toStringTag](): string {
    return 'FingerspellSpeller';
  }

  /** The text committed so far, in the letters of the labels. */
  get text(): string {
    return this.#pieces.join('');
  }

  /**
   * The letter that is being held and how much of the hold time has passed, from 0 to 1; it stays at 1 after the letter
   * was committed, until the letter is gone. `null`: no letter is held.
   */
  get candidate(): {
    /** One of the labels. */
    readonly letter: string;
    /** Share of the hold time that has passed, 0 to 1. */
    readonly progress: number;
  } | null {
    return this.#hold.candidate;
  }

  /**
   * The words of `words` that the word being spelled may become, the most plausible first: an edit distance over the
   * words' beginnings, whose cost of reading `b` for `a` is `ln(rate(a → a) / rate(a → b))` by the confusion matrix
   * (the noisy channel of Kernighan, Church and Gale 1990, "A Spelling Correction Program Based on a Noisy Channel
   * Model"). After a space that a pause made they are still those for the word before it, until something is written.
   * The array stays the same object for as long as that word does.
   */
  get suggestions(): readonly string[] {
    const word = this.#pieces.slice(this.#wordStart()).join('').trimEnd();
    if (word !== this.#suggested.word) {
      this.#suggested = { word, suggestions: this.#words.suggest(word, this.#options.maxSuggestions) };
    }
    return this.#suggested.suggestions;
  }

  /**
   * Takes the answer for a frame.
   *
   * @param result - What `classify()` gave. Its `letter` is `null` below the recogniser's threshold.
   * @param timeMs - When the frame was taken, in ms on any clock that does not run backwards (`performance.now()`).
   *   Answers more than 2 s apart are not joined to one hold.
   * @returns What this answer committed; mostly nothing.
   * @throws {@link FingerspellError} `invalid-option` if the time is not finite or runs backwards, or if the letter is
   *   not one of the labels; nothing has changed then.
   */
  push(result: Classification, timeMs: number): readonly SpellerEvent[] {
    requireObject(result, 'The result that push() gets');
    const { letter, confidence, noHand } = result;
    this.#checkFrame(letter, timeMs);
    this.#lastTimeMs = timeMs;
    // Models without a no-hand class, in which it is 0, cannot tell the two apart.
    const isUnsure = letter === null && noHand > 0 && confidence > noHand;
    const { committed, pauseMs } = this.#hold.push(letter, timeMs, confidence, isUnsure);
    if (committed !== null) {
      this.#pieces.push(committed);
      this.#pause = 'may add a space';
      return [{ type: 'letter', letter: committed, text: this.text, timeMs }];
    }
    const isPause = this.#options.spaceMs > 0 && pauseMs >= this.#options.spaceMs;
    if (!isPause || this.#pause !== 'may add a space') return [];
    this.space();
    this.#pause = 'added a space';
    return [{ type: 'space', text: this.text, timeMs }];
  }

  /**
   * Adds a letter by hand, also one that the model cannot read (J and Z need motion).
   *
   * @param letter - What is added, without white space around it.
   * @throws {@link FingerspellError} `invalid-option` for an empty text or white space.
   */
  insert(letter: string): void {
    this.#edit([...this.#pieces, checkText('insert', letter)]);
  }

  /** Ends the word with a space; does nothing if there is no word to end. */
  space(): void {
    const last = this.#pieces.at(-1);
    this.#edit(last === undefined || last === ' ' ? this.#pieces : [...this.#pieces, ' ']);
  }

  /** Removes the last letter or space. */
  backspace(): void {
    this.#edit(this.#pieces.slice(0, -1));
  }

  /** Empties the text. A letter that was committed and is still held is not committed again until it is released. */
  clear(): void {
    this.#edit([]);
  }

  /**
   * Replaces the word that the suggestions are for, and adds a space.
   *
   * @param suggestion - One of `suggestions`, or any other word.
   * @throws {@link FingerspellError} `invalid-option` for an empty text.
   */
  accept(suggestion: string): void {
    const word = checkText('accept', suggestion);
    this.#edit([...this.#pieces.slice(0, this.#wordStart()), ...word, ' ']);
  }

  #edit(pieces: string[]): void {
    this.#pieces = pieces;
    this.#pause = 'adds nothing';
  }

  /** Where the word begins that is being spelled; a pause does not end it before the next letter does. */
  #wordStart(): number {
    const last = this.#pieces.length - (this.#pause === 'added a space' ? 2 : 1);
    return this.#pieces.lastIndexOf(' ', last) + 1;
  }

  #checkFrame(letter: string | null, timeMs: number): void {
    if (!Number.isFinite(timeMs) || timeMs < this.#lastTimeMs) {
      const rule = 'timeMs must be a finite number that is not less than that of the call before';
      throw invalidOption(`push(): ${rule}, but got ${show(timeMs)}`);
    }
    if (letter !== null && !this.#labels.has(letter)) {
      const advice = 'Give the speller the labels of the recogniser whose results it gets';
      throw invalidOption(`push(): ${show(letter)} is not one of the labels. ${advice}`);
    }
  }
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a === b || (a.length === b.length && a.every((word, i) => word === b[i]));
}

function checkText(method: string, text: string): string {
  if (typeof text === 'string' && text.trim() !== '') return text.trim();
  throw invalidOption(`${method}() needs a string that is not empty; space() adds a space`);
}
