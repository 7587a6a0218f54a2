import { readFileSync } from 'node:fs';
import path from 'node:path';
import { FingerspellRecognizer, type FrameSource, type RecognizerOptions } from 'asl-fingerspell';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { faultOf } from '../support/errors';
import { half, serveFiles, WEB_PAGE } from '../support/file-server';
import { fallbackFolders } from '../support/odd-folders';
import { drawPicture } from '../support/pictures';
import { shippedFiles } from '../support/shipped';
import { watchWasm } from '../support/wasm-watch';

const root = path.resolve(import.meta.dirname, '../..');
const picture = drawPicture(200, 150, 1);
const load = (options?: RecognizerOptions) => FingerspellRecognizer.load(options);
const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

describe('classify() in Node', () => {
  let recognizer: FingerspellRecognizer;
  let before: readonly number[];
  beforeAll(async () => {
    recognizer = await load();
    before = (await recognizer.classify(picture)).probabilities;
  });
  afterEach(async () => {
    // Usable after every fault, and with the same answer.
    expect((await recognizer.classify(picture)).probabilities).toEqual(before);
  });
  afterAll(() => recognizer.dispose());

  const sources: Record<string, unknown> = {
    null: null,
    undefined: undefined,
    'a text': 'hand.jpg',
    'a file path object': new URL('file:///hand.jpg'),
    'an empty object': {},
    'data that is too short': { data: new Uint8Array(15), width: 2, height: 2 },
    'a side that is too long': { data: new Uint8Array(4 * 32_769), width: 32_769, height: 1 },
    'data that is too long': { data: new Uint8Array(17), width: 2, height: 2 },
    'RGB data': { data: new Uint8Array(12), width: 2, height: 2 },
    'a list of numbers': { data: Array(16).fill(0), width: 2, height: 2 },
    floats: { data: new Float32Array(16), width: 2, height: 2 },
    'zero width': { data: new Uint8Array(0), width: 0, height: 2 },
    'zero size': { data: new Uint8Array(0), width: 0, height: 0 },
    'a broken width': { data: new Uint8Array(20), width: 2.5, height: 2 },
    'a negative size': { data: new Uint8Array(16), width: -2, height: -2 },
    'no size': { data: new Uint8Array(16) },
    'a size that is not a number': { data: new Uint8Array(16), width: '2', height: '2' },
  };
  for (const [what, source] of Object.entries(sources)) {
    it(`rejects ${what} as a source`, async () => {
      expect(await faultOf(() => recognizer.classify(source as FrameSource))).toBe('invalid-source');
    });
  }

  it('uses the pixels that it has checked, whatever a source says when it is asked again', async () => {
    let count = 0;
    const fickle = {
      ...picture,
      get data() {
        return count++ === 0 ? picture.data : new Uint8Array(4);
      },
    };
    expect((await recognizer.classify(fickle)).probabilities).toEqual(before);
  });

  const options: Record<string, object> = {
    'topK 0': { topK: 0 },
    'topK 2.5': { topK: 2.5 },
    'topK 1000': { topK: 1000 },
    'threshold −1': { threshold: -1 },
    'threshold NaN': { threshold: Number.NaN },
    'no letters': { letters: [] },
    'unknown letters': { letters: ['a', 'j'] },
    'a letter that is not set': { letters: [undefined] },
    'a region outside the frame': { region: { x: 0.8, y: 0, width: 0.5, height: 0.5 } },
    'an empty region': { region: { x: 0.1, y: 0.1, width: 0, height: 0.5 } },
    'a region of NaN': { region: { x: Number.NaN, y: 0.1, width: 0.5, height: 0.5 } },
    'an unknown region': { region: 'face' },
    'a mirror that is no boolean': { mirror: 'no' },
    'a signal that is none': { signal: {} },
  };
  for (const [what, option] of Object.entries(options)) {
    it(`rejects ${what}`, async () => {
      expect(await faultOf(() => recognizer.classify(picture, option))).toBe('invalid-option');
      expect(await faultOf(() => load(option))).toBe('invalid-option');
    });
  }

  it('rejects when its signal fires, before and while it computes', async () => {
    expect(await faultOf(() => recognizer.classify(picture, { signal: AbortSignal.abort() }))).toBe('aborted');
    const controller = new AbortController();
    const [first, second] = [recognizer.classify(picture), recognizer.classify(picture, { signal: controller.signal })];
    controller.abort();
    expect(await faultOf(() => second)).toBe('aborted');
    expect((await first).probabilities).toEqual(before);
  });
});

describe('dispose()', () => {
  it('may be called twice, and ends calls under way and later ones with code disposed', async () => {
    const recognizer = await load();
    const underWay = [recognizer.classify(picture), recognizer.classify(picture)];
    recognizer.dispose();
    recognizer.dispose();
    for (const call of underWay) expect(await faultOf(() => call)).toBe('disposed');
    expect(await faultOf(() => recognizer.classify(picture))).toBe('disposed');
    expect(recognizer.labels).toHaveLength(24);
  });
});

describe('load() in Node', () => {
  const wasm = readFileSync(path.join(root, 'dist/tfjs-backend-wasm-simd.wasm'));
  const folder = {
    'model.json': readFileSync(path.join(root, 'model/model.json')),
    'metadata.json': readFileSync(path.join(root, 'model/metadata.json')),
    'group1-shard1of1.bin': readFileSync(path.join(root, 'model/group1-shard1of1.bin')),
  };
  const under = (prefix: string, files: Record<string, Uint8Array | string | number>) =>
    Object.fromEntries(Object.entries(files).map(([name, answer]) => [`${prefix}/${name}`, answer]));
  const files = {
    ...under('/good', folder),
    ...under('/good', { 'model.bin': folder['group1-shard1of1.bin'], 'tfjs-backend-wasm-simd.wasm': wasm }),
    ...under('/no-metadata', { ...folder, 'metadata.json': 404 }),
    ...under('/no-weights', { ...folder, 'group1-shard1of1.bin': 404 }),
    ...under('/failing', { ...folder, 'group1-shard1of1.bin': 500 }),
    ...under('/html', {
      'model.json': WEB_PAGE,
      'metadata.json': WEB_PAGE,
      'model.bin': WEB_PAGE,
      'tfjs-backend-wasm-simd.wasm': WEB_PAGE,
    }),
    ...under('/html-weights', { ...folder, 'group1-shard1of1.bin': WEB_PAGE }),
    ...under('/html-metadata', { ...folder, 'metadata.json': WEB_PAGE }),
    ...under('/cut-json', { ...folder, 'model.json': half(path.join(root, 'model/model.json')) }),
    ...under('/cut-weights', {
      ...folder,
      'group1-shard1of1.bin': half(path.join(root, 'model/group1-shard1of1.bin')),
    }),
    ...under('/cut', {
      'model.bin': half(path.join(root, 'model/group1-shard1of1.bin')),
      'tfjs-backend-wasm-simd.wasm': half(path.join(root, 'dist/tfjs-backend-wasm-simd.wasm')),
    }),
    ...under('/empty', { 'model.bin': '', 'tfjs-backend-wasm-simd.wasm': '' }),
    ...under('/changed', {
      ...folder,
      'group1-shard1of1.bin': folder['group1-shard1of1.bin'].map((b, i) => (i === 5 ? b ^ 1 : b)),
    }),
    '/json/null.json': 'null',
    '/json/metadata.json': folder['metadata.json'],
  };
  let server: Awaited<ReturnType<typeof serveFiles>>;
  beforeAll(async () => {
    server = await serveFiles({
      ...files,
      '/hanging/model.json': () => {},
      '/hanging/metadata.json': () => {},
      '/breaking/metadata.json': '{}',
      '/breaking/model.json': (response) => {
        response.writeHead(200, { 'content-length': '1000' });
        response.write('{');
        setTimeout(() => response.destroy(), 20);
      },
    });
  });
  afterAll(() => server.close());
  const at = (address: string) => `${server.url}${address}`;

  it('reads a model folder, and files that were moved, from a server', async () => {
    const byUrl = await load({ model: at('/good/model.json') });
    const moved = await load({ assets: { baseUrl: at('/good') } });
    const named = await load({
      assets: { weights: at('/good/model.bin'), wasmSimd: new URL(at('/good/tfjs-backend-wasm-simd.wasm')) },
    });
    // With a slash; and what is named by itself is not looked for in the folder.
    const slashed = await load({ assets: { baseUrl: at('/good/') } });
    const both = await load({ assets: { baseUrl: at('/nowhere'), weights: at('/good/model.bin') } });
    const fromFiles = await load({ model: shippedFiles() });
    const all = [byUrl, moved, named, slashed, both, fromFiles];
    const results = await Promise.all(all.map((it) => it.classify(picture)));
    for (const { probabilities } of results) expect(probabilities).toEqual(results[0]?.probabilities);
    for (const recognizer of all) recognizer.dispose();
  });

  // Only models with layers of rare kinds read a WASM file.
  const rare = fallbackFolders()[0]?.files;
  const faults: readonly [what: string, options: () => RecognizerOptions, code: string][] = [
    ['a model that is not there', () => ({ model: at('/nowhere/model.json') }), 'asset-missing'],
    ['a model on a server that is not there', () => ({ model: 'http://127.0.0.1:9/model.json' }), 'asset-missing'],
    ['a model file that is not there', () => ({ model: new URL('file:///nowhere/model.json') }), 'asset-missing'],
    ['a model without metadata', () => ({ model: at('/no-metadata/model.json') }), 'asset-missing'],
    ['a model without weights', () => ({ model: at('/no-weights/model.json') }), 'asset-missing'],
    ['a server that fails', () => ({ model: at('/failing/model.json') }), 'asset-missing'],
    ['a transfer that breaks off', () => ({ model: at('/breaking/model.json') }), 'asset-missing'],
    ['a web page instead of the model', () => ({ model: at('/html/model.json') }), 'asset-invalid'],
    ['a web page instead of the weights', () => ({ model: at('/html-weights/model.json') }), 'asset-invalid'],
    ['a web page instead of the metadata', () => ({ model: at('/html-metadata/model.json') }), 'asset-invalid'],
    ['a model.json that is cut short', () => ({ model: at('/cut-json/model.json') }), 'asset-invalid'],
    ['a model.json that holds null', () => ({ model: at('/json/null.json') }), 'asset-invalid'],
    ['weights that are cut short', () => ({ model: at('/cut-weights/model.json') }), 'asset-invalid'],
    ['weights in which one bit was flipped', () => ({ model: at('/changed/model.json') }), 'asset-invalid'],
    ['moved weights that are not there', () => ({ assets: { weights: at('/nowhere.bin') } }), 'asset-missing'],
    ['moved weights that are a web page', () => ({ assets: { weights: at('/html/model.bin') } }), 'asset-invalid'],
    ['moved weights that are cut short', () => ({ assets: { weights: at('/cut/model.bin') } }), 'asset-invalid'],
    ['moved weights that are empty', () => ({ assets: { weights: at('/empty/model.bin') } }), 'asset-invalid'],
    [
      'a WASM file that is not there',
      () => ({ model: rare, assets: { wasmSimd: at('/nowhere.wasm') } }),
      'asset-missing',
    ],
    [
      'a WASM file that is a web page',
      () => ({ model: rare, assets: { wasmSimd: at('/html/tfjs-backend-wasm-simd.wasm') } }),
      'asset-invalid',
    ],
    [
      'a WASM file that is cut short',
      () => ({ model: rare, assets: { wasmSimd: at('/cut/tfjs-backend-wasm-simd.wasm') } }),
      'asset-invalid',
    ],
    [
      'a WASM file that is empty',
      () => ({ model: rare, assets: { wasmSimd: at('/empty/tfjs-backend-wasm-simd.wasm') } }),
      'asset-invalid',
    ],
    ['an address that is none', () => ({ model: 'http://[' }), 'invalid-option'],
    ['an address that has nothing beside it', () => ({ model: 'mailto:model.json' }), 'invalid-option'],
    ['a folder that is none', () => ({ assets: { baseUrl: 'javascript:void 0' } }), 'invalid-option'],
    ['a folder that is a file in itself', () => ({ assets: { baseUrl: 'data:text/plain,x' } }), 'invalid-option'],
    [
      'files that do not belong together',
      () => ({ model: { ...shippedFiles(), weights: [new ArrayBuffer(8)] } }),
      'asset-invalid',
    ],
    ['WebGL by name, which Node lacks', () => ({ backend: 'webgl' }), 'backend-unavailable'],
    ['a server that never answers', () => ({ model: at('/hanging/model.json'), timeoutMs: 200 }), 'timeout'],
    ['a signal that fired before', () => ({ signal: AbortSignal.abort() }), 'aborted'],
  ];
  for (const [what, options, code] of faults) {
    it(`rejects ${what}, and loads the next time`, async () => {
      expect(await faultOf(() => load(options()))).toBe(code);
      const recognizer = await load();
      expect((await recognizer.classify(picture)).probabilities).toHaveLength(24);
      recognizer.dispose();
    });
  }

  it('does not repeat a file that was inlined into its address', async () => {
    const weights = `data:application/octet-stream;base64,${'A'.repeat(100_000)}`;
    await expect(load({ assets: { weights } })).rejects.toMatchObject({
      message: expect.stringMatching(/^.{50,400}$/),
    });
    // As where a policy forbids it.
    await expect(load({ assets: { weights: 'data:forbidden' } })).rejects.toThrow('needs `connect-src data:`');
  });

  it('says that nothing can compute where WebAssembly is missing', async () => {
    const { WebAssembly: original } = globalThis;
    Reflect.deleteProperty(globalThis, 'WebAssembly');
    try {
      expect(await faultOf(() => load())).toBe('backend-unavailable');
    } finally {
      globalThis.WebAssembly = original;
    }
    (await load()).dispose();
  });

  it('takes a timeout that is longer than timers can be', async () => {
    for (const timeoutMs of [Number.POSITIVE_INFINITY, 2 ** 40]) (await load({ timeoutMs })).dispose();
  });

  it('reports no progress once it has been aborted', async () => {
    for (const ms of [1, 5, 20]) {
      const controller = new AbortController();
      let calls = 0;
      const loading = load({ signal: controller.signal, onProgress: () => calls++ });
      setTimeout(() => controller.abort(), ms);
      if ((await faultOf(() => loading)) === 'none') (await loading).dispose();
      const then = calls;
      await sleep(150);
      expect(calls).toBe(then);
    }
  });

  it('leaves nothing behind when it is aborted as it becomes ready', async () => {
    const watch = watchWasm();
    try {
      for (let i = 0; i < 2; i++) {
        const controller = new AbortController();
        const onProgress = ({ phase }: { phase: string }) => phase === 'ready' && controller.abort();
        expect(await faultOf(() => load({ signal: controller.signal, onProgress: (p) => void onProgress(p) }))).toBe(
          'aborted',
        );
      }
      const afterwards = watch.started;
      (await load()).dispose();
      // An engine that was left alive would be shared with this one.
      expect(watch.started - afterwards).toBe(1);
    } finally {
      watch.restore();
    }
  });

  it('leaves nothing behind when it is aborted, at whatever moment', async () => {
    const watch = watchWasm();
    try {
      let aborted = 0;
      for (let ms = 0; ms < 60; ms += ms < 20 ? 2 : 5) {
        const started = watch.started;
        const controller = new AbortController();
        const loading = load({ signal: controller.signal });
        const timer = setTimeout(() => controller.abort(), ms);
        const outcome = await loading.then(
          (recognizer) => recognizer,
          () => null,
        );
        clearTimeout(timer);
        if (outcome) outcome.dispose();
        else aborted++;
        await sleep(150);
        // An engine that was left alive would be shared with the next recogniser; so that one has to start its own.
        const afterwards = watch.started;
        expect(afterwards - started).toBeLessThanOrEqual(1);
        const next = await load();
        expect(watch.started).toBe(afterwards + 1);
        next.dispose();
      }
      expect(aborted).toBeGreaterThan(2);
    } finally {
      watch.restore();
    }
  });
});
