import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { FingerspellRecognizer } from 'asl-fingerspell';
import { decode } from 'jpeg-js';
import type { Browser, Page } from 'playwright-core';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildDemo, CONTENT_SECURITY_POLICY, serve } from '../../scripts/build-demo.mjs';
import { framed, type Picture, writeClip } from '../../scripts/clip.mjs';
import { drawHand } from '../../scripts/draw-hand.mjs';
import { startChromium, watchPage } from '../support/browse';
import { compareWithRecorded, FIXTURES, isRecording } from '../support/recorded';
import { devImages, WITHOUT_DATA } from '../support/shared-data';

const PICTURE = path.join(FIXTURES, 'hand-l.png');
const temp = mkdtempSync(path.join(os.tmpdir(), 'asl-fingerspell-e2e-'));
const page = path.join(temp, 'page');
let server: Awaited<ReturnType<typeof serve>>;
let recognizer: FingerspellRecognizer;

beforeAll(async () => {
  await buildDemo(page);
  // Below a path, as on a project page.
  const headers = { 'content-security-policy': CONTENT_SECURITY_POLICY };
  server = await serve(page, { base: '/fingerspell/', headers });
  recognizer = await FingerspellRecognizer.load();
  if (isRecording) {
    const { data, width, height } = drawHand('l');
    mkdirSync(FIXTURES, { recursive: true });
    writeFileSync(PICTURE, PNG.sync.write(Object.assign(new PNG({ width, height }), { data: Buffer.from(data) })));
  }
});
afterAll(async () => {
  recognizer?.dispose();
  await server?.close();
  rmSync(temp, { recursive: true, force: true });
});

/** Opens the page in a Chromium of its own; what is wrong on the way is collected in `faults`. */
async function open(args: readonly string[] = []): Promise<{ browser: Browser; tab: Page; faults: string[] }> {
  const browser = await startChromium(args);
  const context = await browser.newContext({ permissions: ['camera'] });
  const tab = await context.newPage();
  const faults = watchPage(tab, new URL(server.url).origin);
  await tab.goto(server.url);
  return { browser, tab, faults };
}

/** The page's bars: letters with their shares. */
function readBars(tab: Page): Promise<{ letter: string; probability: number }[]> {
  return tab.evaluate(() =>
    [...document.querySelectorAll('#bars li')].map((row) => ({
      letter: row.querySelector('.name')?.textContent?.toLowerCase() ?? '',
      probability: Number((row as HTMLElement).style.getPropertyValue('--share')),
    })),
  );
}

describe('the built page', () => {
  it('is served under a policy that allows nothing from elsewhere and no eval', () => {
    expect(CONTENT_SECURITY_POLICY).toBe("default-src 'self'; script-src 'self' 'wasm-unsafe-eval'");
  });

  it('reads a drawn picture from a file as recorded, as Node does', async () => {
    const { data, width, height } = PNG.sync.read(readFileSync(PICTURE));
    const inNode = await recognizer.classify({ data, width, height });
    expect(compareWithRecorded('hand-l.node', inNode.predictions)).toEqual([]);
    const { browser, tab, faults } = await open();
    await tab.setInputFiles('#file', PICTURE);
    await tab
      .locator('#bars li .name', { hasText: /^[A-Z]$/ })
      .first()
      .waitFor({ timeout: 60_000 });
    expect(compareWithRecorded('hand-l.page', await readBars(tab))).toEqual([]);
    expect(faults).toEqual([]);
    await browser.close();
  });

  it.each(['light', 'dark'] as const)(
    'has nothing that axe-core objects to, reading a camera, %s',
    async (colorScheme) => {
      const clip = path.join(temp, 'hand.y4m');
      await writeClip(clip, Array<Picture>(10).fill(drawHand('l')), 10);
      const browser = await startChromium([`--use-file-for-fake-video-capture=${clip}`]);
      const viewport = { width: 360, height: 740 };
      const tab = await (await browser.newContext({ permissions: ['camera'], colorScheme, viewport })).newPage();
      await tab.goto(server.url);
      await tab.click('#toggle');
      await tab.locator('#suggestions button').first().waitFor({ timeout: 60_000 });
      expect(await tab.evaluate(() => document.documentElement.scrollWidth)).toBe(viewport.width);
      await tab.evaluate(readFileSync('node_modules/axe-core/axe.min.js', 'utf8'));
      const violations = await tab.evaluate(async () => {
        const { axe } = window as unknown as { axe: typeof import('axe-core') };
        return (await axe.run()).violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
      });
      expect(violations).toEqual([]);
      await tab.locator('#suggestions button').first().click();
      expect(await tab.textContent('#text')).toMatch(/^L\w+ $/);
      await browser.close();
    },
  );

  it('reads letters that a camera sees, and spells them', async ({ skip }) => {
    const images = devImages(240);
    if (!images) return skip(WITHOUT_DATA);
    const scenes = await chooseScenes(images.map(({ file, letter }) => ({ file, letter })));
    const clip = path.join(temp, 'letters.y4m');
    const fps = 10;
    await writeClip(
      clip,
      scenes.flatMap(({ picture }) => Array<Picture>(2 * fps).fill(picture)),
      fps,
    );
    const { browser, tab, faults } = await open([`--use-file-for-fake-video-capture=${clip}`]);
    await tab.evaluate(() => {
      const seen = new Set<string>();
      Object.assign(window, { seen });
      const letter = document.getElementById('letter') as HTMLElement;
      new MutationObserver(() => seen.add(letter.textContent ?? '')).observe(letter, {
        childList: true,
        characterData: true,
        subtree: true,
      });
    });
    await tab.click('#toggle');
    const wanted = scenes.map(({ letter }) => letter.toUpperCase());
    await tab.waitForFunction(
      (letters) => letters.every((letter) => (window as unknown as { seen: Set<string> }).seen.has(letter)),
      wanted,
      { timeout: 60_000 },
    );
    await tab.waitForFunction(() => (document.getElementById('text')?.textContent ?? '').length >= 3, null, {
      timeout: 60_000,
    });
    const text = (await tab.textContent('#text')) ?? '';
    const right = [...text].filter((letter) => wanted.includes(letter)).length;
    expect(right / text.length).toBeGreaterThan(0.5);
    expect(faults).toEqual([]);
    await browser.close();
  });
});

/** Where the page's square lies at first in a frame of 640 × 480: centred, 84 % of the height. */
const PAGE_SQUARE = { x: 0.5 - (0.42 * 480) / 640, y: 0.08, width: (0.84 * 480) / 640, height: 0.84 };

/** Four pictures of different letters that the model at hand reads rightly and surely: none of this is about accuracy. */
async function chooseScenes(images: readonly { file: string; letter: string }[]) {
  const scenes: { letter: string; picture: Picture }[] = [];
  for (const { file, letter } of images) {
    if (scenes.some((scene) => scene.letter === letter)) continue;
    const picture = framed(decode(readFileSync(file), { useTArray: true, formatAsRGBA: true }));
    const { predictions } = await recognizer.classify(picture, { region: PAGE_SQUARE });
    if (predictions[0]?.letter === letter && predictions[0].probability > 0.93) scenes.push({ letter, picture });
    if (scenes.length === 4) return scenes;
  }
  throw new Error('The model reads fewer than four letters of the dev images surely.');
}
