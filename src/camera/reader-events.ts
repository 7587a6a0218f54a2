import type { FingerspellError } from '../errors';
import type { Classification } from '../types';
import type { PauseReason } from './pauses';

/**
 * What a {@link FingerspellReader} is doing.
 *
 * - `'idle'`: it was never started
 * - `'loading'`: it loads the model and waits for permission and the camera's first picture
 * - `'running'`: it reads frames
 * - `'paused'`: no frame is being read, see {@link FingerspellReader.pauseReason}; it resumes by itself when the reason
 *   is gone. The camera stays on
 * - `'stopped'`: it was stopped; the camera is off, model and text are kept
 * - `'error'`: it could not start, or it lost its camera; `start()` tries again
 *
 * @public
 */
export type ReaderStatus = 'idle' | 'loading' | 'running' | 'paused' | 'stopped' | 'error';

/**
 * The events of a {@link FingerspellReader}, by type; each carries its data in `detail`.
 *
 * @public
 */
export interface ReaderEventMap {
  /** A frame was read. */
  readonly prediction: CustomEvent<Classification>;
  /** A letter was held long enough and committed; `text` is the whole text with it. */
  readonly letter: CustomEvent<{
    /** The committed letter, one of the labels. */
    readonly letter: string;
    /** The whole text with it. */
    readonly text: string;
    /** When its frame was read, on the clock of `performance.now()`, ms. */
    readonly timeMs: number;
  }>;
  /** The text changed, by a letter, a space or an edit. */
  readonly text: CustomEvent<{
    /** The whole text. */
    readonly text: string;
  }>;
  /**
   * {@link FingerspellReader.status} changed, or while it is `'paused'` the `reason` (`null` for every other status).
   */
  readonly statuschange: CustomEvent<{
    /** What it is doing now. */
    readonly status: ReaderStatus;
    /** What it did before; the same as `status` if only the reason changed. */
    readonly previous: ReaderStatus;
    /** Why it is paused. */
    readonly reason: PauseReason | null;
  }>;
  /** It could not start, lost its camera, or a frame could not be read. */
  readonly error: CustomEvent<FingerspellError>;
}

/**
 * A listener for the event `Type` of a {@link FingerspellReader}.
 *
 * @public
 */
export type ReaderListener<Type extends keyof ReaderEventMap> =
  | ((event: ReaderEventMap[Type]) => void)
  | {
      /** As in an `EventListenerObject`. */
      handleEvent(event: ReaderEventMap[Type]): void;
    };

/**
 * An `EventTarget` that knows the types of its events.
 *
 * @public
 */
export class ReaderEventTarget extends EventTarget {
  /** Calls `listener` at every event of this type, see {@link ReaderEventMap}. */
  override addEventListener<Type extends keyof ReaderEventMap>(
    type: Type,
    listener: ReaderListener<Type> | null,
    options?: AddEventListenerOptions | boolean,
  ): void;
  /** The same for events of other types. */
  override addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: AddEventListenerOptions | boolean,
  ): void;
  override addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: AddEventListenerOptions | boolean,
  ): void {
    super.addEventListener(type, listener, options);
  }

  /** Undoes `addEventListener` with the same arguments. */
  override removeEventListener<Type extends keyof ReaderEventMap>(
    type: Type,
    listener: ReaderListener<Type> | null,
    options?: EventListenerOptions | boolean,
  ): void;
  /** The same for events of other types. */
  override removeEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: EventListenerOptions | boolean,
  ): void;
  override removeEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: EventListenerOptions | boolean,
  ): void {
    super.removeEventListener(type, listener, options);
  }

  /** Dispatches the event `type` with this detail. */
  protected emit<Type extends keyof ReaderEventMap>(type: Type, detail: ReaderEventMap[Type]['detail']): void {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
