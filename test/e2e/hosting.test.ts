import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildDemo, CONTENT_SECURITY_POLICY, serve } from '../../scripts/build-demo.mjs';
import { startChromium, watchPage } from '../support/browse';
import { serveFiles } from '../support/file-server';
import { FIXTURES } from '../support/recorded';

const temp = mkdtempSync(path.join(os.tmpdir(), 'asl-fingerspell-hosting-'));
const DIST = path.join(import.meta.dirname, '../../dist');
const PICTURE = path.join(FIXTURES, 'hand-l.png');
let browser: Browser;

beforeAll(async () => {
  await buildDemo(temp);
  browser = await startChromium();
});
afterAll(async () => {
  await browser.close();
  rmSync(temp, { recursive: true, force: true });
});

interface Hosting {
  readonly policy?: string;
  readonly base?: string;
  readonly query?: string;
  readonly prepare?: (page: Page) => Promise<void>;
}

/** Reads the drawn hand on the page; nothing may go wrong. Resolves to the backend that it names. */
async function read({ policy, base = '/', query = '', prepare }: Hosting): Promise<string> {
  const server = await serve(temp, { base, headers: policy ? { 'content-security-policy': policy } : {} });
  const context = await browser.newContext();
  const page = await context.newPage();
  const faults = watchPage(page, new URL(server.url).origin);
  try {
    await prepare?.(page);
    await page.goto(server.url + query);
    await showPicture(page);
    expect(faults).toEqual([]);
    return ((await page.textContent('#meter')) ?? '').split(' ·')[0] ?? '';
  } finally {
    await context.close();
    await server.close();
  }
}

async function showPicture(page: Page): Promise<void> {
  await page.setInputFiles('#file', PICTURE);
  await page.locator('#letter', { hasText: 'L' }).waitFor({ timeout: 120_000 });
}

/** Runs `work` on a page with nothing on it, of a server that has the package's files at `url`. */
async function onBarePage<T>(
  headers: Record<string, string>,
  work: (page: Page, url: string) => Promise<T>,
): Promise<T> {
  const server = await serve(DIST, { headers });
  const page = await browser.newPage();
  try {
    await page.goto(`${server.url}metadata.json`);
    return await work(page, server.url);
  } finally {
    await page.close();
    await server.close();
  }
}

describe('the page', () => {
  it("runs on WASM under script-src 'self' 'wasm-unsafe-eval'", async () => {
    expect(CONTENT_SECURITY_POLICY).toBe("default-src 'self'; script-src 'self' 'wasm-unsafe-eval'");
    expect(await read({ policy: CONTENT_SECURITY_POLICY, query: '?backend=wasm' })).toBe('WebAssembly');
  });

  it("runs on WebGL under default-src 'self' alone", async () => {
    expect(await read({ policy: "default-src 'self'", query: '?backend=webgl' })).toBe('WebGL');
  });

  it('runs from a host without special headers, at the root and below a path', async () => {
    expect(await read({})).toBe('WebAssembly');
    expect(await read({ base: '/app/' })).toBe('WebAssembly');
  });

  it('runs where the server calls .wasm and .bin files plain text', async () => {
    const prepare = async (page: Page) => {
      await page.route(/\.(wasm|bin)$/, async (route) => {
        const response = await route.fetch();
        await route.fulfill({ response, headers: { ...response.headers(), 'content-type': 'text/plain' } });
      });
    };
    expect(await read({ query: '?backend=wasm', prepare })).toBe('WebAssembly');
  });

  it('says which kind of file is missing when a script did not come, and works as soon as it comes', async () => {
    // What starts the kernels, and the kernels themselves.
    for (const script of [/\/(kernels-|wasm-probe)[^/]*\.js$/, /\/kernels\.js$/]) {
      await onBarePage({}, async (page, url) => {
        const load = `(async () => {
          const { FingerspellRecognizer } = await import('${url}asl-fingerspell.esm.js');
          return FingerspellRecognizer.load().then(({ backend }) => backend, ({ code }) => code);
        })()`;
        let isDown = true;
        await page.route(script, (route) => (isDown ? route.abort() : route.continue()));
        expect(await page.evaluate(load)).toBe('asset-missing');
        isDown = false;
        expect(await page.evaluate(load)).toBe('wasm');
      });
    }
  });

  it('loads where it has no origin of its own, as in a sandboxed frame, also in a worker', async () => {
    const headers = { 'content-security-policy': 'sandbox allow-scripts', 'access-control-allow-origin': '*' };
    const load = (url: string) => `(async () => {
      const { FingerspellRecognizer } = await import('${url}asl-fingerspell.esm.js');
      const read = (options) =>
        FingerspellRecognizer.load(options).then(({ backend, runtime }) => [backend, runtime.worker], ({ code }) => code);
      return [self.origin, await read(), await read({ worker: true }), await read({ worker: true, assets: { worker: 'no.js' } })];
    })()`;
    const seen = await onBarePage(headers, (page, url) => page.evaluate(load(url)));
    expect(seen).toEqual(['null', ['wasm', false], ['wasm', true], ['wasm', false]]);
  });

  it('has a worker of its own origin in a frame with srcdoc, under a policy without blob:', async () => {
    const headers = {
      'content-security-policy': "script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'; worker-src 'self'",
    };
    const load = (url: string) => `new Promise((resolve) => {
      const frame = document.createElement('iframe');
      window.tell = resolve;
      frame.srcdoc = '<script type="module">' +
        'const { FingerspellRecognizer } = await import("${url}asl-fingerspell.esm.js");' +
        'FingerspellRecognizer.load({ worker: true }).then(({ runtime }) => parent.tell(runtime.worker || runtime.reason));' +
        '</' + 'script>';
      document.body.append(frame);
    })`;
    expect(await onBarePage(headers, (page, url) => page.evaluate(load(url)))).toBe(true);
  });

  it('has a worker under Trusted Types with a default policy, and without one says what is missing', async () => {
    const headers = {
      'content-security-policy': `${CONTENT_SECURITY_POLICY}; require-trusted-types-for 'script'`,
    };
    const load = (url: string) => `(async () => {
      const { FingerspellRecognizer } = await import('${url}asl-fingerspell.esm.js');
      const read = () => FingerspellRecognizer.load({ worker: true }).then(({ runtime }) => runtime);
      const before = await read();
      trustedTypes.createPolicy('default', { createScriptURL: (url) => url });
      return [before, await read()];
    })()`;
    expect(await onBarePage(headers, (page, url) => page.evaluate(load(url)))).toMatchObject([
      { worker: false, reason: expect.stringMatching(/a Trusted Types policy named `default` [^;]*$/) },
      { worker: true },
    ]);
  });

  it('says of a worker whose script comes as something else than JavaScript that it may be that', async () => {
    const seen = await onBarePage({}, async (page, url) => {
      await page.route(/worker\.js$/, async (route) => {
        const response = await route.fetch();
        await route.fulfill({ response, headers: { ...response.headers(), 'content-type': 'text/plain' } });
      });
      return page.evaluate(`(async () => {
        const { FingerspellRecognizer } = await import('${url}asl-fingerspell.esm.js');
        return (await FingerspellRecognizer.load({ worker: true })).runtime.reason;
      })()`);
    });
    expect(seen).toContain('its file is missing or not served as JavaScript');
  });

  it('says to a page that was opened from disk that it must be served', async () => {
    const folder = path.join(temp, 'disk');
    mkdirSync(folder);
    writeFileSync(path.join(folder, 'index.html'), '<!doctype html><script src="bundle.js"></script>');
    // In one classic script, as bundlers make it, only the model's file is asked for.
    await build({
      stdin: { contents: "export { FingerspellRecognizer } from './index.js';", resolveDir: DIST },
      outfile: path.join(folder, 'bundle.js'),
      globalName: 'Bundle',
      bundle: true,
      logLevel: 'error',
    });
    const page = await browser.newPage();
    const load = `Bundle.FingerspellRecognizer.load({ assets: { baseUrl: './' } }).catch(({ code, message }) => [code, message])`;
    // As where a bundler inlines it: the model is in the page, but a worker is a file.
    const weights = `data:;base64,${readFileSync(path.join(DIST, 'model.bin'), 'base64')}`;
    const loadInlined = `Bundle.FingerspellRecognizer.load({ worker: true, assets: { baseUrl: './', weights: '${weights}' } })
      .then(({ runtime }) => runtime.reason)`;
    try {
      await page.goto(pathToFileURL(path.join(folder, 'index.html')).href);
      expect(await page.evaluate(load)).toEqual(['asset-missing', expect.stringMatching(/Serve it over http\.$/)]);
      expect(await page.evaluate(loadInlined)).toMatch(/opened from disk has none: serve it over http$/);
    } finally {
      await page.close();
    }
  });

  it('has a camera in a frame that allows it, in a sandbox only with allow-same-origin, and says so', async () => {
    const open = (url: string, sandbox: string) => `new Promise((resolve) => {
      const frame = document.createElement('iframe');
      addEventListener('message', ({ data }) => resolve(data), { once: true });
      frame.allow = 'camera';
      frame.sandbox = '${sandbox}';
      frame.srcdoc = '<video></video><script type="module">' +
        'const { openCamera } = await import("${url}asl-fingerspell.esm.js");' +
        'openCamera(document.querySelector("video")).then(() => "open", ({ message }) => message)' +
        '.then((told) => parent.postMessage(told, "*"));' +
        '</' + 'script>';
      document.body.append(frame);
    })`;
    await onBarePage({ 'access-control-allow-origin': '*' }, async (page, url) => {
      expect(await page.evaluate(open(url, 'allow-scripts allow-same-origin'))).toBe('open');
      const told = await page.evaluate(open(url, 'allow-scripts'));
      expect(told).toMatch(/in a frame: .* a sandboxed one allow-same-origin\.$/);
    });
  });

  it("names the page's own header where it is what forbids the camera", async () => {
    const load = (url: string) => `(async () => {
      const { openCamera } = await import('${url}asl-fingerspell.esm.js');
      return openCamera(document.createElement('video'), { timeoutMs: 1000 }).catch(({ code, message }) => [code, message]);
    })()`;
    for (const [policy, words] of [
      ['camera=()', /address bar.*Permissions-Policy header.*camera=\(self\)\.$/],
      ['camera=(self)', /address bar(?!.*Permissions-Policy)/],
    ] as const) {
      await onBarePage({ 'permissions-policy': policy }, async (page, url) => {
        // What a user would answer; asked for by a header, the browser answers by itself.
        if (policy !== 'camera=()') {
          await page.evaluate(
            `navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotAllowedError'))`,
          );
        }
        expect(await page.evaluate(load(url))).toEqual(['camera-denied', expect.stringMatching(words)]);
      });
    }
  });

  it('loads where the browser computes no hashes, as on a page without HTTPS', async () => {
    const page = await browser.newPage();
    const origin = 'http://fingerspelling.example';
    await page.route(`${origin}/**`, (route) =>
      route.fulfill({ path: path.join(DIST, new URL(route.request().url()).pathname) }),
    );
    const load = `(async () => {
      const { FingerspellRecognizer } = await import('${origin}/asl-fingerspell.esm.js');
      return FingerspellRecognizer.load().then(({ backend }) => [typeof crypto.subtle, backend], ({ code }) => code);
    })()`;
    try {
      await page.goto(`${origin}/metadata.json`);
      expect(await page.evaluate(load)).toEqual(['undefined', 'wasm']);
    } finally {
      await page.close();
    }
  });

  it('sends nothing to another origin that its own redirects to', async () => {
    const foreign = await serveFiles({});
    const load = (url: string) => `(async () => {
      const { FingerspellRecognizer } = await import('${url}asl-fingerspell.esm.js');
      return FingerspellRecognizer.load().catch(({ code }) => code);
    })()`;
    try {
      const told = await onBarePage({}, async (page, url) => {
        const location = `${foreign.url}/model.bin`;
        await page.route(`${url}model.bin`, (route) => route.fulfill({ status: 302, headers: { location } }));
        return page.evaluate(load(url));
      });
      expect(told).toBe('asset-missing');
      expect(foreign.requests).toEqual([]);
    } finally {
      await foreign.close();
    }
  });

  it('makes one address for a worker of another origin, however often it is loaded', async () => {
    const foreign = await serve(DIST, { headers: { 'access-control-allow-origin': '*' } });
    const load = (url: string) => `(async () => {
      const { FingerspellRecognizer } = await import('${url}asl-fingerspell.esm.js');
      const create = URL.createObjectURL;
      let addresses = 0;
      URL.createObjectURL = (blob) => (addresses++, create(blob));
      const assets = { worker: '${foreign.url}worker.js' };
      const inWorker = [];
      for (let i = 0; i < 3; i++) {
        const recognizer = await FingerspellRecognizer.load({ worker: true, assets });
        inWorker.push(recognizer.runtime.worker);
        recognizer.dispose();
      }
      return { inWorker, addresses };
    })()`;
    try {
      const seen = await onBarePage({}, (page, url) => page.evaluate(load(url)));
      expect(seen).toEqual({ inWorker: [true, true, true], addresses: 1 });
    } finally {
      await foreign.close();
    }
  });

  it('reads without a network after the first visit', async () => {
    const headers = { 'content-security-policy': CONTENT_SECURITY_POLICY };
    const server = await serve(temp, { base: '/app/', headers });
    const context = await browser.newContext();
    const page = await context.newPage();
    try {
      await page.goto(server.url);
      await page.locator('html[data-offline=ready]').waitFor({ state: 'attached', timeout: 60_000 });
      await server.close();
      await page.reload();
      await showPicture(page);
    } finally {
      await context.close();
      await server.close().catch(() => undefined);
    }
  });
});

describe('the plain script', () => {
  /** Loads it on a page with this markup before it, and with it a worker, which has an address of its own. */
  const loadAfter = (markup: string, prepare: (url: string) => string = (url) => url): Promise<unknown> =>
    onBarePage({}, async (page, url) => {
      await page.goto(`${prepare(url)}metadata.json`);
      await page.setContent(`${markup}<script src="${url}asl-fingerspell.global.js"></script>`);
      return page.evaluate(`AslFingerspell.FingerspellRecognizer.load({ worker: true }).then((recognizer) => {
        const { worker } = recognizer.runtime;
        recognizer.dispose();
        return worker;
      }, String)`);
    });

  it('takes its files from where it is, whatever a page calls its elements', async () => {
    for (const name of ['currentScript', 'baseURI']) {
      expect(await loadAfter(`<img name="${name}" src="http://127.0.0.1:9/elsewhere/picture.png">`)).toBe(true);
    }
  });

  it('finds its files on a page that was opened with a name and a password', async () => {
    // The script's own address is relative to that of the page, and thus has them, too.
    expect(await loadAfter('', (url) => url.replace('://', '://me:pass@'))).toBe(true);
    expect(await loadAfter('<base href="/">', (url) => url.replace('://', '://me:pass@'))).toBe(true);
  });
});
