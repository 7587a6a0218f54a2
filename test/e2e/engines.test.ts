import { copyFileSync, cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { FrameSource, RecognizerOptions } from 'asl-fingerspell';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { CONTENT_SECURITY_POLICY, ISOLATION, serve } from '../../scripts/serve.mjs';
import { DRAWN_LETTER } from '../packaging/support/camera';
import { ENGINES, type Tab } from '../support/engines';
import { FIXTURES } from '../support/recorded';

type Library = typeof import('asl-fingerspell/element');
type LibraryWindow = Window & { readonly AslFingerspell: Library };

const site = mkdtempSync(path.join(os.tmpdir(), 'asl-fingerspell-engines-'));
let server: Awaited<ReturnType<typeof serve>>;

beforeAll(async () => {
  cpSync('dist', path.join(site, 'lib'), { recursive: true });
  copyFileSync(path.join(FIXTURES, 'hand-l.png'), path.join(site, 'hand.png'));
  writeFileSync(
    path.join(site, 'index.html'),
    '<!doctype html><title>page</title><script src="lib/asl-fingerspell.global.js"></script><video muted playsinline></video>',
  );
  server = await serve(site, { headers: { ...ISOLATION, 'content-security-policy': CONTENT_SECURITY_POLICY } });
});
afterAll(async () => {
  await server.close();
  rmSync(site, { recursive: true, force: true });
});

// A browser that is slow to start on a busy machine says nothing about the library.
describe.each(ENGINES)('$name (of $packages)', { retry: 1 }, ({ isThere, hasCamera, open }) => {
  let tab: Tab;
  beforeEach(async () => {
    if (!isThere) return;
    tab = await open();
    await tab.goto(server.url);
  }, 60_000);
  afterEach(() => tab?.close());

  const read = (options: RecognizerOptions) =>
    tab.run(async (options) => {
      const { FingerspellRecognizer } = (window as unknown as LibraryWindow).AslFingerspell;
      const image = Object.assign(new Image(), { src: '/hand.png' });
      await image.decode();
      const recognizer = await FingerspellRecognizer.load(options);
      const { letter } = await recognizer.classify(image);
      const { backend, worker, threads } = recognizer.runtime;
      recognizer.dispose();
      const canShare = crossOriginIsolated && typeof SharedArrayBuffer !== 'undefined';
      const isMany = !canShare || navigator.hardwareConcurrency === 1 ? threads === 1 : threads > 1;
      return { letter, backend, worker, isMany };
    }, options);

  it.skipIf(!isThere)(
    'reads a hand on the page, in a worker, and with several threads where memory is shared',
    async () => {
      const seen = { letter: DRAWN_LETTER, backend: 'wasm', worker: false };
      expect(await read({})).toMatchObject(seen);
      expect(await read({ worker: true })).toMatchObject({ ...seen, worker: true });
      expect(await read({ threads: true })).toEqual({ ...seen, isMany: true });
      expect(await read({ threads: true, worker: true })).toEqual({ ...seen, worker: true, isMany: true });
    },
  );

  it.skipIf(!isThere)('reads in a worker whose script is on another origin', async () => {
    const plain = await serve(site);
    const other = await serve(site, { headers: { 'access-control-allow-origin': '*' } });
    try {
      await tab.goto(plain.url);
      const assets = { worker: `${other.url}lib/worker.js` };
      expect(await read({ worker: true, assets })).toMatchObject({ letter: DRAWN_LETTER, worker: true });
    } finally {
      await plain.close();
      await other.close();
    }
  });

  it.skipIf(!isThere)(
    'answers about a picture that was under way when the user left the page and came back',
    async ({ skip }) => {
      await tab.run(async () => {
        const { FingerspellRecognizer } = (window as unknown as LibraryWindow).AslFingerspell;
        const image = Object.assign(new Image(), { src: '/hand.png' });
        await image.decode();
        const recognizer = await FingerspellRecognizer.load();
        const letters: (string | null)[] = [];
        addEventListener('pagehide', async () => letters.push((await recognizer.classify(image)).letter));
        Object.assign(window, { letters });
      }, undefined);
      await tab.goto(new URL('hand.png', server.url).href);
      await tab.run(async () => void setTimeout(() => history.back()), undefined);
      const look = () =>
        tab.run(
          async () => ({ letters: (window as { letters?: string[] }).letters, path: location.pathname }),
          undefined,
        );
      // While the browser moves, there may be no page to ask.
      await vi.waitFor(async () => expect((await look()).path).toBe('/'), { timeout: 20_000, interval: 200 });
      const { letters } = await look();
      if (letters === undefined) return skip('this browser kept no page to come back to');
      await vi.waitFor(async () => expect((await look()).letters).toEqual([DRAWN_LETTER]), {
        timeout: 10_000,
        interval: 200,
      });
    },
  );

  it.skipIf(!isThere)('reads every kind of source, searched or not, on the page and in a worker', async () => {
    const letters = await tab.run(async () => {
      const { FingerspellRecognizer } = (window as unknown as LibraryWindow).AslFingerspell;
      const image = Object.assign(new Image(), { src: '/hand.png' });
      await image.decode();
      const { naturalWidth: width, naturalHeight: height } = image;
      const canvas = Object.assign(document.createElement('canvas'), { width, height });
      const context = canvas.getContext('2d') as CanvasRenderingContext2D;
      context.drawImage(image, 0, 0);
      const offscreen = new OffscreenCanvas(width, height);
      offscreen.getContext('2d')?.drawImage(image, 0, 0);
      const pixels = context.getImageData(0, 0, width, height);
      const sources: Record<string, FrameSource> = {
        image,
        canvas,
        offscreen,
        pixels,
        'raw pixels': { data: pixels.data, width, height },
        bitmap: await createImageBitmap(canvas),
        ...(typeof VideoFrame !== 'undefined' && { frame: new VideoFrame(canvas, { timestamp: 0 }) }),
      };
      const letters: Record<string, string | null> = {};
      for (const worker of [false, true]) {
        const recognizer = await FingerspellRecognizer.load({ worker });
        for (const region of ['center', 'hand'] as const) {
          for (const [name, source] of Object.entries(sources)) {
            const { letter } = await recognizer.classify(source, { region });
            letters[`${name}, ${region}${worker ? ', in a worker' : ''}`] = letter;
          }
        }
        recognizer.dispose();
      }
      return letters;
    }, null);
    const wanted = Object.fromEntries(Object.keys(letters).map((name) => [name, DRAWN_LETTER]));
    expect(letters).toEqual(wanted);
    expect(Object.keys(letters).length).toBeGreaterThanOrEqual(24);
  });

  it.skipIf(!isThere)('shows the element, under a Content-Security-Policy', async () => {
    const seen = await tab.run(async () => {
      (window as unknown as LibraryWindow).AslFingerspell.defineFingerspellElement();
      const element = document.body.appendChild(document.createElement('asl-fingerspell'));
      const picture = element.shadowRoot?.querySelector('.stage');
      const { width = 0, height = 0 } = picture?.getBoundingClientRect() ?? {};
      const start = element.shadowRoot?.querySelector('.primary')?.textContent;
      const code = await element.start().then(
        () => null,
        (error) => error.code as string,
      );
      const { status } = element;
      element.remove();
      return { shape: width / height, start, code, status };
    }, null);
    expect(seen.start).toBe('Start camera');
    expect(seen.shape).toBeCloseTo(4 / 3, 1);
    expect([seen.code, seen.status]).toEqual(hasCamera ? [null, 'running'] : ['camera-missing', 'error']);
  });

  if (!hasCamera) return;

  it.skipIf(!isThere)('tells when the page stops its camera', async () => {
    const seen = await tab.run(async () => {
      const { FingerspellReader } = (window as unknown as LibraryWindow).AslFingerspell;
      const reader = new FingerspellReader(document.querySelector('video') as HTMLVideoElement);
      const lost = new Promise<string>((resolve) => {
        reader.addEventListener('error', ({ detail }) => resolve(detail.code));
      });
      await reader.start();
      reader.camera?.stream.getVideoTracks()[0]?.stop();
      const code = await lost;
      reader.dispose();
      return code;
    }, null);
    expect(seen).toBe('camera-lost');
  });

  it.skipIf(!isThere)('reads its camera on the page and in a worker, and turns it off', async () => {
    const seen = await tab.run(async () => {
      const { FingerspellReader } = (window as unknown as LibraryWindow).AslFingerspell;
      const video = document.querySelector('video') as HTMLVideoElement;
      const seen = [];
      for (const worker of [false, true]) {
        const reader = new FingerspellReader(video, { worker, region: 'hand', maxFps: 60 });
        let frames = 0;
        const enough = new Promise<void>((resolve) => {
          reader.addEventListener('prediction', () => ++frames === 5 && resolve());
        });
        await reader.start();
        const tracks = reader.camera?.stream.getTracks() ?? [];
        await enough;
        const { status } = reader;
        reader.dispose();
        seen.push({ status, error: reader.error, after: tracks.map(({ readyState }) => readyState) });
      }
      return seen;
    }, null);
    const one = { status: 'running', error: null, after: ['ended'] };
    expect(seen).toEqual([one, one]);
  });
});
