import type { CameraOptions } from '../../src/camera/camera-options';
import type { FingerspellReader } from '../../src/camera/reader';
import type { ReaderEventMap, ReaderStatus } from '../../src/camera/reader-events';
import type { LiveReaderOptions, ReaderOptions } from '../../src/camera/reader-options';
import type { FingerspellError } from '../../src/errors';
import type { FingerspellRecognizer } from '../../src/recognizer';
import type { Region } from '../../src/types';

/**
 * What {@link FingerspellElement.options} takes: everything of a reader that is no attribute.
 *
 * @public
 */
export interface FingerspellElementOptions
  extends Omit<ReaderOptions, Exclude<keyof LiveReaderOptions, 'speller'> | 'signal'> {
  /** Wished size of the picture and how long it may take to come; the attribute `facing-mode` chooses the side. */
  readonly camera?: Omit<CameraOptions, 'deviceId' | 'facingMode'> | undefined;
}

/**
 * The events of a {@link FingerspellElement}: those of its reader, and `regionchange`. None of them bubbles.
 *
 * @public
 */
export interface FingerspellElementEventMap extends Omit<HTMLElementEventMap, 'error'>, ReaderEventMap {
  /** The user moved the square and let it go; the property `region` is that already. `null`: put back to the middle. */
  readonly regionchange: CustomEvent<{
    /** The new value of the property `region`. */
    readonly region: Region | null;
  }>;
}

/**
 * A complete reader in one tag: picture, square, joints, letter, candidates and text. Made by
 * {@link defineFingerspellElement}.
 *
 * For styling it has the parts `picture`, `video`, `joints`, `square`, `followed`, `cover`, `notice`, `controls`,
 * `button`, `start`, `torch`, `camera`, `select`, `answer`, `letter`, `verdict`, `candidates`, `candidate`, `writing`,
 * `text`, `suggestions`, `keys` and `root` around them all, and the properties `--fingerspell-accent`, `-on-accent`, `-paper`, `-ink`, `-soft`,
 * `-line`, `-edge`, `-bar`, `-focus`, `-radius`, `-font` and `-letter-font`. Its colours follow the page's
 * `color-scheme`.
 *
 * Reader and camera live while the element is in a document: taken out of it, the camera is off and the model freed.
 *
 * @public
 */
export interface FingerspellElement extends HTMLElement {
  /**
   * Attribute `region`: the part of the frame that is read; as a text `center`, `full`, `hand`, or four fractions of the
   * unmirrored frame, `x y width height`. The square that the user moves is written here when it is let go. `null`: a
   * square in the middle with some room around it.
   * @defaultValue null
   */
  region: Region | null;
  /**
   * Attribute `mirror`: whether frames are flipped before they are read, see {@link ClassifyOptions.mirror}.
   * @defaultValue false
   */
  mirror: boolean;
  /**
   * Attribute `threshold`: probability, 0 to 1, from which a letter counts.
   * @defaultValue 0.7
   */
  threshold: number;
  /**
   * Attribute `letters`: only these are answers; in the attribute with spaces between. `null`: all.
   * @defaultValue null
   */
  letters: readonly string[] | null;
  /**
   * Attribute `max-fps`: frames a second at most.
   * @defaultValue 15
   */
  maxFps: number;
  /**
   * Attribute `facing-mode`: the side of a phone whose camera is opened.
   * @defaultValue 'user'
   */
  facingMode: 'user' | 'environment';
  /**
   * Attribute `preview`: how the picture is shown. `'auto'` mirrors it unless the camera looks away from the user.
   * @defaultValue 'auto'
   */
  preview: 'auto' | 'mirrored' | 'plain';
  /**
   * Attribute `autostart`: whether it starts as soon as it is in the document, with the browser's question.
   * @defaultValue false
   */
  autostart: boolean;
  /**
   * Attribute `controls`: which of `start`, `camera`, `square`, `joints`, `candidates`, `text` and `keys` are shown,
   * with spaces between; empty: none. `null`: all.
   * @defaultValue null
   */
  controls: string | null;
  /**
   * Everything else: model, recogniser, speller, assets. Counts from the next start: an element that runs keeps what it
   * has until then; one that does not gives up its reader at once, and the text with it.
   */
  options: FingerspellElementOptions;
  /** The reader beneath; `null` while the element is in no document or was never started. */
  readonly reader: FingerspellReader | null;
  /** The recogniser, once it is loaded. */
  readonly recognizer: FingerspellRecognizer | null;
  /** See {@link FingerspellReader.status}. */
  readonly status: ReaderStatus;
  /** What failed last; also an attribute that is not allowed, until it is put right. */
  readonly error: FingerspellError | null;
  /** The letter that is shown now. */
  readonly letter: string | null;
  /** The text spelled so far. */
  readonly text: string;
  /**
   * Opens the camera, loads the model and reads; in no document: as soon as the element is in one.
   *
   * @throws {@link FingerspellError} What {@link FingerspellReader.start} throws; an `error` event tells of it too.
   */
  start(): Promise<void>;
  /** Stops reading and turns the camera off; the text stays. */
  stop(): void;
  /**
   * Adds a letter by hand.
   *
   * @throws {@link FingerspellError} `invalid-option` for an empty text or white space.
   */
  insert(letter: string): void;
  /** Ends the word with a space. */
  space(): void;
  /** Takes back the last letter or space. */
  backspace(): void;
  /** Empties the text. */
  clear(): void;
  /**
   * Puts a word in place of the one that the suggestions are for, and a space after it.
   *
   * @throws {@link FingerspellError} `invalid-option` for an empty text.
   */
  accept(suggestion: string): void;
  /** Calls `listener` at every event of this type, see {@link FingerspellElementEventMap}. */
  addEventListener<Type extends keyof FingerspellElementEventMap>(
    type: Type,
    listener: FingerspellElementListener<Type> | null,
    options?: AddEventListenerOptions | boolean,
  ): void;
  /** The same for events of other types. */
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: AddEventListenerOptions | boolean,
  ): void;
  /** Takes back what `addEventListener` did with the same arguments. */
  removeEventListener<Type extends keyof FingerspellElementEventMap>(
    type: Type,
    listener: FingerspellElementListener<Type> | null,
    options?: EventListenerOptions | boolean,
  ): void;
  /** The same for events of other types. */
  removeEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: EventListenerOptions | boolean,
  ): void;
}

/**
 * A listener for the event `Type` of a {@link FingerspellElement}.
 *
 * @public
 */
export type FingerspellElementListener<Type extends keyof FingerspellElementEventMap> =
  | ((event: FingerspellElementEventMap[Type]) => void)
  | {
      /** As of an `EventListenerObject`. */
      handleEvent(event: FingerspellElementEventMap[Type]): void;
    };
