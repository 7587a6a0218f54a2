import { readHand, squareAround } from './decode/hand';
import { readProbabilities } from './decode/probabilities';
import { topK } from './decode/top-k';
import { Engine } from './engine';
import { abortedError, FingerspellError, throwIfAborted } from './errors';
import { Preprocessor } from './frame/preprocess';
import { centerRect, FULL, type View, viewOfRect } from './frame/region';
import { copyFrame, type Frame, isStream, readFrame } from './frame/source';
import { HandTracker, viewOfSquare } from './frame/tracker';
import type { Outputs } from './inference/run';
import { Progress, withDeadline } from './load';
import type { ClassifyOptions, RecognizerOptions } from './options';
import type { BackendName, Classification, ConfusionMatrix, FrameSource, Hand } from './types';
import { type ClassifySettings, settle, validateLoadOptions } from './validate';

/**
 * Reads American Sign Language letters from pictures, on the device.
 *
 * ```ts
 * const recognizer = await FingerspellRecognizer.load();
 * const { letter, predictions } = await recognizer.classify(video);
 * recognizer.dispose();
 * ```
 *
 * @public
 */
export class FingerspellRecognizer {
  readonly #engine: Engine;
  readonly #defaults: ClassifySettings;
  readonly #preprocessor: Preprocessor;
  readonly #tracker = new HandTracker();
  #queue: Promise<unknown> = Promise.resolve();
  #isDisposed = false;

  private constructor(engine: Engine, defaults: ClassifySettings) {
    this.#engine = engine;
    this.#defaults = defaults;
    this.#preprocessor = new Preprocessor(engine.model.inputSize, engine.model.metadata.normalization);
  }

  /**
   * Loads the model, chooses a backend and warms it up, so that the first `classify()` is as fast as the next ones.
   *
   * @throws FingerspellError `invalid-option`, `asset-missing`, `asset-invalid`, `model-unsupported`,
   * `backend-unavailable`, `timeout` or `aborted`
   */
  static async load(options: RecognizerOptions = {}): Promise<FingerspellRecognizer> {
    const timeoutMs = validateLoadOptions(options);
    return withDeadline(options, timeoutMs, async (signal) => {
      const progress = new Progress(options.onProgress);
      const engine = await Engine.start(options, signal, progress);
      try {
        const { topK, threshold, region, mirror, letters } = options;
        const defaults = settle({ topK, threshold, region, mirror, letters }, null, engine.model.metadata.labels);
        const recognizer = new FingerspellRecognizer(engine, defaults);
        progress.finished('ready');
        return recognizer;
      } catch (error) {
        engine.dispose();
        throw error;
      }
    });
  }

  /** The letters that can be read, in output order, without the no-hand class. */
  get labels(): readonly string[] {
    return this.#engine.model.metadata.labels;
  }

  /** Side of the network's square input, px. */
  get inputSize(): number {
    return this.#engine.model.inputSize;
  }

  /** The backend in use now. */
  get backend(): BackendName {
    return this.#engine.backend;
  }

  /** How and where frames are computed now; `reason` says in words why. */
  get runtime(): {
    readonly backend: BackendName;
    readonly worker: boolean;
    readonly threads: number;
    readonly reason: string;
  } {
    return { backend: this.backend, worker: false, threads: 1, reason: this.#engine.reason };
  }

  /** Which letters the model takes for which, from its evaluation; `null` if its metadata does not say. */
  get confusion(): ConfusionMatrix | null {
    return this.#engine.model.metadata.confusion;
  }

  /**
   * Reads one picture. Its pixels are taken before this returns its promise, so the source may change at once; calls
   * are computed in order.
   *
   * @param source - a video, image, canvas, bitmap or frame; in Node `{ data, width, height }` with RGBA bytes
   * @throws FingerspellError `invalid-option`, `invalid-source`, `source-not-ready`, `disposed`, `aborted` or
   * `inference-failed`, as a rejection; the recogniser stays usable after each but `disposed`
   */
  async classify(source: FrameSource, options?: ClassifyOptions): Promise<Classification> {
    const start = performance.now();
    this.#throwIfDisposed();
    const settings = settle(options, this.#defaults, this.labels);
    const signal = options?.signal;
    throwIfAborted(signal, 'classify()');
    const frame = readFrame(source);
    const looks = this.#planLooks(source, frame, settings);
    const preprocessMs = performance.now() - start;
    const result = this.#queue.then(async () => {
      throwIfAborted(signal, 'classify()');
      const begin = performance.now();
      const seen = await this.#look(frame, looks, settings);
      const end = performance.now();
      return this.#report(frame, seen, settings, {
        preprocessMs,
        inferenceMs: end - begin,
        totalMs: end - start,
      });
    });
    // The next call waits for this one, and does not care how it ended.
    this.#queue = result.catch(() => {});
    return untilAborted(result, signal);
  }

  /** Frees the model's memory. May be called more than once; calls under way, and later ones, reject with `disposed`. */
  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#engine.dispose();
  }

  /** Takes the pixels of the first look, and of later ones where the source could change before they are known. */
  #planLooks(source: FrameSource, frame: Frame, settings: ClassifySettings): Looks {
    const { region, mirror } = settings;
    if (region !== 'hand') {
      const rect = region === 'center' ? centerRect(frame.width, frame.height) : region === 'full' ? FULL : region;
      const view = viewOfRect(rect, frame.width, frame.height);
      return { view, pixels: this.#preprocessor.take(frame, view, mirror), again: null, followed: null };
    }
    const center = viewOfRect(centerRect(frame.width, frame.height), frame.width, frame.height);
    const full = viewOfRect(FULL, frame.width, frame.height);
    if (isStream(source)) {
      const { square, misses } = this.#tracker.locate(source);
      const view = square ? viewOfSquare(square) : misses % 2 === 1 ? full : center;
      return { view, pixels: this.#preprocessor.take(frame, view, mirror), again: null, followed: source };
    }
    const still = copyFrame(frame);
    const again = { still, full };
    return { view: center, pixels: this.#preprocessor.take(still, center, mirror), again, followed: null };
  }

  /** One look, or for a still picture with `region: 'hand'` as many as it takes to find the hand and look closely. */
  async #look(frame: Frame, looks: Looks, settings: ClassifySettings): Promise<Seen> {
    let seen = await this.#see(frame, looks.view, looks.pixels, settings.mirror);
    if (looks.again) {
      const { still, full } = looks.again;
      if (!seen.hand) seen = await this.#see(frame, full, this.#take(still, full, settings), settings.mirror);
      if (seen.hand) {
        const close = viewOfSquare(squareAround(seen.hand, frame.width, frame.height));
        const closer = await this.#see(frame, close, this.#take(still, close, settings), settings.mirror);
        if (closer.hand) seen = closer;
      }
    }
    if (looks.followed) {
      const square = seen.hand ? squareAround(seen.hand, frame.width, frame.height) : null;
      this.#tracker.note(looks.followed, seen.hand, square);
    }
    return seen;
  }

  #take(frame: Frame, view: View, settings: ClassifySettings): Uint8ClampedArray {
    return this.#preprocessor.take(frame, view, settings.mirror);
  }

  async #see(frame: Frame, view: View, pixels: Uint8ClampedArray, isMirrored: boolean): Promise<Seen> {
    const outputs = await this.#infer(this.#preprocessor.normalize(pixels));
    const { handOutput } = this.#engine.model.metadata;
    const values = handOutput === null ? undefined : outputs[handOutput];
    const hand = values ? readHand(values, view.square, frame.width, frame.height, isMirrored) : null;
    return { view, outputs, hand };
  }

  async #infer(input: Float32Array): Promise<Outputs> {
    this.#throwIfDisposed();
    try {
      return await this.#engine.run(input);
    } finally {
      // Disposed while the device computed: whatever came of it, that is what the caller is told.
      this.#throwIfDisposed();
    }
  }

  #report(frame: Frame, seen: Seen, settings: ClassifySettings, timing: Classification['timing']): Classification {
    const { metadata } = this.#engine.model;
    const [output] = this.#engine.outputs;
    const [values] = seen.outputs;
    if (!output || !values) throw new FingerspellError('inference-failed', 'The network gave no output.');
    const { letters, noHand } = readProbabilities(values, output, metadata, settings.keep);
    const predictions = topK(this.labels, letters, settings.topK);
    const confidence = predictions[0]?.probability ?? 0;
    const isAnswer = confidence >= settings.threshold && confidence > noHand;
    const { rect } = seen.view;
    return {
      letter: isAnswer ? (predictions[0]?.letter ?? null) : null,
      confidence,
      predictions,
      probabilities: letters,
      noHand,
      region: {
        x: rect.x / frame.width,
        y: rect.y / frame.height,
        width: rect.width / frame.width,
        height: rect.height / frame.height,
      },
      hand: seen.hand,
      timing,
    };
  }

  #throwIfDisposed(): void {
    if (this.#isDisposed) {
      throw new FingerspellError('disposed', 'The recogniser was disposed of. Load a new one.');
    }
  }
}

/** What will be looked at: the first view with its pixels, and what a second look needs. */
interface Looks {
  readonly view: View;
  readonly pixels: Uint8ClampedArray;
  readonly again: { readonly still: Frame; readonly full: View } | null;
  readonly followed: object | null;
}

interface Seen {
  readonly view: View;
  readonly outputs: Outputs;
  readonly hand: Hand | null;
}

/** `result`, or a rejection as soon as `signal` fires. */
function untilAborted<T>(result: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return result;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(abortedError(signal, 'classify()'));
    signal.addEventListener('abort', onAbort, { once: true });
    result.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
