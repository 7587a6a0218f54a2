import { invalidOption, requireObject, requireSignal, show } from '../guards';
import type { ClassifyOptions, RecognizerOptions } from '../options';
import type { FingerspellRecognizer } from '../recognizer';
import { resolveSpellerOptions, type SpellerOptions } from '../spell/options';
import { settle } from '../validate';
import { type CameraOptions, resolveCameraOptions } from './camera-options';

/** Enough for a steady picture of the joints and the hold times, and it leaves most of a phone's time to the page. */
export const DEFAULT_MAX_FPS = 15;

/**
 * The options of a {@link FingerspellReader} that can be changed while it runs, see
 * {@link FingerspellReader.setOptions}.
 *
 * @public
 */
export interface LiveReaderOptions extends Omit<ClassifyOptions, 'signal'> {
  /**
   * Frames a second at most; a slow device reads fewer.
   * @defaultValue 15
   */
  readonly maxFps?: number | undefined;
  /**
   * Which camera to open in the video element; `false`: none, you feed the element yourself.
   * @defaultValue the camera that sees the user; none for a canvas, and none for a video that already has a source of
   * its own (`src`, `srcObject` or a `<source>`) when the reader starts
   */
  readonly camera?: CameraOptions | false | undefined;
  /** How letters become text: hold times and words to suggest. The text stays as it is when they change. */
  readonly speller?: Omit<SpellerOptions, 'labels' | 'confusion'> | undefined;
}

/**
 * Options of {@link FingerspellReader}: those of {@link FingerspellRecognizer.load}, and a reader's own. All are
 * optional.
 *
 * @public
 */
export interface ReaderOptions extends Omit<RecognizerOptions, keyof LiveReaderOptions | 'signal'>, LiveReaderOptions {
  /**
   * A recogniser that is already loaded, to share between readers. The reader does not dispose of it, and ignores the
   * options that are for loading.
   * @defaultValue one of the reader's own, loaded at the first start
   */
  readonly recognizer?: FingerspellRecognizer | undefined;
  /**
   * Whether reading pauses while the element is scrolled out of sight; the camera stays on.
   * @defaultValue false
   */
  readonly pauseOffscreen?: boolean | undefined;
  /** Disposes of the reader when it fires; a start in progress rejects with code `aborted`. */
  readonly signal?: AbortSignal | undefined;
}

/** The {@link ReaderOptions} from which the reader gets its recogniser. */
export interface ModelOptions {
  readonly recognizer: FingerspellRecognizer | undefined;
  /** For `FingerspellRecognizer.load`. */
  readonly loading: RecognizerOptions;
}

/** {@link ReaderOptions} by who takes them. */
export interface SortedReaderOptions extends ModelOptions {
  readonly live: LiveReaderOptions;
  readonly pauseOffscreen: boolean;
}

/** Sorts the options by who takes them, and throws `invalid-option` for those that no one else would check before the first frame. */
export function sortReaderOptions(options: ReaderOptions): SortedReaderOptions {
  requireObject(options, 'The options of a reader');
  const { recognizer, pauseOffscreen = false, signal, ...rest } = options;
  const { topK, threshold, region, mirror, letters, maxFps, camera, speller, ...loading } = rest;
  const live = { topK, threshold, region, mirror, letters, maxFps, camera, speller };
  requireSignal(signal);
  if (recognizer && typeof recognizer.classify !== 'function') {
    const advice = 'Await what FingerspellRecognizer.load() returns';
    throw invalidOption(`recognizer must be a loaded FingerspellRecognizer. ${advice}`);
  }
  checkLiveOptions(live, recognizer?.labels ?? null);
  if (typeof pauseOffscreen !== 'boolean') {
    throw invalidOption(`pauseOffscreen must be true or false, but got ${show(pauseOffscreen)}`);
  }
  return { recognizer, loading, live, pauseOffscreen };
}

/**
 * Throws `invalid-option` for live options that are not allowed.
 *
 * @param labels - Of the model; `null` while it is not known: then what depends on it is checked once it is.
 */
export function checkLiveOptions(options: LiveReaderOptions, labels: readonly string[] | null): void {
  const { maxFps, camera, speller, topK, letters, ...others } = options;
  resolveMaxFps(maxFps);
  if (camera) resolveCameraOptions(camera);
  if (speller !== undefined) {
    requireObject(speller, 'The option speller');
    resolveSpellerOptions({ ...speller, labels: ['a'] });
  }
  settle(labels === null ? others : { ...others, topK, letters }, null, labels ?? []);
}

/** The rate with its default filled in. */
export function resolveMaxFps(maxFps: number = DEFAULT_MAX_FPS): number {
  if (typeof maxFps === 'number' && maxFps > 0) return maxFps;
  throw invalidOption(`maxFps must be a number above 0, but got ${show(maxFps)}`);
}

/** Which camera to open in `source`: `null` for none. */
export function wantedCamera(
  source: HTMLVideoElement | HTMLCanvasElement,
  camera: CameraOptions | false | undefined,
): CameraOptions | null {
  if (camera === false) return null;
  if (isVideo(source)) return camera ?? (hasOwnSource(source) ? null : {});
  if (camera === undefined) return null;
  const advice = 'Give the reader a <video>, or leave out `camera` and draw on the canvas yourself';
  throw invalidOption(`A camera cannot play in a <canvas>. ${advice}`);
}

/** Whether two camera options ask for the same. */
export function isSameCamera(a: CameraOptions | false | undefined, b: CameraOptions | false | undefined): boolean {
  const key = (camera: typeof a) => JSON.stringify(camera ? resolveCameraOptions(camera) : String(camera));
  return key(a) === key(b);
}

/** By name, since an element of another window is no instance of this window's class. */
export function isVideo(source: HTMLVideoElement | HTMLCanvasElement): source is HTMLVideoElement {
  return source.localName === 'video';
}

function hasOwnSource(video: HTMLVideoElement): boolean {
  // Documents without media (jsdom) know no `srcObject`.
  return !!video.srcObject || video.hasAttribute('src') || video.querySelector('source') !== null;
}
