import { abortedError, disposedError, throwIfAborted } from './errors';
import { readFrame, streamOf } from './frame/source';
import { invalidOption } from './guards';
import { Progress, withDeadline } from './load';
import type { ClassifyOptions, RecognizerOptions } from './options';
import { LocalPipeline, type Pipeline } from './pipeline';
import type { BackendName, Classification, ConfusionMatrix, FrameSource } from './types';
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
  readonly #pipeline: Pipeline;
  readonly #defaults: ClassifySettings;
  #isDisposed = false;

  private constructor(pipeline: Pipeline, defaults: ClassifySettings) {
    // JavaScript knows no private constructors.
    if (!pipeline) throw invalidOption('A recogniser is made by `await FingerspellRecognizer.load()`, not by `new`');
    this.#pipeline = pipeline;
    // The same list that answers are named by.
    Object.freeze(pipeline.labels);
    this.#defaults = defaults;
  }

  /**
   * Loads the model, chooses a backend and warms it up, so that the first `classify()` is as fast as the next ones.
   *
   * @param options - All are optional.
   * @returns The recogniser, warmed up. `dispose()` of it when you are done.
   * @throws {@link FingerspellError} `invalid-option`, `asset-missing`, `asset-invalid`, `model-unsupported`,
   * `backend-unavailable`, `timeout` or `aborted`
   */
  static async load(options: RecognizerOptions = {}): Promise<FingerspellRecognizer> {
    const timeoutMs = validateLoadOptions(options);
    return withDeadline(options, timeoutMs, async (signal) => {
      const progress = new Progress(options.onProgress, signal);
      const pipeline = await openPipeline(options, signal, progress);
      try {
        throwIfAborted(signal, 'load()');
        const { topK, threshold, region, mirror, letters } = options;
        const defaults = settle({ topK, threshold, region, mirror, letters }, null, pipeline.labels);
        const recognizer = new FingerspellRecognizer(pipeline, defaults);
        progress.finished('ready');
        // Whoever was told so may have given up.
        throwIfAborted(signal, 'load()');
        return recognizer;
      } catch (error) {
        pipeline.dispose();
        throw error;
      }
    });
  }

  /**
   * `'FingerspellRecognizer'`. Objects with a tag of their own get no proxy from Vue; through one, private fields could not be
   * read.
   */
  get [Symbol.toStringTag](): string {
    return 'FingerspellRecognizer';
  }

  /** The letters that can be read, in output order, without the no-hand class. */
  get labels(): readonly string[] {
    return this.#pipeline.labels;
  }

  /** Side of the network's square input, px. */
  get inputSize(): number {
    return this.#pipeline.inputSize;
  }

  /** The backend in use now. */
  get backend(): BackendName {
    return this.#pipeline.runtime.backend;
  }

  /** How and where frames are computed now; `reason` says in words why. */
  get runtime(): {
    /** The backend in use now. */
    readonly backend: BackendName;
    /** Whether the network runs in a Web Worker. */
    readonly worker: boolean;
    /** How many threads compute. */
    readonly threads: number;
    /** Why it is this backend and this place, in words for people. */
    readonly reason: string;
  } {
    return this.#pipeline.runtime;
  }

  /** Which letters the model takes for which, from its evaluation; `null` if its metadata does not say. */
  get confusion(): ConfusionMatrix | null {
    return this.#pipeline.confusion;
  }

  /**
   * Reads one picture. Its pixels are taken before this returns its promise, so the source may change right away; calls
   * are computed in order.
   *
   * @param source - A video, image, canvas, bitmap or frame; in Node `{ data, width, height }` with RGBA bytes.
   * @param options - What differs from the options of `load()`, for this call only.
   * @returns The letter, the most likely letters with calibrated probabilities (softmax of the logits divided by a
   *   temperature, Guo et al. 2017, "On Calibration of Modern Neural Networks"), the joints and the times.
   * @throws {@link FingerspellError} `invalid-option`, `invalid-source`, `source-not-ready`, `disposed`, `aborted` or
   * `inference-failed`, as a rejection; the recogniser stays usable, except after `disposed`, and after an
   *   `inference-failed` that says to load a new one
   */
  async classify(source: FrameSource, options?: ClassifyOptions): Promise<Classification> {
    const start = performance.now();
    if (this.#isDisposed) throw disposedError();
    const settings = settle(options, this.#defaults, this.labels);
    const signal = options?.signal;
    throwIfAborted(signal, 'classify()');
    const frame = readFrame(source);
    const stream = streamOf(source);
    return untilAborted(this.#pipeline.read(frame, settings, { start, signal, stream }), signal);
  }

  /** Frees the model's memory. May be called more than once; calls under way, and later ones, reject with `disposed`. */
  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#pipeline.dispose();
  }
}

/** In a worker where the caller wants that and it can be had, else here. */
async function openPipeline(options: RecognizerOptions, signal: AbortSignal, progress: Progress): Promise<Pipeline> {
  if (!options.worker) return LocalPipeline.open(options, signal, progress, null);
  const { openRemotePipeline } = await import('./worker/client');
  const remote = await openRemotePipeline(options, signal, progress);
  return typeof remote === 'string' ? LocalPipeline.open(options, signal, progress, remote) : remote;
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
