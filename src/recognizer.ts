import type { Selection } from './backend/select';
import { readHand, squareAround } from './decode/hand';
import { readProbabilities } from './decode/probabilities';
import { topK } from './decode/top-k';
import { abortedError, describeError, FingerspellError, isFingerspellError, throwIfAborted } from './errors';
import { Preprocessor } from './frame/preprocess';
import { centerRect, FULL, type View, viewOfRect } from './frame/region';
import { type Frame, readFrame } from './frame/source';
import { HandTracker, viewOfSquare } from './frame/tracker';
import type { Outputs, PlanRunner } from './inference/run';
import { Progress, withDeadline } from './load';
import type { Model } from './model/prepare';
import type { ClassifyOptions, RecognizerOptions } from './options';
import type { BackendName, Classification, ConfusionMatrix, FrameSource, Hand, PixelData } from './types';
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
  readonly #model: Model;
  readonly #defaults: ClassifySettings;
  readonly #options: RecognizerOptions;
  readonly #preprocessor: Preprocessor;
  readonly #tracker = new HandTracker();
  #engine: Engine;
  #queue: Promise<unknown> = Promise.resolve();
  #isDisposed = false;

  private constructor(model: Model, engine: Engine, options: RecognizerOptions, defaults: ClassifySettings) {
    this.#model = model;
    this.#engine = engine;
    this.#options = options;
    this.#defaults = defaults;
    this.#preprocessor = new Preprocessor(model.inputSize, model.metadata.normalization);
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
      const [model, selection] = await loadParts(options, signal, progress);
      let engine: Engine | null = null;
      try {
        const defaults = settle({ ...options, signal: undefined }, null, model.metadata.labels);
        engine = await startEngine(model, selection);
        progress.finished('warmup');
        throwIfAborted(signal, 'load()');
        const recognizer = new FingerspellRecognizer(model, engine, options, defaults);
        progress.finished('ready');
        return recognizer;
      } catch (error) {
        if (engine) stopEngine(engine);
        else selection.release();
        throw error;
      }
    });
  }

  /** The letters that can be read, in output order, without the no-hand class. */
  get labels(): readonly string[] {
    return this.#model.metadata.labels;
  }

  /** Side of the network's square input, px. */
  get inputSize(): number {
    return this.#model.inputSize;
  }

  /** The backend in use now. */
  get backend(): BackendName {
    return this.#engine.selection.device.name;
  }

  /** How and where frames are computed now; `reason` says in words why. */
  get runtime(): {
    readonly backend: BackendName;
    readonly worker: boolean;
    readonly threads: number;
    readonly reason: string;
  } {
    return { backend: this.backend, worker: false, threads: 1, reason: this.#engine.selection.reason };
  }

  /** Which letters the model takes for which, from its evaluation; `null` if its metadata does not say. */
  get confusion(): ConfusionMatrix | null {
    return this.#model.metadata.confusion;
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
    stopEngine(this.#engine);
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
    const { handOutput } = this.#model.metadata;
    const values = handOutput === null ? undefined : outputs[handOutput];
    const hand = values ? readHand(values, view.square, frame.width, frame.height, isMirrored) : null;
    return { view, outputs, hand };
  }

  /** A forward pass; if the device is lost on the way, once more on another. */
  async #infer(input: Float32Array): Promise<Outputs> {
    this.#throwIfDisposed();
    const engine = this.#engine;
    try {
      return await engine.runner.run(input);
    } catch (cause) {
      this.#throwIfDisposed();
      if (this.backend === 'webgl' && (await this.#replaceEngine(engine, describeError(cause)))) {
        return this.#infer(input);
      }
      throw new FingerspellError(
        'inference-failed',
        `The forward pass failed on ${this.backend} (${describeError(cause)}). Load a new recogniser.`,
        { cause },
      );
    } finally {
      // Disposed while the device computed: whatever came out is not given.
      this.#throwIfDisposed();
    }
  }

  /** Moves to a new WebGL context, or to WASM once that has failed too. */
  async #replaceEngine(broken: Engine, reason: string): Promise<boolean> {
    const { selectBackend } = await import('./backend/select');
    const { loadWasm } = await import('./model/wasm');
    const wanted = broken.isReplacement ? 'wasm' : 'auto';
    const controller = new AbortController();
    let selection: Selection;
    try {
      stopEngine(broken);
      selection = await selectBackend(wanted, (simd) => loadWasm(simd, this.#options.assets, controller.signal));
    } catch {
      return false;
    }
    if (this.#isDisposed) {
      selection.release();
      return false;
    }
    this.#engine = { ...(await startEngine(this.#model, selection)), isReplacement: true };
    this.#options.onBackendChange?.({ from: broken.selection.device.name, to: this.backend, reason });
    return true;
  }

  #report(frame: Frame, seen: Seen, settings: ClassifySettings, timing: Classification['timing']): Classification {
    const { plan, metadata } = this.#model;
    const [output] = plan.outputs;
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

/** A model on a device. */
interface Engine {
  readonly selection: Selection;
  readonly runner: PlanRunner;
  readonly isReplacement: boolean;
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

/** Fetches the model and opens a backend side by side: each waits mostly for the network. */
async function loadParts(
  options: RecognizerOptions,
  signal: AbortSignal,
  progress: Progress,
): Promise<[Model, Selection]> {
  const [{ fetchModel }, { prepareModel }, { selectBackend }, { loadWasm }] = await Promise.all([
    import('./model/fetch-model'),
    import('./model/prepare'),
    import('./backend/select'),
    import('./model/wasm'),
  ]);
  throwIfAborted(signal, 'load()');
  const preparing = fetchModel(options.model, options.assets, signal).then((files) => {
    progress.downloaded(2);
    return prepareModel(files);
  });
  const selecting = selectBackend(options.backend ?? 'auto', (simd) => loadWasm(simd, options.assets, signal));
  const [model, selection] = await Promise.allSettled([preparing, selecting.then((it) => (progress.downloaded(2), it))]);
  if (model.status === 'fulfilled' && selection.status === 'fulfilled') {
    progress.finished('compile');
    return [model.value, selection.value];
  }
  if (selection.status === 'fulfilled') selection.value.release();
  throw model.status === 'rejected' ? model.reason : (selection as PromiseRejectedResult).reason;
}

/** Puts the weights on the device and runs once: the first run compiles shaders and touches all memory. */
async function startEngine(model: Model, selection: Selection): Promise<Engine> {
  const { PlanRunner } = await import('./inference/run');
  const runner = new PlanRunner(model.plan, selection.device);
  try {
    await runner.run(new Float32Array(model.inputSize * model.inputSize * 3));
    return { selection, runner, isReplacement: false };
  } catch (error) {
    runner.dispose();
    throw isFingerspellError(error)
      ? error
      : new FingerspellError(
          'backend-unavailable',
          `The model does not run on ${selection.device.name} here (${describeError(error)}). Try another backend.`,
          { cause: error },
        );
  }
}

function stopEngine({ runner, selection }: Engine): void {
  runner.dispose();
  selection.release();
}

/** Sources whose next frame shows the same scene. */
function isStream(source: FrameSource): boolean {
  return 'videoWidth' in source || 'getContext' in source;
}

/** The frame as it is now, for looks that come after the source may have changed. */
function copyFrame(frame: Frame): Frame {
  const { width, height } = frame;
  if (frame.kind === 'pixels') {
    const pixels: PixelData = { data: new Uint8ClampedArray(frame.pixels.data), width, height };
    return { kind: 'pixels', pixels, width, height };
  }
  const canvas =
    typeof OffscreenCanvas === 'undefined'
      ? Object.assign(document.createElement('canvas'), { width, height })
      : new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d') as CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D | null;
  context?.drawImage(frame.image, 0, 0, width, height);
  return { kind: 'image', image: canvas, width, height };
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
