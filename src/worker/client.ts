import { disposedError, FingerspellError, type FingerspellErrorCode, isFingerspellError } from '../errors';
import { crossOriginError, type Frame } from '../frame/source';
import { isAddress } from '../guards';
import { NOT_IN_A_WORKER } from '../inference/faults';
import type { Progress } from '../load';
import { locateAsset, resolveUrl } from '../model/fetch';
import type { RecognizerOptions } from '../options';
import type { Call, Pipeline, Runtime } from '../pipeline';
import type { Classification, ConfusionMatrix } from '../types';
import type { ClassifySettings } from '../validate';
import { packFrame } from './pack';
import { type Facts, LOADING, type Reply, type Request, unpackError, type WireOptions } from './protocol';
import { startWorker } from './start';

/**
 * Loads the model in a worker.
 *
 * @returns why there can be no worker, in words, where that is so
 */
export async function openRemotePipeline(
  options: RecognizerOptions,
  signal: AbortSignal,
  progress: Progress,
): Promise<Pipeline | string> {
  const wire = toWire(options);
  const worker = await startWorker(options.assets, signal);
  if (typeof worker === 'string') return worker;
  const line = new Line(worker);
  const stop = (): void => line.end(disposedError());
  signal.addEventListener('abort', stop, { once: true });
  try {
    line.onProgress = (report) => progress.relay(report);
    const { relaxed, simd } = await import('#binaries');
    const request: Request = { kind: 'load', options: wire, binaries: { relaxed, simd } };
    const { facts } = (await line.ask(LOADING, request, [])) as { facts: Facts };
    return new RemotePipeline(line, facts, options.onBackendChange);
  } catch (error) {
    stop();
    if (needsPage(error)) return NOT_IN_A_WORKER;
    throw explain(error);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** Codes of a worker that is no more; a recogniser that never was has none of them. */
const ENDED: readonly FingerspellErrorCode[] = ['disposed', 'inference-failed'];

/** Why nothing could be loaded. */
function explain(error: unknown): unknown {
  if (isFingerspellError(error) && ENDED.includes(error.code)) {
    const message = 'The worker stopped before the model was loaded. Try again, or load without `worker`.';
    return new FingerspellError('backend-unavailable', message, { cause: error });
  }
  if (!isUncopiable(error)) return error;
  const message = 'The model cannot be copied to a worker. Pass plain objects, not proxies of them (`toRaw()` in Vue).';
  return new FingerspellError('invalid-option', message, { cause: error });
}

/** Whether the model is one that runs on the page alone. */
function needsPage(error: unknown): boolean {
  return isFingerspellError(error) && error.cause instanceof Error && error.cause.message === NOT_IN_A_WORKER;
}

function isUncopiable(error: unknown): error is DOMException {
  return error instanceof DOMException && error.name === 'DataCloneError';
}

function toWire({ model, backend, threads, assets }: RecognizerOptions): WireOptions {
  const at = (name: 'weights' | 'wasmSimd' | 'wasm'): string => locateAsset(name, assets).href;
  return {
    model: isAddress(model) ? resolveUrl(model).href : model,
    backend,
    threads,
    assets: { weights: at('weights'), wasmSimd: at('wasmSimd'), wasm: at('wasm') },
  };
}

type Answer = Extract<Reply, { kind: 'loaded' | 'result' }>;

interface Waiting {
  resolve(answer: Answer): void;
  reject(error: Error): void;
}

/** Requests to a worker, each with its answer. */
class Line {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #ended: Error | null = null;
  onProgress: (progress: Extract<Reply, { kind: 'progress' }>['progress']) => void = () => {};
  onBackend: (reply: Extract<Reply, { kind: 'backend' }>) => void = () => {};

  constructor(worker: Worker) {
    this.#worker = worker;
    worker.addEventListener('message', ({ data }: MessageEvent<Reply>) => this.#receive(data));
    worker.addEventListener('error', (event) => {
      event.preventDefault();
      this.#crash(event.message);
    });
    worker.addEventListener('messageerror', () => this.#crash('an answer could not be read'));
  }

  ask(id: number, request: Request, transfer: Transferable[]): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.throwIfEnded();
      this.#worker.postMessage(request, transfer);
      this.#waiting.set(id, { resolve, reject });
    });
  }

  throwIfEnded(): void {
    if (this.#ended) throw this.#ended;
  }

  tell(request: Request): void {
    if (!this.#ended) this.#worker.postMessage(request);
  }

  /** Ends the worker; whoever waits is told `error`, and whoever asks later that there is nothing left to ask. */
  end(error: Error, later: Error = error): void {
    this.#ended ??= later;
    this.#worker.terminate();
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }

  #crash(why: string): void {
    const error = (code: FingerspellErrorCode): FingerspellError =>
      new FingerspellError(code, `The worker stopped (${why}). Load a new recogniser.`);
    this.end(error('inference-failed'), error('disposed'));
  }

  #receive(reply: Reply): void {
    switch (reply.kind) {
      case 'progress':
        this.onProgress(reply.progress);
        break;
      case 'backend':
        this.onBackend(reply);
        break;
      case 'loaded':
      case 'result':
        this.#take(reply.kind === 'loaded' ? LOADING : reply.id)?.resolve(reply);
        break;
      case 'fault':
        this.#take(reply.id)?.reject(unpackError(reply.fault));
    }
  }

  #take(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    return waiting;
  }
}

/** The pipeline of a worker, seen from the page. */
class RemotePipeline implements Pipeline {
  readonly labels: readonly string[];
  readonly inputSize: number;
  readonly confusion: ConfusionMatrix | null;
  runtime: Runtime;
  readonly #line: Line;
  readonly #streams = new WeakMap<object, number>();
  #streamCount = 0;
  #lastCall: number = LOADING;

  constructor(line: Line, facts: Facts, onBackendChange: RecognizerOptions['onBackendChange']) {
    this.#line = line;
    this.labels = facts.labels;
    this.inputSize = facts.inputSize;
    this.confusion = facts.confusion;
    this.runtime = { ...facts.runtime, worker: true };
    line.onBackend = ({ change, runtime }) => {
      this.runtime = { ...runtime, worker: true };
      onBackendChange?.(change);
    };
  }

  async read(frame: Frame, settings: ClassifySettings, { start, signal, stream }: Call): Promise<Classification> {
    this.#line.throwIfEnded();
    const id = ++this.#lastCall;
    const packed = packFrame(frame, stream && { number: this.#numberOf(stream.key), isVideo: stream.isVideo });
    const request: Request = { kind: 'read', id, frame: packed.frame, settings };
    const answer = this.#line.ask(id, request, packed.transfer).catch((error) => {
      // What could not be posted is still here.
      if ('close' in packed.frame.picture) packed.frame.picture.close();
      // A picture of another origin may be copied, but the copy may not be posted.
      throw isUncopiable(error) ? crossOriginError(error) : error;
    });
    const packMs = performance.now() - start;
    const onAbort = (): void => this.#line.tell({ kind: 'abort', id });
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      const { result } = (await answer) as Extract<Answer, { kind: 'result' }>;
      const { preprocessMs, inferenceMs } = result.timing;
      const totalMs = performance.now() - start;
      return { ...result, timing: { preprocessMs: packMs + preprocessMs, inferenceMs, totalMs } };
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  dispose(): void {
    this.#line.end(disposedError());
  }

  #numberOf(stream: object): number {
    const number = this.#streams.get(stream) ?? ++this.#streamCount;
    this.#streams.set(stream, number);
    return number;
  }
}
