import type { FingerspellErrorCode } from '../../src/errors';
import { invalidOption, requireObject, show } from '../../src/guards';

/**
 * Everything that a {@link FingerspellElement} says, for pages in other languages: give what differs to
 * {@link defineFingerspellElement}, and the rest stays English. A word in braces is a placeholder.
 *
 * @public
 */
export interface FingerspellElementTexts {
  /** The language of these texts, as in the attribute `lang`. */
  readonly lang?: string | undefined;
  /** The direction in which it is written. */
  readonly dir?: 'ltr' | 'rtl' | undefined;
  /** The button that starts it. */
  readonly start?: string | undefined;
  /** The same button while it runs. */
  readonly stop?: string | undefined;
  /** Beside the choice of cameras. */
  readonly camera?: string | undefined;
  /** The button for the camera's lamp. */
  readonly torch?: string | undefined;
  /** In place of the picture, before the start. */
  readonly invitation?: string | undefined;
  /** While the model is loading; a percentage follows. */
  readonly loading?: string | undefined;
  /** While the camera has not been permitted or gives no picture yet. */
  readonly waiting?: string | undefined;
  /** Why it is paused, see {@link PauseReason}. */
  readonly hidden?: string | undefined;
  /** The same, for a muted camera. */
  readonly muted?: string | undefined;
  /** The same, for an element that is out of sight. */
  readonly offscreen?: string | undefined;
  /** Name of the picture, for screen readers. */
  readonly picture?: string | undefined;
  /** Name of the square, for screen readers. */
  readonly square?: string | undefined;
  /** What the square is, for screen readers. */
  readonly squareRole?: string | undefined;
  /** How to move the square. */
  readonly squareHelp?: string | undefined;
  /** Name of the letter's card, for screen readers. */
  readonly answer?: string | undefined;
  /** Name of the bars, for screen readers. */
  readonly candidates?: string | undefined;
  /** Beside the letter: `{letter}` and how sure it is, `{share}`. */
  readonly sure?: string | undefined;
  /** In its place: no letter reaches the threshold. */
  readonly unsure?: string | undefined;
  /** In its place: there is a hand, but no letter. */
  readonly noLetter?: string | undefined;
  /** In its place: there is no hand. */
  readonly noHand?: string | undefined;
  /** In its place: no frame has been read yet. */
  readonly nothing?: string | undefined;
  /** Name of the text's card, for screen readers. */
  readonly writing?: string | undefined;
  /** Name of the text, for screen readers. */
  readonly text?: string | undefined;
  /** In place of the text while it is empty. */
  readonly emptyText?: string | undefined;
  /** Name of the suggested words, for screen readers. */
  readonly suggestions?: string | undefined;
  /** Hint of a suggestion, the word being `{word}`. */
  readonly accept?: string | undefined;
  /** Hint of the keys for J and Z: `{letter}` has to be added by hand. */
  readonly insert?: string | undefined;
  /** The key that ends a word. */
  readonly space?: string | undefined;
  /** Its hint. */
  readonly spaceHelp?: string | undefined;
  /** The key that removes a letter. */
  readonly backspace?: string | undefined;
  /** Its hint. */
  readonly backspaceHelp?: string | undefined;
  /** What screen readers say once it is pressed. */
  readonly deleted?: string | undefined;
  /** The key that empties the text. */
  readonly clear?: string | undefined;
  /** Its hint. */
  readonly clearHelp?: string | undefined;
  /** What screen readers say once it is pressed. */
  readonly cleared?: string | undefined;
  /** Headings for failures, by code; `other` for the rest. */
  readonly failures?: Readonly<Partial<Record<FingerspellErrorCode | 'other', string | undefined>>> | undefined;
  /** What to do about a failure, by its code; without one, the error's own message is shown, in English. */
  readonly advice?: Readonly<Partial<Record<FingerspellErrorCode, string | undefined>>> | undefined;
}

/** {@link FingerspellElementTexts} with every text there. */
export type ElementTexts = {
  readonly [Name in keyof FingerspellElementTexts]-?: Exclude<FingerspellElementTexts[Name], undefined>;
};

const ENGLISH: ElementTexts = {
  lang: 'en',
  dir: 'ltr',
  start: 'Start camera',
  stop: 'Stop camera',
  camera: 'Camera',
  torch: 'Light',
  invitation: 'Hold up a hand. See it as letters.',
  loading: 'Getting the reader ready …',
  waiting: 'Waiting for the camera …',
  hidden: 'Paused while the page is hidden',
  muted: 'The camera gives no picture right now',
  offscreen: 'Paused while out of sight',
  picture: 'Camera picture',
  square: 'Square that is read',
  squareRole: 'movable square',
  squareHelp:
    'Drag the square around your hand, and its corners to resize it. Arrow keys move it, Shift and arrows, or plus and ' +
    'minus, resize it, Home puts it back.',
  answer: 'Letter',
  candidates: 'Most likely letters',
  sure: '{letter}, {share} sure',
  unsure: 'Not sure yet',
  noLetter: 'Not a letter that I know',
  noHand: 'No hand in view',
  nothing: 'Nothing read yet',
  writing: 'Text',
  text: 'Text spelled so far',
  emptyText: 'Hold a letter to write it',
  suggestions: 'Suggested words',
  accept: 'Write {word}',
  insert: '{letter} is a movement: add it by hand',
  space: 'Space',
  spaceHelp: 'End the word',
  backspace: 'Delete',
  backspaceHelp: 'Remove the last letter',
  deleted: 'Deleted',
  clear: 'Clear',
  clearHelp: 'Empty the text',
  cleared: 'Cleared',
  failures: {
    'camera-denied': 'Camera access was denied',
    'camera-missing': 'No camera was found',
    'camera-busy': 'The camera is busy',
    'camera-unsupported': 'No camera can be used here',
    'camera-lost': 'The camera was disconnected',
    timeout: 'That took too long',
    'asset-missing': 'A file of the reader is missing',
    'asset-invalid': 'A file of the reader is damaged',
    'backend-unavailable': 'This browser cannot run the reader',
    'invalid-option': 'The reader is not set up correctly',
    other: 'Something went wrong',
  },
  advice: {},
};

/**
 * The English texts with some of them replaced.
 *
 * @throws FingerspellError `invalid-option` for a text that there is not, or that is none
 */
export function resolveTexts(texts: FingerspellElementTexts): ElementTexts {
  requireObject(texts, 'The texts of the element');
  const { failures = {}, advice = {}, ...others } = texts;
  const { failures: headings, advice: _, ...words } = ENGLISH;
  const resolved = { ...words, ...checkTexts(others, words) };
  if (resolved.dir !== 'ltr' && resolved.dir !== 'rtl') {
    throw invalidOption(`The text dir of the element must be 'ltr' or 'rtl', not ${show(resolved.dir)}`);
  }
  return { ...resolved, failures: { ...headings, ...checkTexts(failures) }, advice: checkTexts(advice) };
}

type Given<Texts> = { [Name in keyof Texts]?: Exclude<Texts[Name], undefined> };

/** Those that are given. @param known - if there are no others than these */
function checkTexts<Texts extends object>(texts: Texts, known?: object): Given<Texts> {
  requireObject(texts, 'A list of texts of the element');
  const given = Object.entries(texts).filter(([, text]) => text !== undefined);
  for (const [name, text] of given) {
    if (known && !Object.hasOwn(known, name)) throw invalidOption(`The element has no text ${show(name)}`);
    if (typeof text !== 'string')
      throw invalidOption(`The text ${name} of the element must be a string, not ${show(text)}`);
  }
  return Object.fromEntries(given) as Given<Texts>;
}

/** Puts values in place of the words in braces. */
export function fillIn(text: string, values: Readonly<Record<string, string>>): string {
  const own = new Map(Object.entries(values));
  return text.replace(/\{(\w+)\}/g, (braces, name: string) => own.get(name) ?? braces);
}
