import type { Frame } from '../frame/source';
import { setBinaries } from '../inference/kernels/binaries.worker';
import type { HelperTask } from '../inference/kernels/helper';
import { Progress } from '../load';
import { LocalPipeline } from '../pipeline';
import {
  type BackendChange,
  LOADING,
  packError,
  type Reply,
  type Request,
  type WireFrame,
  type WireOptions,
} from './protocol';

/** The worker's end of the line. */
export interface Port {
  postMessage(reply: Reply): void;
  addEventListener(type: 'message', listener: (event: { readonly data: Request }) => void): void;
}

// Streams come and go on a page that lives long; what is known of the hand in the oldest ones is forgotten.
const MAX_STREAMS = 16;

/** Answers a page's requests, with the pipeline that the page itself would use. */
export function serve(port: Port): void {
  const host = new Host(port);
  port.addEventListener('message', ({ data }) => host.receive(data));
  port.postMessage({ kind: 'ready', problem: whyUseless() });
}

/** Browsers have had OffscreenCanvas without its 2D context. */
function whyUseless(): string | null {
  const canDraw = typeof OffscreenCanvas !== 'undefined' && new OffscreenCanvas(1, 1).getContext('2d') !== null;
  return canDraw ? null : 'workers have no 2D canvas here';
}

class Host {
  readonly #port: Port;
  readonly #calls = new Map<number, AbortController>();
  readonly #streams = new Map<number, object>();
  #pipeline: LocalPipeline | null = null;

  constructor(port: Port) {
    this.#port = port;
  }

  receive(request: Request): void {
    switch (request.kind) {
      case 'load':
        setBinaries(request.binaries);
        void this.#settle(LOADING, this.#load(request.options));
        break;
      case 'read':
        void this.#settle(request.id, this.#read(request));
        break;
      case 'abort':
        this.#calls.get(request.id)?.abort();
        break;
      case 'help':
        // A promise that is rejected tells the page nothing.
        this.#help(request.task).catch(reportError);
    }
  }

  /** This worker is a helper of another thread from now on, and hears nothing any more. */
  async #help({ module, memory, thread }: HelperTask): Promise<void> {
    const { exports } = await WebAssembly.instantiate(module, { env: { memory } });
    this.#port.postMessage({ kind: 'helping' });
    (exports['serve'] as (thread: number) => void)(thread);
  }

  async #load(options: WireOptions): Promise<Reply> {
    const progress = new Progress((progress) => this.#port.postMessage({ kind: 'progress', progress }));
    const onBackendChange = (change: BackendChange): void => {
      if (this.#pipeline) this.#port.postMessage({ kind: 'backend', change, runtime: this.#pipeline.runtime });
    };
    // The page stops a load by ending this worker.
    const { signal: never } = new AbortController();
    const pipeline = await LocalPipeline.open({ ...options, onBackendChange }, never, progress, null);
    this.#pipeline = pipeline;
    const { labels, inputSize, confusion, runtime } = pipeline;
    return { kind: 'loaded', facts: { labels, inputSize, confusion, runtime } };
  }

  async #read({ id, frame, settings }: Extract<Request, { kind: 'read' }>): Promise<Reply> {
    const start = performance.now();
    if (!this.#pipeline) throw new Error('nothing is loaded');
    const controller = new AbortController();
    this.#calls.set(id, controller);
    const stream = frame.stream && { key: this.#keyOf(frame.stream.number), isVideo: frame.stream.isVideo };
    try {
      const reading = this.#pipeline.read(unpack(frame), settings, { start, signal: controller.signal, stream });
      // Its pixels are taken by now, and a camera has few frames to lend.
      if ('close' in frame.picture) frame.picture.close();
      return { kind: 'result', id, result: await reading };
    } finally {
      this.#calls.delete(id);
    }
  }

  #keyOf(number: number): object {
    const key = this.#streams.get(number) ?? {};
    this.#streams.delete(number);
    this.#streams.set(number, key);
    const [oldest] = this.#streams.keys();
    if (this.#streams.size > MAX_STREAMS && oldest !== undefined) this.#streams.delete(oldest);
    return key;
  }

  async #settle(id: number, answer: Promise<Reply>): Promise<void> {
    this.#port.postMessage(await answer.catch((error): Reply => ({ kind: 'fault', id, fault: packError(error) })));
  }
}

function unpack({ picture, width, height }: WireFrame): Frame {
  if ('close' in picture) return { kind: 'image', image: picture, width, height };
  return { kind: 'pixels', pixels: { data: picture, width, height }, width, height };
}
