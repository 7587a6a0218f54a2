import { MARGIN, readHand, squareAround } from './decode/hand';
import { readProbabilities } from './decode/probabilities';
import { topK } from './decode/top-k';
import { Engine } from './engine';
import { disposedError, FingerspellError, throwIfAborted } from './errors';
import { Preprocessor } from './frame/preprocess';
import { centerRect, FULL, type View, viewOfRect } from './frame/region';
import { copyFrame, type Frame } from './frame/source';
import { HandTracker, viewOfSquare } from './frame/tracker';
import type { Outputs } from './inference/run';
import type { Progress } from './load';
import type { RecognizerOptions } from './options';
import type { BackendName, Classification, ConfusionMatrix, Hand } from './types';
import type { ClassifySettings } from './validate';

/** A loaded model and all that frames go through, on this thread or in a worker. */
export interface Pipeline {
  readonly labels: readonly string[];
  readonly inputSize: number;
  readonly confusion: ConfusionMatrix | null;
  readonly runtime: Runtime;
  /** Takes the pixels before it returns its promise; frames are computed in order. */
  read(frame: Frame, settings: ClassifySettings, call: Call): Promise<Classification>;
  /** Calls under way reject with `disposed`. */
  dispose(): void;
}

/** See `FingerspellRecognizer.runtime`. */
export interface Runtime {
  readonly backend: BackendName;
  readonly worker: boolean;
  readonly threads: number;
  readonly reason: string;
}

/** What else belongs to one call. */
export interface Call {
  /** When it began, ms. */
  readonly start: number;
  readonly signal: AbortSignal | undefined;
  /** What stands for the source if its next frame shows the same scene, else `null`. */
  readonly stream: object | null;
}

/** The story of a frame: a view of it becomes pixels, numbers, the network's outputs, a letter and a hand. */
export class LocalPipeline implements Pipeline {
  readonly #engine: Engine;
  readonly #preprocessor: Preprocessor;
  readonly #tracker = new HandTracker();
  readonly #whyHere: string | null;
  #queue: Promise<unknown> = Promise.resolve();
  #isDisposed = false;

  private constructor(engine: Engine, whyHere: string | null) {
    this.#engine = engine;
    this.#whyHere = whyHere;
    const { inputSize, metadata } = engine.model;
    this.#preprocessor = new Preprocessor(inputSize, metadata.normalization, engine.summer);
  }

  /** @param whyHere - why it is not in a worker, where one was asked for */
  static async open(
    options: RecognizerOptions,
    signal: AbortSignal,
    progress: Progress,
    whyHere: string | null,
  ): Promise<LocalPipeline> {
    const engine = await Engine.start(options, signal, progress);
    try {
      return new LocalPipeline(engine, whyHere);
    } catch (error) {
      engine.dispose();
      throw error;
    }
  }

  get labels(): readonly string[] {
    return this.#engine.model.metadata.labels;
  }

  get inputSize(): number {
    return this.#engine.model.inputSize;
  }

  get confusion(): ConfusionMatrix | null {
    return this.#engine.model.metadata.confusion;
  }

  get runtime(): Runtime {
    const { backend, threads, reason } = this.#engine;
    const here = this.#whyHere === null ? '' : `; on the calling thread, because ${this.#whyHere}`;
    return { backend, worker: false, threads, reason: reason + here };
  }

  async read(frame: Frame, settings: ClassifySettings, { start, signal, stream }: Call): Promise<Classification> {
    const looks = this.#planLooks(frame, settings, stream);
    const taking = Promise.resolve(looks.pixels).then((pixels) => ({
      pixels,
      preprocessMs: performance.now() - start,
    }));
    // Whoever waits in the queue is told of a failure when it is their turn.
    taking.catch(() => {});
    const result = this.#queue.then(async () => {
      const { pixels, preprocessMs } = await taking;
      throwIfAborted(signal, 'classify()');
      const begin = performance.now();
      const seen = await this.#look(frame, looks, pixels, settings);
      const end = performance.now();
      return this.#report(frame, seen, settings, {
        preprocessMs,
        inferenceMs: end - begin,
        totalMs: end - start,
      });
    });
    // The next call waits for this one, and does not care how it ended.
    this.#queue = result.catch(() => {});
    return result;
  }

  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#engine.dispose();
  }

  /** Takes the pixels of the first look, and of later ones where the source could change before they are known. */
  #planLooks(frame: Frame, settings: ClassifySettings, stream: object | null): Looks {
    const { region, mirror } = settings;
    if (region !== 'hand') {
      const rect = region === 'center' ? centerRect(frame.width, frame.height) : region === 'full' ? FULL : region;
      const view = viewOfRect(rect, frame.width, frame.height);
      return { view, pixels: this.#preprocessor.take(frame, view, mirror), again: null, followed: null };
    }
    const center = viewOfRect(centerRect(frame.width, frame.height), frame.width, frame.height);
    const full = viewOfRect(FULL, frame.width, frame.height);
    if (stream) {
      const { square, misses } = this.#tracker.locate(stream);
      const view = square ? viewOfSquare(square) : misses % 2 === 1 ? full : center;
      return { view, pixels: this.#preprocessor.take(frame, view, mirror), again: null, followed: stream };
    }
    const still = copyFrame(frame);
    const again = { still, full };
    return { view: center, pixels: this.#preprocessor.take(still, center, mirror), again, followed: null };
  }

  /** One look, or for a still picture with `region: 'hand'` as many as it takes to find the hand and look closely. */
  async #look(frame: Frame, looks: Looks, pixels: Uint8ClampedArray, settings: ClassifySettings): Promise<Seen> {
    let seen = await this.#see(frame, looks.view, pixels, settings.mirror);
    if (looks.again) {
      const { still, full } = looks.again;
      if (!seen.hand) seen = await this.#see(frame, full, await this.#take(still, full, settings), settings.mirror);
      if (seen.hand) {
        const close = viewOfSquare(squareAround(seen.hand, frame.width, frame.height, MARGIN.same));
        const closer = await this.#see(frame, close, await this.#take(still, close, settings), settings.mirror);
        if (closer.hand) seen = closer;
      }
    }
    if (looks.followed) {
      const square = seen.hand ? squareAround(seen.hand, frame.width, frame.height, MARGIN.next) : null;
      this.#tracker.note(looks.followed, seen.hand, square);
    }
    return seen;
  }

  #take(frame: Frame, view: View, settings: ClassifySettings): Taken {
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
    if (this.#isDisposed) throw disposedError();
  }
}

type Taken = ReturnType<Preprocessor['take']>;

/** What will be looked at: the first view with its pixels, and what a second look needs. */
interface Looks {
  readonly view: View;
  readonly pixels: Taken;
  readonly again: { readonly still: Frame; readonly full: View } | null;
  readonly followed: object | null;
}

interface Seen {
  readonly view: View;
  readonly outputs: Outputs;
  readonly hand: Hand | null;
}
