// npm run screenshots: the demo page with a fake camera that shows drawn hands, for the README (docs/screenshots).
//   npm run screenshots -- --states FOLDER   every state of the page instead, in two sizes and both colour schemes
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { type Browser, chromium, type Page } from 'playwright-core';
import { buildDemo, CONTENT_SECURITY_POLICY, serve } from './build-demo.mjs';
import { CHROMIUM_ARGS, provideChromium } from './chromium.mjs';
import { writeClip } from './clip.mjs';
import { drawHand } from './draw-hand.mjs';

const FPS = 10;
/** What the camera shows, again and again. */
const SHOWN = 'l';
const SIZES = { phone: { width: 360, height: 740 }, desktop: { width: 1280, height: 800 } } as const;

type Size = keyof typeof SIZES;
type Scheme = 'light' | 'dark';

/** States of the page, by what brings it there. */
const STATES: Readonly<Record<string, (tab: Page) => Promise<unknown>>> = {
  ready: (tab) => tab.getByText('Start the camera, or open a picture.').waitFor(),
  reading: async (tab) => {
    await tab.click('#toggle');
    await tab.locator('#text', { hasText: /^L+$/ }).waitFor({ timeout: 60_000 });
    await tab.locator('#medal[data-state="done"]').waitFor();
    await tab.waitForTimeout(400);
  },
  following: async (tab) => {
    await tab.check('#follow');
    await STATES['reading']?.(tab);
  },
};

const temp = mkdtempSync(path.join(os.tmpdir(), 'asl-fingerspell-screenshots-'));
const statesFolder = process.argv[process.argv.indexOf('--states') + 1];
try {
  await buildDemo(path.join(temp, 'page'));
  const headers = { 'content-security-policy': CONTENT_SECURITY_POLICY };
  const server = await serve(path.join(temp, 'page'), { headers });
  const clip = path.join(temp, 'hand.y4m');
  await writeClip(clip, Array(FPS).fill(drawHand(SHOWN)), FPS);
  const browser = await start([...CHROMIUM_ARGS, `--use-file-for-fake-video-capture=${clip}`]);
  if (process.argv.includes('--states') && statesFolder) await allStates(browser, server.url, statesFolder);
  else await forReadme(browser, server.url);
  await browser.close();
  await server.close();
} finally {
  rmSync(temp, { recursive: true, force: true });
}

async function forReadme(browser: Browser, url: string): Promise<void> {
  mkdirSync('docs/screenshots', { recursive: true });
  for (const [size, scheme] of [['desktop', 'light'] as const, ['phone', 'dark'] as const]) {
    const tab = await open(browser, url, size, scheme);
    await STATES['reading']?.(tab);
    // How fast it is, is measured elsewhere, not while pictures are taken.
    await tab.evaluate(() => document.getElementById('meter')?.style.setProperty('visibility', 'hidden'));
    const webp = await toWebp(tab, await tab.screenshot());
    writeFileSync(`docs/screenshots/${size}.webp`, webp);
    await tab.context().close();
  }
}

async function allStates(browser: Browser, url: string, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const shoot = async (used: Browser, name: string, go: (tab: Page) => Promise<unknown>, mayUse = true) => {
    for (const size of Object.keys(SIZES) as Size[]) {
      for (const scheme of ['light', 'dark'] as const) {
        const tab = await open(used, url, size, scheme, mayUse);
        await go(tab);
        await tab.screenshot({ path: path.join(folder, `${name}-${size}-${scheme}.png`), fullPage: size === 'phone' });
        await tab.context().close();
      }
    }
  };
  for (const [name, go] of Object.entries(STATES)) await shoot(browser, name, go);
  const refusing = await start([
    ...CHROMIUM_ARGS.filter((arg) => !arg.includes('fake-ui')),
    '--deny-permission-prompts',
  ]);
  const denied = async (tab: Page) => {
    await tab.click('#toggle');
    await tab.locator('#notice').waitFor({ timeout: 60_000 });
  };
  await shoot(refusing, 'denied', denied, false);
  await refusing.close();
  // Chromium's own fake camera: a green picture with a moving disc.
  const empty = await start(CHROMIUM_ARGS);
  await shoot(empty, 'no-hand', async (tab) => {
    await tab.click('#toggle');
    await tab.getByText('No hand in view').waitFor({ timeout: 60_000 });
  });
  await empty.close();
}

function start(args: readonly string[]): Promise<Browser> {
  return chromium.launch({ executablePath: provideChromium(), args: [...args] });
}

async function open(browser: Browser, url: string, size: Size, scheme: Scheme, mayUse = true): Promise<Page> {
  const context = await browser.newContext({
    viewport: SIZES[size],
    colorScheme: scheme,
    deviceScaleFactor: size === 'phone' ? 2 : 1,
    permissions: mayUse ? ['camera'] : [],
  });
  const tab = await context.newPage();
  await tab.goto(url);
  await tab.getByText('Start the camera, or open a picture.').waitFor({ timeout: 60_000 });
  return tab;
}

/** Chromium writes PNG files; as WebP a picture of a page is a fraction of that. */
async function toWebp(tab: Page, png: Buffer): Promise<Buffer> {
  const blank = await tab.context().newPage();
  const address = await blank.evaluate(
    async (source) => {
      const image = new Image();
      image.src = source;
      await image.decode();
      const canvas = Object.assign(document.createElement('canvas'), { width: image.width, height: image.height });
      canvas.getContext('2d')?.drawImage(image, 0, 0);
      return canvas.toDataURL('image/webp', 0.85);
    },
    `data:image/png;base64,${png.toString('base64')}`,
  );
  return Buffer.from(address.slice(address.indexOf(',') + 1), 'base64');
}
