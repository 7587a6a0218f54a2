import { FingerspellRecognizer, type FrameSource, type ModelFiles, type RecognizerOptions } from 'asl-fingerspell';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { commands } from 'vitest/browser';
import { toCanvas, toVideo } from '../support/browser-pictures';
import { watchContexts } from '../support/context-watch';
import { faultOf } from '../support/errors';
import { fallbackFolders } from '../support/odd-folders';
import { drawPicture } from '../support/pictures';
import { colourOptions } from './support/colour-model';

const picture = drawPicture(200, 150, 1);
const load = (options?: RecognizerOptions) => FingerspellRecognizer.load(options);
const canvasOf = (width: number, height: number) => Object.assign(document.createElement('canvas'), { width, height });
afterEach(() => document.body.replaceChildren());

describe('classify() in a browser', () => {
  let recognizer: FingerspellRecognizer;
  let before: (readonly number[])[];
  const canvas = toCanvas(new ImageData(new Uint8ClampedArray(picture.data), picture.width, picture.height));
  // Pixels are resized here, a canvas is drawn.
  const readBoth = async () => {
    const answers = [await recognizer.classify(picture), await recognizer.classify(canvas)];
    return answers.map(({ probabilities }) => probabilities);
  };
  beforeAll(async () => {
    recognizer = await load();
    before = await readBoth();
  });
  afterEach(async () => {
    // Usable after every fault, and with the same answer.
    expect(await readBoth()).toEqual(before);
  });
  afterAll(() => recognizer.dispose());

  it('draws the next frames whole after one that cannot be drawn', async () => {
    const impostor = { getContext() {}, width: 640, height: 480 } as unknown as HTMLCanvasElement;
    const region = { x: 0.4, y: 0, width: 0.1, height: 1 };
    expect(await faultOf(() => recognizer.classify(impostor, { region }))).toBe('invalid-source');
  });

  const sources: Record<string, readonly [code: string, make: () => unknown]> = {
    'a video without a source': ['source-not-ready', () => document.createElement('video')],
    'a video that has only metadata': [
      'source-not-ready',
      () => Object.assign(document.createElement('video'), { srcObject: canvasOf(64, 64).captureStream() }),
    ],
    'an image that is loading': [
      'source-not-ready',
      () => Object.assign(new Image(), { src: `/nowhere.png?${Math.random()}` }),
    ],
    'an image without a source': ['invalid-source', () => new Image()],
    'an image that failed to load': [
      'invalid-source',
      async () => {
        const image = Object.assign(new Image(), { src: 'data:image/png;base64,AAAA' });
        await image.decode().catch(() => {});
        return image;
      },
    ],
    'a canvas of no width': ['invalid-source', () => canvasOf(0, 10)],
    'a canvas of no height': ['invalid-source', () => canvasOf(10, 0)],
    'an OffscreenCanvas of no size': ['invalid-source', () => new OffscreenCanvas(0, 0)],
    'a canvas that was given to a worker': [
      'invalid-source',
      () => {
        const canvas = canvasOf(0, 0);
        canvas.transferControlToOffscreen();
        return canvas;
      },
    ],
    'a bitmap that was closed': [
      'invalid-source',
      async () => {
        const bitmap = await createImageBitmap(canvasOf(10, 10));
        bitmap.close();
        return bitmap;
      },
    ],
    'a VideoFrame that was closed': [
      'invalid-source',
      () => {
        const frame = new VideoFrame(canvasOf(10, 10), { timestamp: 0 });
        frame.close();
        return frame;
      },
    ],
    'data of the wrong length': ['invalid-source', () => ({ data: new Uint8ClampedArray(15), width: 2, height: 2 })],
    'a proxy of a canvas': ['invalid-source', () => new Proxy(canvasOf(10, 10), {})],
    'a proxy of an image': ['invalid-source', () => new Proxy(new Image(), {})],
    'a div': ['invalid-source', () => document.createElement('div')],
    'the address of an image': ['invalid-source', () => '/hand.jpg'],
    null: ['invalid-source', () => null],
  };
  for (const [what, [code, make]] of Object.entries(sources)) {
    it(`rejects ${what}`, async () => {
      const source = (await make()) as FrameSource;
      for (const region of ['center', 'full', 'hand', { x: 0, y: 0, width: 1, height: 1 }] as const) {
        expect(await faultOf(() => recognizer.classify(source, { region }))).toBe(code);
      }
    });
  }

  it('reads a video again whose first frame came after it had been refused', async () => {
    const { video, stop } = await toVideo(toCanvas(new ImageData(64, 48)));
    expect((await recognizer.classify(video)).probabilities).toHaveLength(24);
    stop();
    video.srcObject = null;
    expect(await faultOf(() => recognizer.classify(video))).toBe('source-not-ready');
  });

  it('rejects a picture of another origin that may not be read, and reads the next one', async () => {
    const image = Object.assign(new Image(), { src: await commands.serveForeignPicture() });
    await image.decode();
    expect(await faultOf(() => recognizer.classify(image))).toBe('invalid-source');
    expect(await faultOf(() => recognizer.classify(image, { region: 'hand' }))).toBe('invalid-source');
    const canvas = canvasOf(20, 20);
    canvas.getContext('2d')?.drawImage(image, 0, 0);
    expect(await faultOf(() => recognizer.classify(canvas))).toBe('invalid-source');
  });

  it('rejects options that are not allowed', async () => {
    const bad = [
      { topK: 0 },
      { topK: 2.5 },
      { topK: 1000 },
      { threshold: -1 },
      { threshold: Number.NaN },
      { letters: [] },
      { letters: ['z'] },
    ];
    const rects = [
      { x: 0.9, y: 0, width: 0.2, height: 1 },
      { x: 0, y: 0, width: 0, height: 1 },
      { x: -0.1, y: 0, width: 0.5, height: 0.5 },
    ];
    for (const options of [...bad, ...rects.map((region) => ({ region }))]) {
      expect(await faultOf(() => recognizer.classify(canvasOf(20, 20), options)), JSON.stringify(options)).toBe(
        'invalid-option',
      );
    }
  });
});

describe('load() in a browser', () => {
  const original = globalThis.fetch;
  let answers: ((url: URL) => Response | Promise<Response> | undefined)[] = [];
  beforeEach(() => {
    answers = [];
    globalThis.fetch = async (input, init) => {
      const url = new URL(input instanceof Request ? input.url : String(input), location.href);
      for (const answer of answers) {
        const response = await answer(url);
        if (response) return response;
      }
      return original(input, init);
    };
  });
  afterEach(() => {
    globalThis.fetch = original;
  });

  const page = () => new Response('<!doctype html><title>App</title>', { headers: { 'content-type': 'text/html' } });
  const cutShort = async (url: URL) => {
    const bytes = await (await original(url)).arrayBuffer();
    return new Response(bytes.slice(0, bytes.byteLength >> 1));
  };
  const faults: readonly [what: string, answer: (url: URL) => Response | Promise<Response>, code: string][] = [
    ['is missing', () => new Response(null, { status: 404 }), 'asset-missing'],
    ['cannot be reached', () => Promise.reject(new TypeError('Failed to fetch')), 'asset-missing'],
    ['is a web page', page, 'asset-invalid'],
    ['is cut short', cutShort, 'asset-invalid'],
    ['is empty', () => new Response(new Uint8Array()), 'asset-invalid'],
  ];
  it.each([false, true])(
    'takes weights in buffers that can be resized, whole and in parts; in a worker: %s',
    async (worker) => {
      const { modelJson, metadata, weights } = colourOptions().model as ModelFiles;
      const bytes = new Uint8Array(weights[0] as ArrayBuffer);
      const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
      const weights_sha256 = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
      const resizable = (part: Uint8Array): ArrayBuffer => {
        const Resizable = ArrayBuffer as new (length: number, options: object) => ArrayBuffer;
        const buffer = new Resizable(part.length, { maxByteLength: 2 * part.length });
        new Uint8Array(buffer).set(part);
        return buffer;
      };
      for (const parts of [[bytes], [bytes.subarray(0, 10), bytes.subarray(10)]]) {
        const model = { modelJson, metadata: { ...metadata, weights_sha256 }, weights: parts.map(resizable) };
        expect(await faultOf(async () => (await load({ model, worker })).dispose())).toBe('none');
      }
    },
  );

  // Only models with layers of rare kinds read a WASM file.
  const rare = fallbackFolders()[0]?.files;
  const files = { 'model.bin': {}, 'tfjs-backend-wasm-simd.wasm': { model: rare } } as const;
  for (const [file, options] of Object.entries(files)) {
    for (const [what, answer, code] of faults) {
      it(`says so when ${file} ${what}, and loads the next time`, async () => {
        const contexts = watchContexts();
        answers = [(url) => (url.pathname.endsWith(file) ? answer(url) : undefined)];
        expect(await faultOf(() => load(options))).toBe(code);
        expect(contexts.alive()).toHaveLength(0);
        contexts.restore();
        answers = [];
        const recognizer = await load();
        expect((await recognizer.classify(picture)).probabilities).toHaveLength(24);
        recognizer.dispose();
      });
    }
  }

  it('looks for a file that a development server moved where the package is', async () => {
    const asked: string[] = [];
    answers = [
      (url) => {
        asked.push(url.pathname);
        if (url.pathname.includes('/.vite/deps/')) return page();
        const [, file] = url.pathname.split('/node_modules/asl-fingerspell/dist/');
        return file === undefined ? undefined : original(`/dist/${file}`);
      },
    ];
    for (const [options, name, file] of [
      [{}, 'weights', 'model.bin'],
      [{ model: rare }, 'wasmSimd', 'tfjs-backend-wasm-simd.wasm'],
    ] as const) {
      (await load({ ...options, assets: { [name]: `/node_modules/.vite/deps/${file}` } })).dispose();
      expect(asked).toContain(`/node_modules/asl-fingerspell/dist/${file}`);
    }
  });

  it.each(['@fs/a/.cache/vite/client/deps', 'node_modules/.vinxi/client/deps', '.cache/vite/deps_client'])(
    'asks a development server where the file is that it moved to %s',
    async (cache) => {
      const asked: string[] = [];
      answers = [
        (url) => {
          if (!/model\.bin|@id/.test(url.pathname)) return undefined;
          asked.push(url.pathname);
          if (url.pathname.startsWith('/app/@id/')) {
            const answer = 'import i from "/app/@id/helper"\nexport default (o) => i(o, "/app/@fs/a/b/simd.wasm?init")';
            return new Response(answer, { headers: { 'content-type': 'text/javascript' } });
          }
          return url.pathname === '/app/@fs/a/b/model.bin' ? original('/dist/model.bin') : page();
        },
      ];
      const recognizer = await load({ assets: { weights: `/app/${cache}/model.bin` } });
      expect(asked).toEqual(['/app/@id/asl-fingerspell/dist/tfjs-backend-wasm-simd.wasm', '/app/@fs/a/b/model.bin']);
      recognizer.dispose();
    },
  );

  it('asks for nothing else where no development server moved the file', async () => {
    const asked: string[] = [];
    answers = [
      ({ pathname }) => {
        asked.push(pathname);
        return original('/dist/model.bin');
      },
    ];
    const weights = '/node_modules/asl-fingerspell/dist/model.bin';
    (await load({ assets: { weights } })).dispose();
    expect(asked).toEqual([weights]);
  });

  it.each([
    ['where most apps have it', 'log("lost");', '/app/node_modules/', '/app/node_modules/'],
    // Vite's client names the store, and a store in a comment.
    [
      'in the store of pnpm',
      'log("lost"); //#region node_modules/.pnpm/nanoid@3/index.js\nimport "/app/@fs/w/node_modules/.pnpm/vite@7/env.mjs";',
      '/app/@fs/w/app/node_modules/',
      '/app/@fs/w/node_modules/.pnpm/node_modules/',
    ],
  ])('finds it %s where only a library of the app may import the package', async (_, client, modules, place) => {
    // The question comes back as the answer.
    const echo = 'export default (o) => i(o, "/app/@fs/asl-fingerspell/dist/tfjs-backend-wasm-simd.wasm?init")';
    const scripts: Readonly<Record<string, string>> = {
      '/app/@id/asl-fingerspell/dist/tfjs-backend-wasm-simd.wasm': echo,
      '/app/@vite/client': client,
    };
    const headers = { 'content-type': 'text/javascript' };
    answers = [
      ({ pathname }) => {
        if (scripts[pathname] !== undefined) return new Response(scripts[pathname], { headers });
        if (!pathname.endsWith('/model.bin')) return undefined;
        return pathname === `${place}asl-fingerspell/dist/model.bin` ? original('/dist/model.bin') : page();
      },
    ];
    (await load({ assets: { weights: `${modules}.vite/deps/model.bin` } })).dispose();
  });

  it('works on WebGL where WASM is missing, and says when neither is there', async () => {
    const { WebAssembly: wasm } = globalThis;
    Reflect.deleteProperty(globalThis, 'WebAssembly');
    try {
      const watch = watchContexts();
      const recognizer = await load();
      expect(recognizer.backend).toBe('webgl');
      expect(recognizer.runtime.reason).toMatch(/WASM is not available/);
      recognizer.dispose();
      expect(watch.alive()).toHaveLength(0);
      watch.restore();
      const contexts = watchContexts({ deny: true });
      expect(await faultOf(() => load())).toBe('backend-unavailable');
      expect(await faultOf(() => load({ backend: 'webgl' }))).toBe('backend-unavailable');
      contexts.restore();
      expect(await faultOf(() => load({ backend: 'wasm' }))).toBe('backend-unavailable');
    } finally {
      globalThis.WebAssembly = wasm;
    }
    (await load()).dispose();
  });

  it('takes plain JavaScript only by name', async () => {
    const recognizer = await load({ backend: 'cpu' });
    expect(recognizer.backend).toBe('cpu');
    recognizer.dispose();
  });
});
