import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { FingerspellRecognizer, RecognizerOptions } from 'asl-fingerspell';
import type { Browser, Page, Worker } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CONTENT_SECURITY_POLICY, ISOLATION, serve } from '../../scripts/serve.mjs';
import { startChromium, watchPage } from '../support/browse';

const FRAMES = 200;

/** Before the code of a helper: there is no memory for it. */
const NO_MEMORY = `{
  const instantiate = WebAssembly.instantiate;
  WebAssembly.instantiate = (module, imports) =>
    imports?.env?.memory ? Promise.reject(new RangeError('no memory')) : instantiate(module, imports);
}`;

const site = mkdtempSync(path.join(os.tmpdir(), 'asl-fingerspell-threads-'));
let browser: Browser;

beforeAll(async () => {
  cpSync('dist', path.join(site, 'lib'), { recursive: true });
  const module = "import * as library from './lib/asl-fingerspell.esm.js'; window.AslFingerspell = { ...library };";
  writeFileSync(path.join(site, 'module.js'), module);
  writeFileSync(
    path.join(site, 'module.html'),
    '<!doctype html><title>module</title><script type="module" src="module.js"></script>',
  );
  writeFileSync(
    path.join(site, 'script.html'),
    '<!doctype html><title>script</title><script src="lib/asl-fingerspell.global.js"></script>',
  );
  browser = await startChromium();
});
afterAll(async () => {
  await browser.close();
  rmSync(site, { recursive: true, force: true });
});

interface Seen {
  readonly runtime: FingerspellRecognizer['runtime'];
  readonly isolated: boolean;
  readonly processors: number;
  /** Largest difference to one thread over many frames. */
  readonly difference: number;
}

/** Loads with these options beside a recogniser on one thread, and compares many frames. */
async function read(page: Page, options: RecognizerOptions, frames = FRAMES): Promise<Seen> {
  return page.evaluate(
    async ({ options, frames }) => {
      type Library = { FingerspellRecognizer: typeof FingerspellRecognizer };
      const { FingerspellRecognizer: Recognizer } = (window as unknown as { AslFingerspell: Library }).AslFingerspell;
      const [many, one] = [await Recognizer.load(options), await Recognizer.load({ backend: 'wasm' })];
      let difference = 0;
      for (let frame = 0; frame < frames; frame++) {
        const data = new Uint8Array(64 * 64 * 4).map((_, i) => (i % 4 === 3 ? 255 : (i * (frame + 3)) % 256));
        const picture = { data, width: 64, height: 64 };
        const [a, b] = await Promise.all([many.classify(picture), one.classify(picture)]);
        difference = Math.max(
          difference,
          ...a.probabilities.map((p, i) => Math.abs(p - (b.probabilities[i] as number))),
        );
      }
      const { runtime } = many;
      many.dispose();
      one.dispose();
      const [isolated, processors] = [window.crossOriginIsolated, navigator.hardwareConcurrency];
      return { runtime, isolated, processors, difference };
    },
    { options, frames },
  );
}

async function onPage<T>(
  headers: Record<string, string>,
  file: string,
  work: (page: Page) => Promise<T>,
  missing = 0,
): Promise<T> {
  const server = await serve(site, { headers });
  const context = await browser.newContext();
  const page = await context.newPage();
  const faults = watchPage(page, new URL(server.url).origin);
  try {
    await page.goto(server.url + file);
    await page.waitForFunction(() => 'AslFingerspell' in window);
    const result = await work(page);
    expect(faults.filter((fault) => fault.startsWith('request failed'))).toHaveLength(missing);
    if (missing === 0) expect(faults).toEqual([]);
    return result;
  } finally {
    await context.close();
    await server.close();
  }
}

/** From now on the worker's script, whenever it is asked for, begins with what `code` gives. */
async function prefixWorker(page: Page, code: () => string): Promise<void> {
  await page.route('**/worker.js', async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: code() + (await response.text()) });
  });
}

describe('threads: true', () => {
  const headers = { ...ISOLATION, 'content-security-policy': CONTENT_SECURITY_POLICY };
  for (const file of ['module.html', 'script.html']) {
    for (const worker of [false, true]) {
      const where = `${file}, ${worker ? 'in a worker' : "on the page's thread"}`;
      it(`computes the same with several threads on an isolated page (${where})`, async ({ skip }) => {
        const seen = await onPage(headers, file, async (page) => {
          const found = await read(page, { backend: 'wasm', threads: true, worker });
          // Nothing computes any more once it is disposed of.
          await expect.poll(() => page.workers().length, { timeout: 10_000 }).toBe(0);
          return found;
        });
        expect(seen.isolated).toBe(true);
        if (seen.processors < 2) skip('there is one processor');
        expect(seen.runtime).toMatchObject({ backend: 'wasm', worker, threads: Math.min(4, seen.processors) });
        expect(seen.runtime.reason).not.toContain('on one thread');
        expect(seen.difference).toBe(0);
      });
    }
  }

  it('computes with one where the page is not isolated, and says so', async () => {
    for (const worker of [false, true]) {
      const seen = await onPage({}, 'module.html', (page) => read(page, { backend: 'wasm', threads: true, worker }, 3));
      expect(seen.isolated).toBe(false);
      expect(seen.runtime).toMatchObject({ backend: 'wasm', worker, threads: 1 });
      expect(seen.runtime.reason).toContain('on one thread, because the page is not cross-origin isolated');
      expect(seen.difference).toBe(0);
    }
  });

  it('says what else has no threads', async () => {
    const seen = await onPage(ISOLATION, 'module.html', (page) => read(page, { backend: 'cpu', threads: true }, 1));
    expect(seen.runtime.threads).toBe(1);
    expect(seen.runtime.reason).toContain('on one thread, because plain JavaScript has no others');
  });

  it('goes on with one thread where another one has no memory to start with', async ({ skip }) => {
    const seen = await onPage(ISOLATION, 'module.html', async (page) => {
      await prefixWorker(page, () => NO_MEMORY);
      return read(page, { backend: 'wasm', threads: true }, 1);
    });
    if (seen.processors < 2) skip('there is one processor');
    expect(seen.runtime.threads).toBe(1);
    expect(seen.runtime.reason).toMatch(/on one thread, because .*no memory/);
  });

  it('goes on with those helpers that start and have memory', async () => {
    const seen = await onPage(ISOLATION, 'module.html', async (page) => {
      await page.evaluate(() => Object.defineProperty(navigator, 'hardwareConcurrency', { value: 4 }));
      const before = ['throw new Error("It does not start.");', NO_MEMORY];
      await prefixWorker(page, () => before.shift() ?? '');
      return read(page, { backend: 'wasm', threads: true }, 20);
    });
    expect(seen.runtime).toMatchObject({ threads: 2, reason: expect.not.stringContaining('on one thread') });
    expect(seen.difference).toBe(0);
  });

  it('goes on with one thread in a worker whose helpers do not come, and says why', async () => {
    const before = `Object.defineProperty(navigator, 'hardwareConcurrency', { value: 4 });
      Worker = class extends Worker {
        constructor(url, options) {
          super(new URL('/nowhere.js', url), options);
        }
      };`;
    const inWorker = async (page: Page) => {
      await prefixWorker(page, () => before);
      return read(page, { backend: 'wasm', threads: true, worker: true }, 1);
    };
    const seen = await onPage(ISOLATION, 'module.html', inWorker, 3);
    expect(seen.runtime).toMatchObject({ worker: true, threads: 1 });
    expect(seen.runtime.reason).toContain('because a thread could not be started (its file is missing)');
  });

  it('ends its helpers where the kernels do not come', async () => {
    const work = async (page: Page) => {
      const started: Worker[] = [];
      page.on('worker', (worker) => started.push(worker));
      await page.evaluate(() => Object.defineProperty(navigator, 'hardwareConcurrency', { value: 2 }));
      await page.route('**/kernels.js', (route) => route.abort());
      await expect(read(page, { threads: true }, 1)).rejects.toThrow('Deploy all files of one build together');
      await expect.poll(() => page.workers().length, { timeout: 10_000 }).toBe(0);
      return started;
    };
    expect(await onPage(ISOLATION, 'module.html', work, 1)).toHaveLength(1);
  });

  it('computes with one where the browser has no shared memory', async () => {
    const seen = await onPage(ISOLATION, 'module.html', async (page) => {
      await page.evaluate(() => Reflect.deleteProperty(globalThis, 'SharedArrayBuffer'));
      return read(page, { backend: 'wasm', threads: true }, 1);
    });
    expect(seen.isolated).toBe(true);
    expect(seen.runtime.reason).toContain('on one thread, because the browser has no SharedArrayBuffer');
  });

  // A page with one processor has no use for the worker and does not ask for it.
  it.skipIf(os.availableParallelism() < 2)('goes on with one thread where the worker cannot be started', async () => {
    const options = { backend: 'wasm', threads: true, assets: { worker: '/lib/nowhere.js' } } as const;
    const seen = await onPage(ISOLATION, 'module.html', (page) => read(page, options, 1), 1);
    expect(seen.runtime.threads).toBe(1);
    expect(seen.runtime.reason).toContain('on one thread, because the worker could not be started');
  });
});
