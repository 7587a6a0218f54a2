import { FingerspellRecognizer, type RecognizerOptions } from 'asl-fingerspell';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { commands } from 'vitest/browser';
import { asEverySource, toCanvas, toVideo } from '../support/browser-pictures';
import { faultOf } from '../support/errors';
import { guestFolders } from '../support/guests';
import { drawPicture } from '../support/pictures';
import { watchWorkers } from './support/workers';

const picture = drawPicture(320, 240, 4);
const pictureOnCanvas = () => toCanvas(new ImageData(new Uint8ClampedArray(picture.data), 320, 240));
const load = (options?: RecognizerOptions) => FingerspellRecognizer.load({ backend: 'wasm', worker: true, ...options });
const difference = (a: readonly number[], b: readonly number[]): number =>
  Math.max(...a.map((value, i) => Math.abs(value - (b[i] ?? Number.NaN))));

// Chromium shrinks a frame of a video, or a copy of an image, by half a grey level differently from the element itself.
const toleranceOf = (name: string): number => (name === 'video' || name === 'img' ? 2e-3 : 1e-5);

let opened: FingerspellRecognizer[] = [];
async function open(options?: RecognizerOptions): Promise<FingerspellRecognizer> {
  const recognizer = await load(options);
  opened.push(recognizer);
  return recognizer;
}

afterEach(() => {
  vi.unstubAllGlobals();
  for (const recognizer of opened) recognizer.dispose();
  opened = [];
});

describe('worker: true', () => {
  it('reads every kind of source as the main thread does', async () => {
    const [there, here] = [await open(), await open({ worker: false })];
    expect(there.runtime).toMatchObject({ backend: 'wasm', worker: true, threads: 1 });
    expect([there.labels, there.inputSize, there.confusion]).toEqual([here.labels, here.inputSize, here.confusion]);
    const { sources, dispose } = await asEverySource(picture);
    const { video, stop } = await toVideo(pictureOnCanvas());
    for (const [name, source] of Object.entries({ ...sources, video })) {
      for (const options of [{}, { region: 'full', mirror: true }, { region: 'hand' }] as const) {
        const [a, b] = [await there.classify(source, options), await here.classify(source, options)];
        const label = `${name} ${JSON.stringify(options)}`;
        expect(difference(a.probabilities, b.probabilities), label).toBeLessThan(toleranceOf(name));
        expect(a.region).toEqual(b.region);
        expect(a.hand === null).toBe(b.hand === null);
        expect(a.timing.totalMs).toBeGreaterThan(0);
      }
    }
    // What was handed over is still the caller's.
    expect((sources['ImageBitmap'] as ImageBitmap).width).toBe(320);
    expect((sources['raw pixels'] as { data: Uint8ClampedArray }).data.length).toBe(320 * 240 * 4);
    stop();
    dispose();
  });

  it('does the same where there is no VideoFrame', async () => {
    const [there, here] = [await open(), await open({ worker: false })];
    const { sources, dispose } = await asEverySource(picture);
    vi.stubGlobal('VideoFrame', undefined);
    for (const [name, source] of Object.entries(sources)) {
      const [a, b] = [await there.classify(source), await here.classify(source)];
      expect(difference(a.probabilities, b.probabilities), name).toBeLessThan(toleranceOf(name));
    }
    dispose();
  });

  it('runs a model that needs TensorFlow.js on the page, and says why', async () => {
    const model = guestFolders().fallback.files;
    const [there, here] = [await open({ model, threads: true }), await open({ model, worker: false })];
    expect(there.runtime).toMatchObject({ backend: 'wasm', worker: false, threads: 1 });
    expect(there.runtime.reason).toContain('the model needs TensorFlow.js, which is not in the worker');
    expect(there.runtime.reason).toContain('on one thread, because TensorFlow.js computes this model');
    const [a, b] = [await there.classify(picture), await here.classify(picture)];
    expect(a.probabilities).toEqual(b.probabilities);
  });

  it('refuses an address of the worker that is none', async () => {
    expect(await faultOf(() => load({ assets: { worker: 'http://[' } }))).toBe('invalid-option');
  });

  it('says that a proxy of a model cannot be sent', async () => {
    const { files } = guestFolders().plan;
    const model = { ...files, metadata: new Proxy(files.metadata, {}) };
    expect(await faultOf(() => load({ model }))).toBe('invalid-option');
    (await open({ model, worker: false })).dispose();
  });

  it('takes the pixels before it returns, and answers in order', async () => {
    const recognizer = await open();
    const canvas = pictureOnCanvas();
    const wanted = await recognizer.classify(canvas);
    const order: number[] = [];
    const first = recognizer.classify(canvas).finally(() => order.push(1));
    canvas.getContext('2d')?.fillRect(0, 0, 320, 240);
    const second = recognizer.classify(canvas).finally(() => order.push(2));
    expect((await first).probabilities).toEqual(wanted.probabilities);
    expect((await second).probabilities).not.toEqual(wanted.probabilities);
    expect(order).toEqual([1, 2]);
  });

  it('reports progress and settings as the main thread does', async () => {
    const seen: { loaded: number; total: number; phase: string }[] = [];
    const recognizer = await open({ onProgress: (progress) => seen.push(progress), topK: 2, letters: ['a', 'b', 'c'] });
    for (let i = 1; i < seen.length; i++) expect(seen[i]?.loaded).toBeGreaterThanOrEqual(seen[i - 1]?.loaded ?? 0);
    expect(seen[0]?.loaded).toBe(0);
    expect(seen.at(-1)).toMatchObject({ phase: 'ready', loaded: seen[0]?.total });
    expect(new Set(seen.map(({ phase }) => phase))).toEqual(new Set(['download', 'compile', 'warmup', 'ready']));
    const { predictions } = await recognizer.classify(picture);
    expect(predictions).toHaveLength(2);
    expect(predictions.every(({ letter }) => 'abc'.includes(letter))).toBe(true);
  });

  it('gives the same errors', async () => {
    const recognizer = await open();
    expect(await faultOf(() => recognizer.classify(picture, { topK: 0 }))).toBe('invalid-option');
    expect(await faultOf(() => recognizer.classify({ ...picture, width: 1 }))).toBe('invalid-source');
    const controller = new AbortController();
    const aborted = recognizer.classify(picture, { signal: controller.signal }).catch((error) => error);
    controller.abort('enough');
    expect(await aborted).toMatchObject({ code: 'aborted', cause: 'enough' });
    await recognizer.classify(picture);
    // Relative to the page, which is not where the worker is.
    const failed = (worker: boolean) => load({ worker, model: 'no/such/model.json' }).catch((error) => error);
    const [there, here] = [await failed(true), await failed(false)];
    expect(there).toBeInstanceOf(Error);
    expect([there.code, there.message]).toEqual([here.code, here.message]);
    expect(await faultOf(() => load({ worker: 1 as never }))).toBe('invalid-option');
    expect(await faultOf(() => load({ timeoutMs: 1 }))).toBe('timeout');
    expect(await faultOf(() => load({ signal: AbortSignal.timeout(20) }))).toBe('aborted');
  });

  it('rejects a picture of another origin, keeps no copy of it, and reads the next one', async () => {
    const recognizer = await open();
    const image = Object.assign(new Image(), { src: await commands.serveForeignPicture() });
    await image.decode();
    const tainted = Object.assign(document.createElement('canvas'), { width: 20, height: 20 });
    tainted.getContext('2d')?.drawImage(image, 0, 0);
    const copies = vi.spyOn(OffscreenCanvas.prototype, 'transferToImageBitmap');
    for (const source of [image, tainted])
      expect(await faultOf(() => recognizer.classify(source))).toBe('invalid-source');
    expect(copies.mock.results.length).toBeGreaterThan(0);
    // A bitmap that is closed, or was handed over, has no size.
    for (const { value } of copies.mock.results) expect((value as ImageBitmap).width).toBe(0);
    copies.mockRestore();
    expect((await recognizer.classify(picture)).probabilities).toHaveLength(24);
  });

  it('holds no frame of a video that it sent there', async () => {
    const made: VideoFrame[] = [];
    class Watched extends VideoFrame {
      constructor(...args: ConstructorParameters<typeof VideoFrame>) {
        super(...args);
        made.push(this);
      }
    }
    const recognizer = await open();
    const { video, stop } = await toVideo(pictureOnCanvas());
    vi.stubGlobal('VideoFrame', Watched);
    for (const region of ['center', 'hand'] as const) await recognizer.classify(video, { region });
    stop();
    expect(made).toHaveLength(2);
    // One that is closed, or was handed over, has no format.
    for (const { format } of made) expect(format).toBeNull();
  });

  it('closes there what it was sent', async () => {
    const channel = new BroadcastChannel('closed bitmaps');
    const onClose = vi.fn();
    channel.onmessage = onClose;
    const worker = workerAfter(`
      const { close } = ImageBitmap.prototype;
      const channel = new BroadcastChannel(${JSON.stringify(channel.name)});
      ImageBitmap.prototype.close = function () {
        channel.postMessage(null);
        close.call(this);
      };`);
    const recognizer = await open({ assets: { worker } });
    expect(recognizer.runtime.worker).toBe(true);
    const bitmap = await createImageBitmap(new ImageData(new Uint8ClampedArray(picture.data), 320, 240));
    for (const region of ['center', 'hand'] as const) await recognizer.classify(bitmap, { region });
    await vi.waitFor(() => expect(onClose).toHaveBeenCalledTimes(2));
    channel.close();
  });

  it('goes on there when it loses its WebGL context, and tells the page', async () => {
    const channel = new BroadcastChannel('lost contexts');
    const worker = workerAfter(`
      const { getContext } = OffscreenCanvas.prototype;
      OffscreenCanvas.prototype.getContext = function (...args) {
        const context = getContext.apply(this, args);
        const extension = context?.getExtension?.('WEBGL_lose_context');
        if (extension) new BroadcastChannel(${JSON.stringify(channel.name)}).onmessage = () => extension.loseContext();
        return context;
      };`);
    const onBackendChange = vi.fn();
    const { files: model } = guestFolders().plan;
    const recognizer = await open({ model, backend: 'webgl', assets: { worker }, onBackendChange });
    expect(recognizer.runtime).toMatchObject({ backend: 'webgl', worker: true });
    const wanted = await recognizer.classify(picture);
    channel.postMessage(null);
    while (onBackendChange.mock.calls.length === 0) {
      const { probabilities } = await recognizer.classify(picture);
      expect(difference(probabilities, wanted.probabilities)).toBeLessThan(1e-3);
    }
    const change = onBackendChange.mock.lastCall?.[0];
    expect(change).toMatchObject({ from: 'webgl', to: 'webgl' });
    expect(recognizer.runtime).toMatchObject({ worker: true, reason: expect.stringContaining(change.reason) });
    channel.close();
  });

  it('says so when the worker stops while it loads, and loads the next time', async () => {
    const workers = watchWorkers();
    const onProgress = ({ phase }: { readonly phase: string }) => {
      if (phase === 'compile') workers.crash();
    };
    const error = await load({ onProgress }).catch((error) => error);
    expect(error).toMatchObject({ code: 'backend-unavailable', message: expect.stringContaining('stopped before') });
    expect(workers.running()).toBe(0);
    expect((await open()).runtime.worker).toBe(true);
  });

  it('computes there no more what was given up here', async () => {
    const replies: string[] = [];
    class Overheard extends Worker {
      constructor(...args: ConstructorParameters<typeof Worker>) {
        super(...args);
        this.addEventListener('message', ({ data }) => replies.push(data.kind));
      }
    }
    vi.stubGlobal('Worker', Overheard);
    const recognizer = await open();
    replies.length = 0;
    const controller = new AbortController();
    const first = recognizer.classify(picture);
    const second = faultOf(() => recognizer.classify(picture, { signal: controller.signal }));
    controller.abort();
    expect(await second).toBe('aborted');
    await first;
    await recognizer.classify(picture);
    expect(replies).toEqual(['result', 'fault', 'result']);
  });

  it('rejects what is under way when it is disposed of', async () => {
    const recognizer = await open();
    const pending = faultOf(() => recognizer.classify(picture));
    recognizer.dispose();
    recognizer.dispose();
    expect(await pending).toBe('disposed');
    expect(await faultOf(() => recognizer.classify(picture))).toBe('disposed');
  });

  it('rejects what is under way when its worker stops, and is of no use then', async () => {
    const workers = watchWorkers();
    const recognizer = await open();
    const pending = recognizer.classify(picture).catch((error) => error);
    workers.crash();
    expect(await pending).toMatchObject({ code: 'inference-failed' });
    const later = await recognizer.classify(picture).catch((error) => error);
    expect(later).toMatchObject({ code: 'disposed', message: expect.stringContaining('out of memory') });
  });

  it('leaves no worker behind when loading is aborted, however early', async () => {
    const workers = watchWorkers();
    for (const delayMs of [null, 0, 1, 5, 20, 60]) {
      const controller = new AbortController();
      const loading = load({ signal: controller.signal }).catch((error) => error);
      if (delayMs !== null) await new Promise((resolve) => setTimeout(resolve, delayMs));
      controller.abort();
      const outcome = await loading;
      if (outcome instanceof FingerspellRecognizer) outcome.dispose();
      else expect(outcome).toMatchObject({ code: 'aborted' });
      if (delayMs !== null) continue;
      // One that had been made for nothing would run until it had loaded, or for ever.
      await new Promise((resolve) => setTimeout(resolve, 200));
      expect(workers.made()).toBe(0);
    }
    await vi.waitFor(() => expect(workers.running()).toBe(0), { timeout: 20_000 });
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(workers.running()).toBe(0);
  });

  it('ends a worker that never answers', async () => {
    const workers = watchWorkers();
    const worker = workerAfter('await new Promise(() => {});');
    expect(await faultOf(() => load({ assets: { worker }, timeoutMs: 300 }))).toBe('timeout');
    expect([workers.made(), workers.running()]).toEqual([1, 0]);
  });

  it('reads a picture that is larger than a canvas may be', async () => {
    const [there, here] = [await open(), await open({ worker: false })];
    const image = new Image();
    const shape =
      '<rect width="40000" height="40000" fill="tan"/><circle cx="20000" cy="18000" r="9000" fill="brown"/>';
    image.src = `data:image/svg+xml,${encodeURIComponent(
      `<svg xmlns="http://www.w3.org/2000/svg" width="40000" height="40000">${shape}</svg>`,
    )}`;
    await image.decode();
    for (const region of ['center', 'hand'] as const) {
      const [a, b] = [await there.classify(image, { region }), await here.classify(image, { region })];
      expect(difference(a.probabilities, b.probabilities), region).toBeLessThan(0.02);
      expect(a.region).toEqual(b.region);
    }
  });

  it('runs on the main thread where a worker cannot, and says why', async () => {
    const cases: [why: string, prepare: () => void, options: RecognizerOptions, isAdvised: boolean][] = [
      ['no web workers', () => vi.stubGlobal('Worker', undefined), {}, false],
      ['no OffscreenCanvas', () => vi.stubGlobal('OffscreenCanvas', undefined), {}, false],
      // Nothing to be said to those who did so.
      ['could not be started', () => {}, { assets: { worker: '/no/such/worker.js' } }, false],
      ['could not be started', () => vi.stubGlobal('Worker', forbiddenWorker), {}, true],
    ];
    for (const [why, prepare, options, isAdvised] of cases) {
      prepare();
      const recognizer = await open(options);
      expect(recognizer.runtime).toMatchObject({ backend: 'wasm', worker: false });
      expect(recognizer.runtime.reason).toContain(why);
      expect(recognizer.runtime.reason.includes('`assets` may name a copy')).toBe(isAdvised);
      await recognizer.classify(picture);
      vi.unstubAllGlobals();
    }
  });

  it('ends a worker that cannot draw, and runs on the main thread', async () => {
    const workers = watchWorkers();
    const recognizer = await open({
      assets: { worker: workerAfter('OffscreenCanvas.prototype.getContext = () => null;') },
    });
    expect(recognizer.runtime).toMatchObject({ backend: 'wasm', worker: false });
    expect(recognizer.runtime.reason).toContain('workers have no 2D canvas here');
    expect(workers.running()).toBe(0);
  });

  it('leaves the page its thread', async () => {
    const recognizer = await open();
    const { video, stop } = await toVideo(pictureOnCanvas());
    const spent: number[] = [];
    for (let i = 0; i < 60; i++) {
      const start = performance.now();
      const reading = recognizer.classify(video);
      spent.push(performance.now() - start);
      await reading;
    }
    stop();
    // All that runs on this thread but the delivery of the answer.
    expect(spent.sort((a, b) => a - b)[30]).toBeLessThan(3);
  });
});

/** The address of a worker that runs this code before the package's own. */
function workerAfter(code: string): string {
  const script = `${code}
    await import(${JSON.stringify(new URL('../../dist/worker.js', import.meta.url).href)});`;
  return URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
}

/** As Firefox does it where a policy forbids workers. */
function forbiddenWorker(): never {
  throw new DOMException('The operation is insecure.', 'SecurityError');
}
