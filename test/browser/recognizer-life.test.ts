import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-webgl';
import * as core from '@tensorflow/tfjs-core';
import { FingerspellRecognizer, type RecognizerOptions } from 'asl-fingerspell';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ContextWatch, watchContexts } from '../support/context-watch';
import { faultOf } from '../support/errors';
import { randomNet } from '../support/models';
import { drawPicture } from '../support/pictures';
import { toFiles } from '../support/reference';
import { type WasmWatch, watchWasm } from '../support/wasm-watch';

const BACKENDS = ['wasm', 'webgl', 'cpu'] as const;
const picture = drawPicture(200, 160, 1);
const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const load = (options?: RecognizerOptions) => FingerspellRecognizer.load(options);

// Small, so that hundreds of frames take seconds on software WebGL; its kinds of layers are those of the shipped model.
const model = toFiles(
  randomNet(
    [
      {
        kind: 'depthwise',
        stride: 2,
        kernel: 5,
        activation: 'relu6',
        batchNorm: true,
        bias: false,
        padding: 'same',
        residual: false,
      },
      {
        kind: 'conv',
        stride: 1,
        kernel: 1,
        activation: 'relu',
        batchNorm: true,
        bias: true,
        padding: 'same',
        residual: true,
      },
    ],
    24,
    5,
  ),
);

// The app's own tfjs would make a WebGL context when it is first asked for its memory.
beforeAll(async () => {
  await core.setBackend('cpu');
});

let contexts: ContextWatch;
let wasm: WasmWatch;
beforeEach(() => {
  contexts = watchContexts();
  wasm = watchWasm();
});
afterEach(() => {
  contexts.restore();
  wasm.restore();
});

describe('load()', () => {
  it('reports progress that never falls, out of a total that never changes, and ends at it', async () => {
    for (const backend of BACKENDS) {
      const seen: { phase: string; loaded: number; total: number }[] = [];
      const recognizer = await load({ backend, model, onProgress: (progress) => seen.push(progress) });
      expect(new Set(seen.map(({ total }) => total)).size).toBe(1);
      for (let i = 1; i < seen.length; i++) expect(seen[i]?.loaded).toBeGreaterThanOrEqual(seen[i - 1]?.loaded ?? 0);
      expect(seen[0]?.loaded).toBe(0);
      expect(seen.at(-1)).toMatchObject({ phase: 'ready', loaded: seen[0]?.total });
      expect(new Set(seen.map(({ phase }) => phase))).toEqual(new Set(['download', 'compile', 'warmup', 'ready']));
      recognizer.dispose();
    }
  });

  it('leaves the page its turns while pictures are awaited one after another', async () => {
    const recognizer = await load({ backend: 'wasm', model });
    let frames = 0;
    const count = (): void => {
      if (++frames < 5) requestAnimationFrame(count);
    };
    requestAnimationFrame(count);
    const deadline = performance.now() + 5000;
    while (frames < 5 && performance.now() < deadline) await recognizer.classify(picture);
    expect(frames).toBe(5);
    recognizer.dispose();
  });

  it('takes WASM where WebGL is software, and says why', async () => {
    const recognizer = await load();
    expect(recognizer.runtime).toMatchObject({ backend: 'wasm', worker: false, threads: 1 });
    expect(recognizer.runtime.reason).toMatch(/software/);
    expect(contexts.alive()).toHaveLength(0);
    recognizer.dispose();
  });

  for (const backend of BACKENDS) {
    it(`leaves nothing behind on ${backend} when it is aborted, at whatever moment`, async () => {
      let aborted = 0;
      for (let ms = 0; ms < 120; ms += 8) {
        const started = wasm.started;
        const controller = new AbortController();
        const timer = setTimeout(() => controller.abort(), ms);
        const outcome = await load({ backend, signal: controller.signal }).then(
          (recognizer) => recognizer,
          () => null,
        );
        clearTimeout(timer);
        outcome?.dispose();
        if (!outcome) aborted++;
        // What is under way is not broken off, but freed when it ends: on a busy machine a pass of software WebGL.
        await expect.poll(() => contexts.alive().length, { timeout: 60_000 }).toBe(0);
        if (backend === 'wasm') {
          await sleep(80);
          // An engine that was left alive would be shared with the next recogniser; so that one has to start its own.
          const afterwards = wasm.started;
          expect(afterwards - started).toBeLessThanOrEqual(1);
          const next = await load({ backend, model });
          expect(wasm.started).toBe(afterwards + 1);
          next.dispose();
        }
      }
      expect(aborted).toBeGreaterThan(1);
    });
  }
});

it('leaves nothing behind when it is aborted as it becomes ready', async () => {
  const controller = new AbortController();
  const onProgress = ({ phase }: { readonly phase: string }) => {
    if (phase === 'ready') controller.abort();
  };
  const options = { backend: 'webgl', model, signal: controller.signal, onProgress } as const;
  expect(await faultOf(() => load(options))).toBe('aborted');
  expect(contexts.contexts.length).toBeGreaterThan(0);
  await expect.poll(() => contexts.alive().length).toBe(0);
});

describe('two recognisers at once', () => {
  for (const backend of BACKENDS) {
    it(`answer alike on ${backend}, and one works on when the other is disposed of`, async () => {
      const [one, two] = await Promise.all([load({ backend, model }), load({ backend, model })]);
      const [first, second] = await Promise.all([one.classify(picture), two.classify(picture)]);
      expect(first.probabilities).toEqual(second.probabilities);
      const calls = [one.classify(picture), two.classify(picture)] as const;
      one.dispose();
      expect(await faultOf(() => calls[0])).toBe('disposed');
      expect((await calls[1]).probabilities).toEqual(first.probabilities);
      expect((await two.classify(picture)).probabilities).toEqual(first.probabilities);
      two.dispose();
      expect(contexts.alive()).toHaveLength(0);
    });
  }
});

describe('memory', () => {
  for (const backend of BACKENDS) {
    it(`is the same on ${backend} after 10 and after 300 frames, and back at its start after dispose()`, async () => {
      const start = { ...core.memory() };
      const recognizer = await load({ backend, model });
      const measure = async (frames: number) => {
        for (let i = 0; i < frames; i++)
          await recognizer.classify(picture, { mirror: i % 2 === 0, region: i % 3 ? 'full' : 'center' });
        const { numTensors, numBytes, numDataBuffers } = core.memory();
        return { numTensors, numBytes, numDataBuffers, heap: wasm.heapBytes(), textures: contexts.textures() };
      };
      const early = await measure(10);
      expect(await measure(290)).toEqual(early);
      if (backend === 'webgl') expect(early.textures).toBeGreaterThan(0);
      if (backend === 'wasm') expect(early.heap).toBeGreaterThan(0);
      recognizer.dispose();
      const { numTensors, numBytes, numDataBuffers } = core.memory();
      expect({ numTensors, numBytes, numDataBuffers }).toEqual({
        numTensors: start.numTensors,
        numBytes: start.numBytes,
        numDataBuffers: start.numDataBuffers,
      });
      expect(contexts.alive()).toHaveLength(0);
    });
  }

  it('does not grow with recognisers that come and go beside one that stays', async () => {
    const staying = await load({ backend: 'webgl', model });
    const textures: number[] = [];
    for (let i = 0; i < 4; i++) {
      const recognizer = await load({ backend: 'webgl', model });
      await recognizer.classify(picture);
      recognizer.dispose();
      textures.push(contexts.textures());
    }
    expect(textures.slice(1)).toEqual([textures[0], textures[0], textures[0]]);
    staying.dispose();
  });

  it('does not grow with recognisers that come and go', async () => {
    for (let i = 0; i < 5; i++) {
      const recognizer = await load({ backend: 'webgl', model });
      await recognizer.classify(picture);
      recognizer.dispose();
      expect(contexts.alive()).toHaveLength(0);
    }
  });
});

describe('WebGL on what calls itself a graphics processor', () => {
  // Of WEBGL_debug_renderer_info.
  const UNMASKED_RENDERER_WEBGL = 0x9246;
  const { getParameter, shaderSource } = WebGL2RenderingContext.prototype;
  const { getContext } = OffscreenCanvas.prototype;
  afterEach(() => {
    Object.assign(WebGL2RenderingContext.prototype, { getParameter, shaderSource });
    OffscreenCanvas.prototype.getContext = getContext;
  });

  it('gives way to WASM where it computes the probe and not the model, if it was not asked for by name', async () => {
    WebGL2RenderingContext.prototype.getParameter = function (name) {
      return name === UNMASKED_RENDERER_WEBGL ? 'A graphics processor' : getParameter.call(this, name);
    };
    OffscreenCanvas.prototype.getContext = function (this: OffscreenCanvas, kind: never, attributes: object) {
      return Reflect.apply(getContext, this, [kind, { ...attributes, failIfMajorPerformanceCaveat: false }]);
    } as never;
    const trusting = await load({ model });
    expect(trusting.backend).toBe('webgl');
    trusting.dispose();
    // The model has a depthwise convolution; the probe has none.
    WebGL2RenderingContext.prototype.shaderSource = function (shader, source) {
      const isDepthwise = /int d1 = d2/.test(source);
      shaderSource.call(this, shader, isDepthwise ? '#version 300 es\nnothing that compiles' : source);
    };
    const recognizer = await load({ model });
    expect(recognizer.runtime).toMatchObject({ backend: 'wasm', reason: expect.stringContaining('WebGL failed') });
    expect((await recognizer.classify(picture)).probabilities).toHaveLength(4);
    recognizer.dispose();
    expect(await faultOf(() => load({ model, backend: 'webgl' }))).toBe('backend-unavailable');
    expect(contexts.textures()).toBe(0);
  });
});

describe('a lost WebGL context', () => {
  const lose = (watch: ContextWatch) => {
    const alive = watch.alive();
    expect(alive).toHaveLength(1);
    alive[0]?.getExtension('WEBGL_lose_context')?.loseContext();
  };

  it('costs no frame: calls before, during and after are answered, and the change is told', async () => {
    const changes: { from: string; to: string; reason: string }[] = [];
    const recognizer = await load({ backend: 'webgl', model, onBackendChange: (change) => changes.push(change) });
    const wanted = (await recognizer.classify(picture)).probabilities;
    const calls = [recognizer.classify(picture), recognizer.classify(picture)];
    lose(contexts);
    calls.push(recognizer.classify(picture));
    for (const { probabilities } of await Promise.all(calls)) {
      for (const [i, p] of probabilities.entries()) expect(p).toBeCloseTo(wanted[i] as number, 3);
    }
    await sleep(50);
    expect((await recognizer.classify(picture)).probabilities).toHaveLength(4);
    expect(changes).toHaveLength(1);
    expect(changes[0]).toMatchObject({ from: 'webgl', to: recognizer.backend });
    expect(changes[0]?.reason).toMatch(/context/);
    recognizer.dispose();
    expect(contexts.alive()).toHaveLength(0);
  });

  it('between frames is noticed by the next one', async () => {
    const recognizer = await load({ backend: 'webgl', model });
    await recognizer.classify(picture);
    lose(contexts);
    await sleep(100);
    expect((await recognizer.classify(picture)).probabilities).toHaveLength(4);
    recognizer.dispose();
  });

  it('is replaced once; when that one is lost too, WASM goes on', async () => {
    const changes: string[] = [];
    const onBackendChange = ({ from, to }: { from: string; to: string }) => changes.push(`${from} ${to}`);
    const recognizer = await load({ backend: 'webgl', model, onBackendChange });
    const wanted = (await recognizer.classify(picture)).probabilities;
    for (const backend of ['webgl', 'wasm']) {
      lose(contexts);
      const { probabilities } = await recognizer.classify(picture);
      for (const [i, p] of probabilities.entries()) expect(p).toBeCloseTo(wanted[i] as number, 3);
      expect(recognizer.runtime).toMatchObject({ backend, reason: expect.stringContaining('context was lost') });
    }
    expect(changes).toEqual(['webgl webgl', 'webgl wasm']);
    expect(contexts.alive()).toHaveLength(0);
    recognizer.dispose();
  });

  it('is survived by two recognisers that share it', async () => {
    const [one, two] = await Promise.all([load({ backend: 'webgl', model }), load({ backend: 'webgl', model })]);
    const calls = [one.classify(picture), two.classify(picture)];
    lose(contexts);
    await Promise.all(calls);
    await Promise.all([one.classify(picture), two.classify(picture)]);
    one.dispose();
    expect((await two.classify(picture)).probabilities).toHaveLength(4);
    two.dispose();
    expect(contexts.alive()).toHaveLength(0);
  });

  it('is not handed to the next one that is loaded, though two were loaded with it at once', async () => {
    const two = await Promise.all([load({ backend: 'webgl', model }), load({ backend: 'webgl', model })]);
    lose(contexts);
    await sleep(100);
    const third = await load({ backend: 'webgl', model });
    expect((await third.classify(picture)).probabilities).toHaveLength(4);
    for (const recognizer of [...two, third]) {
      expect((await recognizer.classify(picture)).probabilities).toHaveLength(4);
      expect(recognizer.backend).toBe('webgl');
      // Nor forgotten over the old one: all share it.
      expect(contexts.alive()).toHaveLength(1);
      recognizer.dispose();
    }
    expect(contexts.alive()).toHaveLength(0);
  });

  it('while it is disposed of ends the calls with code disposed', async () => {
    const recognizer = await load({ backend: 'webgl', model });
    const call = recognizer.classify(picture);
    lose(contexts);
    recognizer.dispose();
    expect(await faultOf(() => call)).toBe('disposed');
    await sleep(200);
    expect(contexts.alive()).toHaveLength(0);
  });
});

describe("an app's own tfjs on the page", () => {
  it('keeps its backend and its tensors, whatever we do in between', async () => {
    await core.setBackend('cpu');
    const kept = core.tensor1d([1, 2, 3]);
    const { numTensors } = core.memory();
    for (const backend of BACKENDS) {
      const recognizer = await load({ backend, model });
      expect(core.getBackend()).toBe('cpu');
      const wanted = (await recognizer.classify(picture)).probabilities;
      const call = recognizer.classify(picture);
      await core.setBackend('webgl');
      const doubled = core.tidy(() => core.mul(kept, 2));
      const more = recognizer.classify(picture);
      await core.setBackend('cpu');
      expect((await call).probabilities).toEqual(wanted);
      expect((await more).probabilities).toEqual(wanted);
      expect([...(await doubled.data())]).toEqual([2, 4, 6]);
      doubled.dispose();
      recognizer.dispose();
      expect(core.getBackend()).toBe('cpu');
      expect(core.memory().numTensors).toBe(numTensors);
      expect([...(await kept.data())]).toEqual([1, 2, 3]);
    }
    core.removeBackend('webgl');
    const after = await load({ backend: 'webgl', model });
    expect((await after.classify(picture)).probabilities).toHaveLength(4);
    after.dispose();
    kept.dispose();
  });
});

it('gives its WebGL context back on a page that has added a method to all objects', async () => {
  const recognizer = await load({ backend: 'webgl', model });
  await recognizer.classify(picture);
  const all = Object.prototype as { inherits?: unknown };
  all.inherits = () => {};
  try {
    recognizer.dispose();
  } finally {
    delete all.inherits;
  }
  expect(contexts.alive()).toHaveLength(0);
});
