import type { CameraOptions } from '../../src/camera/camera-options';
import type { FingerspellReader } from '../../src/camera/reader';
import type { ReaderEventMap, ReaderStatus } from '../../src/camera/reader-events';
import type { LiveReaderOptions, ReaderOptions } from '../../src/camera/reader-options';
import type { FingerspellError } from '../../src/errors';
import type { FingerspellRecognizer } from '../../src/recognizer';
import type { Region } from '../../src/types';

/**
 * What {@link FingerspellElement.options} takes: all options of a reader that are not attributes.
 *
 * @public
 */
export interface FingerspellElementOptions
  extends Omit<ReaderOptions, Exclude<keyof LiveReaderOptions, 'speller'> | 'signal'> {
  /** Preferred size of the picture and how long it may take to appear; the attribute `facing-mode` chooses the side. */
  readonly camera?: Omit<CameraOptions, 'deviceId' | 'facingMode'> | undefined;
}

/**
 * The events of a {@link FingerspellElement}: those of its reader, and `regionchange`. None of them bubbles.
 *
 * @public
 */
export interface FingerspellElementEventMap extends Omit<HTMLElementEventMap, 'error'>, ReaderEventMap {
  /** The user moved the square and released it; the property `region` has it already. `null`: put back to the middle. */
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
 * Reader and camera live while the element is in a document: when it is removed, the camera goes off and the model is freed.
 *
 * @public
 */
export interface FingerspellElement extends HTMLElement {
  /**
   * Attribute `region`: the part of the frame that is read; in the attribute `center`, `full`, `hand`, or four fractions of
   * the unmirrored frame, `x y width height`. A square that the user moves is written here once it is released. `null`: a
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
   * Attribute `threshold`: probability, 0 to 1, from which the top letter becomes the answer.
   * @defaultValue 0.7
   */
  threshold: number;
  /**
   * Attribute `letters`: only these can be answers; in the attribute separated by spaces. `null`: all.
   * @defaultValue null
   */
  letters: readonly string[] | null;
  /**
   * Attribute `max-fps`: frames per second at most.
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
   * Attribute `autostart`: whether it starts, and the browser asks for the camera, as soon as it is in the document.
   * @defaultValue false
   */
  autostart: boolean;
  /**
   * Attribute `controls`: which of `start`, `camera`, `square`, `joints`, `candidates`, `text` and `keys` are shown,
   * separated by spaces, or `none`. `null`: all, as where it is empty.
   * @defaultValue null
   */
  controls: string | null;
  /**
   * Everything else: `model`, `recognizer`, `speller`, `assets` and so on. Takes effect at the next start: an element that
   * runs keeps what it has until then; one that does not gives up its reader at once, and the text with it.
   */
  options: FingerspellElementOptions;
  /** The reader beneath; `null` while the element is in no document or was never started. */
  readonly reader: FingerspellReader | null;
  /** The recogniser, once it is loaded. */
  readonly recognizer: FingerspellRecognizer | null;
  /** See {@link FingerspellReader.status}. */
  readonly status: ReaderStatus;
  /** What failed last; also an attribute with an invalid value, until it is corrected. */
  readonly error: FingerspellError | null;
  /** The letter that is shown now. */
  readonly letter: string | null;
  /** The text spelled so far. */
  readonly text: string;
  /**
   * Opens the camera, loads the model and reads; outside a document, as soon as the element is in one.
   *
   * @throws {@link FingerspellError} What {@link FingerspellReader.start} throws; an `error` event reports it too.
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
  /** Removes the last letter or space. */
  backspace(): void;
  /** Empties the text. */
  clear(): void;
  /**
   * Replaces the word that the suggestions are for, and adds a space.
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
  /** Undoes `addEventListener` with the same arguments. */
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
      /** As in an `EventListenerObject`. */
      handleEvent(event: FingerspellElementEventMap[Type]): void;
    };
