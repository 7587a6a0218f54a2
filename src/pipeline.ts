import { MARGIN, readHand, squareAround } from './decode/hand';
import { type Probabilities, readProbabilities } from './decode/probabilities';
import { topK } from './decode/top-k';
import { Engine } from './engine';
import { disposedError, FingerspellError, throwIfAborted } from './errors';
import { Preprocessor } from './frame/preprocess';
import { centerRect, FULL, type View, viewOfRect, viewOfSquare } from './frame/region';
import { LARGEST_IN_TILE, searchViews } from './frame/search';
import type { Frame } from './frame/source';
import { closeCopy, copyFrame } from './frame/still';
import { HandTracker, type Plan, type Stream } from './frame/tracker';
import type { Outputs } from './inference/run';
import type { Progress } from './load';
import type { RecognizerOptions } from './options';
import { nextTurn } from './turn';
import type { BackendName, Classification, ConfusionMatrix, Hand } from './types';
import type { ClassifySettings } from './validate';

/** From this probability on a letter ends the search for a hand: what is no hand is rarely taken for one so surely. */
const SURE_PROBABILITY = 0.9;
/** What a look is worth: a hand from near more than one from afar, and most what surely is the hand. */
const [NOTHING, AFAR, NEAR, FOUND] = [0, 1, 2, 3];

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
  /** The stream that the frame belongs to, `null` for a picture of its own. */
  readonly stream: Stream | null;
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
    const answer = this.#queue.then(async () => {
      const { pixels, preprocessMs } = await taking;
      await nextTurn();
      throwIfAborted(signal, 'classify()');
      const begin = performance.now();
      const seen = await this.#look(frame, looks, pixels, settings, signal);
      const end = performance.now();
      return this.#report(frame, seen, settings, {
        preprocessMs,
        inferenceMs: end - begin,
        totalMs: end - start,
      });
    });
    const result = answer.finally(() => looks.search && closeCopy(looks.search.still, frame));
    // The next call waits for this one, and does not care how it ended.
    this.#queue = result.catch(() => {});
    return result;
  }

  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#engine.dispose();
  }

  /** Takes the pixels of the first look, and copies the frame where others may follow: the source could change first. */
  #planLooks(frame: Frame, settings: ClassifySettings, stream: Stream | null): Looks {
    const { region, mirror } = settings;
    const { width, height } = frame;
    if (region !== 'hand') {
      const rect = region === 'center' ? centerRect(width, height) : region === 'full' ? FULL : region;
      const view = viewOfRect(rect, width, height);
      return { view, pixels: this.#preprocessor.take(frame, view, mirror), search: null };
    }
    // Without joints there is nothing to go by.
    const hasJoints = this.#engine.model.metadata.handOutput !== null;
    const everywhere = searchViews(width, height).slice(0, hasJoints ? undefined : 1);
    const plan = this.#tracker.plan(stream, everywhere);
    const view = plan.followed ?? (plan.search[0] as View);
    const still = hasJoints && plan.search.length > 0 ? copyFrame(frame) : frame;
    try {
      return { view, pixels: this.#preprocessor.take(still, view, mirror), search: { ...plan, still, stream } };
    } catch (error) {
      closeCopy(still, frame);
      throw error;
    }
  }

  /** One look, or with `region: 'hand'` as many of those that are planned as it takes to find it. */
  async #look(
    frame: Frame,
    { view, search }: Looks,
    pixels: Uint8ClampedArray,
    settings: ClassifySettings,
    signal: AbortSignal | undefined,
  ): Promise<Seen> {
    const first = await this.#see(frame, view, pixels, settings.mirror);
    if (search === null) return first;
    const closely = async (seen: Seen): Promise<Seen> => {
      if (!seen.hand) return seen;
      const square = squareAround(seen.hand, frame.width, frame.height, MARGIN.same);
      const closer = await this.#seeAlso(frame, search.still, viewOfSquare(square), settings);
      return closer.hand ? this.#asNear(closer, frame) : seen;
    };
    let best = search.followed ? this.#asNear(first, frame) : await closely(first);
    for (const next of search.search) {
      if (best.worth === FOUND) break;
      if (next === view) continue;
      throwIfAborted(signal, 'classify()');
      const seen = await closely(await this.#seeAlso(frame, search.still, next, settings));
      if (seen.worth > best.worth) best = seen;
    }
    if (search.stream) {
      const { hand, worth } = best;
      const square = hand && worth >= NEAR ? squareAround(hand, frame.width, frame.height, MARGIN.next) : null;
      this.#tracker.note(search.stream, square, worth === FOUND);
    }
    return best;
  }

  /** What was seen of the square around a hand. */
  #asNear(seen: Seen, frame: Frame): Seen {
    if (!seen.hand) return seen;
    const { letters, noHand } = this.#probabilities(seen.outputs, null);
    // Squares to come would only show parts of a hand that is too large for them, and parts are misread surely.
    const isLarge = seen.view.square.side > LARGEST_IN_TILE * Math.min(frame.width, frame.height);
    const isFound = noHand < 0.5 && (isLarge || Math.max(...letters) >= SURE_PROBABILITY);
    return { ...seen, worth: isFound ? FOUND : NEAR };
  }

  async #seeAlso(frame: Frame, still: Frame, view: View, { mirror }: ClassifySettings): Promise<Seen> {
    await nextTurn();
    return this.#see(frame, view, await this.#preprocessor.take(still, view, mirror), mirror);
  }

  async #see(frame: Frame, view: View, pixels: Uint8ClampedArray, isMirrored: boolean): Promise<Seen> {
    const outputs = await this.#infer(this.#preprocessor.normalize(pixels));
    const { handOutput } = this.#engine.model.metadata;
    const values = handOutput === null ? undefined : outputs[handOutput];
    const hand = values ? readHand(values, view.square, frame.width, frame.height, isMirrored) : null;
    return { view, outputs, hand, worth: hand ? AFAR : NOTHING };
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
    const { letters, noHand } = this.#probabilities(seen.outputs, settings.keep);
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

  #probabilities([values]: Outputs, keep: ClassifySettings['keep']): Probabilities {
    const [output] = this.#engine.outputs;
    if (!output || !values) throw new FingerspellError('inference-failed', 'The network gave no output.');
    return readProbabilities(values, output, this.#engine.model.metadata, keep);
  }

  #throwIfDisposed(): void {
    if (this.#isDisposed) throw disposedError();
  }
}

type Taken = ReturnType<Preprocessor['take']>;

/** What will be looked at: the first view with its pixels, and with `region: 'hand'` what may follow. */
interface Looks {
  readonly view: View;
  readonly pixels: Taken;
  readonly search: (Plan & { readonly still: Frame; readonly stream: Stream | null }) | null;
}

interface Seen {
  readonly view: View;
  readonly outputs: Outputs;
  readonly hand: Hand | null;
  readonly worth: number;
}
