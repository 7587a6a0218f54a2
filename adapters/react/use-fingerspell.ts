'use client';

import { type RefCallback, useEffect, useInsertionEffect, useState, useSyncExternalStore } from 'react';
import type { FingerspellReader } from '../../src/camera/reader';
import { type ReaderSnapshot, ReaderStore, type ReaderStoreOptions } from '../../src/camera/reader-store';

/**
 * Options of {@link useFingerspell}: those of `FingerspellReader`, callbacks, `autoStart` and `frames`. They may be new
 * objects and functions at every render.
 *
 * Changes of `region`, `mirror`, `threshold`, `topK`, `letters`, `maxFps`, `camera`, `speller` and of the callbacks take effect at
 * once; only another `camera` restarts anything, the camera. The others take effect when the video element mounts.
 *
 * @public
 */
export interface UseFingerspellOptions extends ReaderStoreOptions {}

/**
 * What {@link useFingerspell} returns. The functions stay the same from render to render.
 *
 * @public
 */
export interface UseFingerspellResult extends ReaderSnapshot {
  /**
   * For the video: `<video ref={videoRef} muted />`. It may mount late, and again, with a new reader and an empty text.
   * Destructure the result, as in the example: from an object that holds a ref, React's compiler allows nothing to be read
   * while rendering.
   */
  readonly videoRef: RefCallback<HTMLVideoElement>;
  /** The underlying reader, for what is not here; `null` while no video element is mounted. Call it in event handlers. */
  readonly getReader: () => FingerspellReader | null;
  /** Starts, or starts again. It never rejects: what fails becomes `error`. Called before the element mounts, it takes effect when it does. */
  readonly start: () => Promise<void>;
  /** Stops and turns the camera off. */
  readonly stop: () => void;
  /** Adds a letter by hand. */
  readonly insert: (letter: string) => void;
  /** Ends the word with a space. */
  readonly space: () => void;
  /** Removes the last letter or space. */
  readonly backspace: () => void;
  /** Empties the text. */
  readonly clear: () => void;
  /** Replaces the word that the suggestions are for, and adds a space. */
  readonly accept: (suggestion: string) => void;
}

/**
 * Reads fingerspelling from the camera into React: give `videoRef` to a `<video>`, and show `letter` and `text`.
 *
 * Renders only when status, error, letter, text or suggestions change. The results of single frames go to
 * `onPrediction`, or to `prediction` with `frames: true`. Camera and model live and die with the video element, in
 * StrictMode too.
 *
 * @example
 * ```tsx
 * function Speller() {
 *   const { videoRef, letter, text, error } = useFingerspell();
 *   return <><video ref={videoRef} muted /><h1>{letter}</h1><p>{error?.message ?? text}</p></>;
 * }
 * ```
 *
 * @public
 */
export function useFingerspell(options: UseFingerspellOptions = {}): UseFingerspellResult {
  const [store] = useState(() => new ReaderStore(options));
  const snapshot = useSyncExternalStore(store.subscribe, store.getSnapshot, store.getServerSnapshot);
  // An insertion effect, because it runs before refs are set: an element that mounts with new options gets those.
  useInsertionEffect(() => store.setOptions(options));
  useEffect(() => store.applyOptions());
  const { attach, getReader, start, stop, insert, space, backspace, clear, accept } = store;
  return { ...snapshot, videoRef: attach, getReader, start, stop, insert, space, backspace, clear, accept };
}
