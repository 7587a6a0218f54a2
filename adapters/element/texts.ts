import { FingerspellError, type FingerspellErrorCode } from '../../src/errors';

/**
 * Everything that a {@link FingerspellElement} says, for pages in other languages: give what is to differ to
 * {@link defineFingerspellElement}. A word in braces stands for what is filled in there.
 *
 * @public
 */
export interface FingerspellElementTexts {
  /** The language of these texts, as of the attribute `lang`. */
  readonly lang: string;
  /** The direction in which it is written. */
  readonly dir: 'ltr' | 'rtl';
  /** The button that starts it. */
  readonly start: string;
  /** The same button while it runs. */
  readonly stop: string;
  /** Beside the choice of cameras. */
  readonly camera: string;
  /** The button for the camera's lamp. */
  readonly torch: string;
  /** In place of the picture before the start. */
  readonly invitation: string;
  /** While the model is loaded; how much of it follows. */
  readonly loading: string;
  /** While the camera has not been permitted or gives no picture yet. */
  readonly waiting: string;
  /** Why it is paused, see {@link PauseReason}. */
  readonly hidden: string;
  /** The same for a camera that is muted. */
  readonly muted: string;
  /** The same for an element that is out of sight. */
  readonly offscreen: string;
  /** Name of the picture, for screen readers. */
  readonly picture: string;
  /** Name of the square, for screen readers. */
  readonly square: string;
  /** What the square is, for screen readers. */
  readonly squareRole: string;
  /** How to move the square. */
  readonly squareHelp: string;
  /** Name of the letter's card, for screen readers. */
  readonly answer: string;
  /** Name of the bars, for screen readers. */
  readonly candidates: string;
  /** Beside the letter: `{letter}` and how sure it is, `{share}`. */
  readonly sure: string;
  /** In its place: no letter reaches the threshold. */
  readonly unsure: string;
  /** In its place: there is a hand, but no letter. */
  readonly noLetter: string;
  /** In its place: there is no hand. */
  readonly noHand: string;
  /** In its place: no frame was read yet. */
  readonly nothing: string;
  /** Name of the text's card, for screen readers. */
  readonly writing: string;
  /** Name of the text, for screen readers. */
  readonly text: string;
  /** In place of the text while it is empty. */
  readonly emptyText: string;
  /** Name of the suggested words, for screen readers. */
  readonly suggestions: string;
  /** Hint of a suggestion, the word being `{word}`. */
  readonly accept: string;
  /** Hint of the keys for J and Z: `{letter}` has to be added by hand. */
  readonly insert: string;
  /** The key that ends a word. */
  readonly space: string;
  /** Its hint. */
  readonly spaceHelp: string;
  /** The key that takes back a letter. */
  readonly backspace: string;
  /** Its hint. */
  readonly backspaceHelp: string;
  /** What screen readers say once it is pressed. */
  readonly deleted: string;
  /** The key that empties the text. */
  readonly clear: string;
  /** Its hint. */
  readonly clearHelp: string;
  /** What screen readers say once it is pressed. */
  readonly cleared: string;
  /** Headings of failures by their code; `other` for those that have none. */
  readonly failures: Readonly<Partial<Record<FingerspellErrorCode | 'other', string>>>;
  /** What to do about a failure, by its code; where there is none, the message of the error stands there in English. */
  readonly advice: Readonly<Partial<Record<FingerspellErrorCode, string>>>;
}

const ENGLISH: FingerspellElementTexts = {
  lang: 'en',
  dir: 'ltr',
  start: 'Start camera',
  stop: 'Stop camera',
  camera: 'Camera',
  torch: 'Light',
  invitation: 'Hold up a hand. Read it as letters.',
  loading: 'Getting the reader ready …',
  waiting: 'Waiting for the camera …',
  hidden: 'Paused while the page is hidden',
  muted: 'The camera gives no picture for now',
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
  noLetter: 'No letter that I know',
  noHand: 'No hand to be seen',
  nothing: 'Nothing read yet',
  writing: 'Text',
  text: 'Text spelled so far',
  emptyText: 'Hold a letter to write it',
  suggestions: 'Words it may be',
  accept: 'Write {word}',
  insert: '{letter} is a movement: add it by hand',
  space: 'Space',
  spaceHelp: 'End the word',
  backspace: 'Delete',
  backspaceHelp: 'Take back the last letter',
  deleted: 'Deleted',
  clear: 'Clear',
  clearHelp: 'Empty the text',
  cleared: 'Cleared',
  failures: {
    'camera-denied': 'The camera may not be used',
    'camera-missing': 'No camera was found',
    'camera-busy': 'The camera is busy',
    'camera-unsupported': 'No camera can be used here',
    'camera-lost': 'The camera went away',
    timeout: 'That took too long',
    'asset-missing': 'A file of the reader is missing',
    'asset-invalid': 'A file of the reader is damaged',
    'backend-unavailable': 'This browser cannot run the reader',
    'invalid-option': 'The reader was set up wrongly',
    other: 'Something went wrong',
  },
  advice: {},
};

/**
 * The English texts with some of them replaced.
 *
 * @throws FingerspellError `invalid-option` for a text that there is not, or that is none
 */
export function resolveTexts(texts: Partial<FingerspellElementTexts>): FingerspellElementTexts {
  const { failures = {}, advice = {}, ...others } = texts;
  for (const [name, text] of Object.entries({ ...others, ...failures, ...advice })) {
    if (text === undefined || typeof text === 'string') continue;
    throw new FingerspellError(
      'invalid-option',
      `The text "${name}" of the element must be a string, but got ${text}.`,
    );
  }
  const unknown = Object.keys(texts).find((name) => !(name in ENGLISH));
  if (unknown !== undefined) throw new FingerspellError('invalid-option', `The element has no text "${unknown}".`);
  return {
    ...ENGLISH,
    ...Object.fromEntries(Object.entries(others).filter(([, text]) => text !== undefined)),
    failures: { ...ENGLISH.failures, ...failures },
    advice,
  };
}

/** Puts values in place of the words in braces. */
export function fillIn(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{(\w+)\}/g, (braces, name: string) => values[name] ?? braces);
}
