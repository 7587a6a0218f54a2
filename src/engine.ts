import type { LoadWasm, Selection } from './backend/select';
import { describeError, FingerspellError, isFingerspellError, throwIfAborted } from './errors';
import type { Summer } from './frame/summer';
import { guarded } from './guards';
import type { ThreadsWish } from './inference/kernels/helper';
import type { Output } from './inference/plan';
import type { Outputs, Runner } from './inference/run';
import type { Progress } from './load';
import type { Model } from './model/prepare';
import type { RecognizerOptions } from './options';
import type { BackendName } from './types';

/** A model on a device; moves to another device when that one is lost. */
export class Engine {
  readonly model: Model;
  readonly #options: RecognizerOptions;
  #seat: Seat;
  #moving: Promise<boolean> | null = null;
  #moves = 0;
  #hasLostThreads = false;
  #isDisposed = false;

  private constructor(model: Model, seat: Seat, options: RecognizerOptions) {
    this.model = model;
    this.#seat = seat;
    this.#options = options;
  }

  /** Fetches, compiles, uploads and warms up. Leaves nothing behind when it fails or `signal` fires. */
  static async start(options: RecognizerOptions, signal: AbortSignal, progress: Progress): Promise<Engine> {
    const { model, selection, loadBinary } = await loadParts(options, signal, progress);
    progress.finished('compile');
    if (signal.aborted) selection.release();
    throwIfAborted(signal, 'load()');
    const seat = await takeFirstSeat({ model, selection, loadBinary }, options, signal);
    if (signal.aborted) leaveSeat(seat);
    throwIfAborted(signal, 'load()');
    progress.finished('warmup');
    return new Engine(model, seat, options);
  }

  get backend(): BackendName {
    return this.#seat.selection.name;
  }

  /** The network's outputs. */
  get outputs(): readonly Output[] {
    return this.#seat.runner.outputs;
  }

  /** What resizes pictures fast here, if there is something. */
  get summer(): Summer | undefined {
    return this.#seat.selection.summer;
  }

  /** How many threads compute. */
  get threads(): number {
    return this.#seat.runner.threads ?? 1;
  }

  /** Why this backend, in words, and why one thread, where more were wanted. */
  get reason(): string {
    const { selection, runner } = this.#seat;
    if (!this.#options.threads || this.threads > 1 || this.#hasLostThreads) return selection.reason;
    return `${selection.reason}; on one thread, because ${runner.whyAlone ?? `${selection.detail} has no others`}`;
  }

  /** A forward pass; if the device is lost on the way, once more on the next one. */
  async run(input: Float32Array): Promise<Outputs> {
    const seat = this.#seat;
    try {
      return await seat.runner.run(input);
    } catch (cause) {
      if (!this.#isDisposed && (await this.#moveFrom(seat, describeError(cause)))) return this.run(input);
      throw new FingerspellError(
        'inference-failed',
        `The forward pass failed on ${seat.selection.name} (${describeError(cause)}). Load a new recogniser.`,
        { cause },
      );
    }
  }

  /** May be called more than once. */
  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    leaveSeat(this.#seat);
  }

  /** Whether there is another device to go on with. Calls that fail together move together. */
  async #moveFrom(broken: Seat, reason: string): Promise<boolean> {
    if (this.#seat !== broken) return true;
    if (broken.selection.name !== 'webgl' && !isCrewed(broken)) return false;
    this.#moving ??= this.#move(broken, reason).finally(() => {
      this.#moving = null;
    });
    return this.#moving;
  }

  /** Once to a new WebGL context, from the second time on to WASM; from WASM with several threads to one thread. */
  async #move(broken: Seat, reason: string): Promise<boolean> {
    const { loadWasm } = await import('./model/wasm');
    this.#hasLostThreads ||= isCrewed(broken);
    const isFirst = !isCrewed(broken) && this.#moves++ === 0;
    const wanted = isFirst ? (['webgl', 'wasm'] as const) : (['wasm'] as const);
    const { signal: never } = new AbortController();
    const loadBinary: LoadWasm = (simd) => loadWasm(simd, this.#options.assets, never);
    const threads = this.#hasLostThreads ? null : wishOf(this.#options, never);
    leaveSeat(broken);
    for (const name of wanted) {
      try {
        const seat = await takeOtherSeat(this.model, name, reason, loadBinary, threads);
        if (this.#isDisposed) {
          leaveSeat(seat);
          return false;
        }
        this.#seat = seat;
        guarded(() => this.#options.onBackendChange?.({ from: broken.selection.name, to: name, reason }));
        return true;
      } catch {
        // The next one in the list, or the caller's error for the frame that failed.
      }
    }
    return false;
  }
}

/** A device with the model's weights on it. */
interface Seat {
  readonly selection: Selection;
  readonly runner: Runner;
}

interface Parts {
  readonly model: Model;
  readonly selection: Selection;
  readonly loadBinary: LoadWasm;
}

/** Fetches the model and opens a backend side by side: each waits mostly for the network. */
async function loadParts(options: RecognizerOptions, signal: AbortSignal, progress: Progress): Promise<Parts> {
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
  const loadBinary: LoadWasm = (simd) => loadWasm(simd, options.assets, signal);
  const selecting = selectBackend(options.backend ?? 'auto', loadBinary, wishOf(options, signal));
  const counted = selecting.then((selection) => {
    progress.downloaded(2);
    return selection;
  });
  try {
    const [model, selection] = await Promise.all([preparing, counted]);
    return { model, selection, loadBinary };
  } catch (cause) {
    // Told at once: the other half may take long, or never come.
    void selecting.then(
      (selection) => selection.release(),
      () => undefined,
    );
    throw cause;
  }
}

function wishOf({ threads, assets }: RecognizerOptions, signal: AbortSignal): ThreadsWish | null {
  return threads ? { assets, signal } : null;
}

/** A graphics processor may compute the probe right and this network wrong: where it was not asked for, WASM is next. */
async function takeFirstSeat(
  { model, selection, loadBinary }: Parts,
  options: RecognizerOptions,
  signal: AbortSignal,
): Promise<Seat> {
  try {
    return await takeSeat(model, selection, loadBinary);
  } catch (error) {
    const isAsked = options.backend !== undefined && options.backend !== 'auto';
    if (isAsked || selection.name !== 'webgl' || signal.aborted) throw error;
    const reason = `WebGL failed (${describeError(error)})`;
    const seat = takeOtherSeat(model, 'wasm', reason, loadBinary, wishOf(options, signal));
    // Where it fails on both, the first failure tells more.
    return seat.catch(() => Promise.reject(error));
  }
}

/** Goes on elsewhere. @param reason - what happened to the seat before */
async function takeOtherSeat(
  model: Model,
  name: BackendName,
  reason: string,
  loadBinary: LoadWasm,
  threads: ThreadsWish | null,
): Promise<Seat> {
  const { selectBackend } = await import('./backend/select');
  const selection = await selectBackend(name, loadBinary, threads);
  return takeSeat(model, { ...selection, reason: `${selection.detail}: ${reason}` }, loadBinary);
}

/** Puts the weights on the device and runs once: the first run compiles shaders and touches all memory. */
async function takeSeat(model: Model, selection: Selection, loadBinary: LoadWasm): Promise<Seat> {
  // A network that the plan has no words for brings a backend of its own, of the kind that was found to work here.
  if (!('steps' in model.network)) selection.release();
  let runner: Runner | null = null;
  try {
    runner = await createRunner(model, selection, loadBinary);
    const outputs = await runner.run(new Float32Array(model.inputSize * model.inputSize * 3));
    if (outputs.every((values) => values.every(Number.isFinite))) return { selection, runner };
    throw new FingerspellError(
      'asset-invalid',
      `The model's outputs are not finite numbers on ${selection.name}. Export it again, in float32.`,
    );
  } catch (error) {
    runner?.dispose();
    selection.release();
    if (isFingerspellError(error)) throw error;
    throw new FingerspellError(
      'backend-unavailable',
      `The model does not run on ${selection.name} here (${describeError(error)}). Try another backend.`,
      { cause: error },
    );
  }
}

async function createRunner(model: Model, selection: Selection, loadBinary: LoadWasm): Promise<Runner> {
  const { network, metadata, inputSize } = model;
  const { checkOutputs } = await import('./model/prepare');
  if ('steps' in network) {
    checkOutputs(network.outputs, metadata);
    return selection.startPlan(network);
  }
  const { startLayers } = await import('./inference/layers-fallback');
  const runner = await startLayers(network, inputSize, selection.name, loadBinary);
  try {
    checkOutputs(runner.outputs, metadata);
    return runner;
  } catch (error) {
    runner.dispose();
    throw error;
  }
}

/** Whether several threads compute. */
function isCrewed({ runner }: Seat): boolean {
  return (runner.threads ?? 1) > 1;
}

function leaveSeat({ runner, selection }: Seat): void {
  runner.dispose();
  selection.release();
}
