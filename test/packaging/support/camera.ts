import { readFileSync } from 'node:fs';
import path from 'node:path';
import { decode } from 'jpeg-js';
import type { Browser, Page } from 'playwright-core';
import { PNG } from 'pngjs';
import { expect, inject } from 'vitest';
import { framed, type Picture, writeClip } from '../../../scripts/clip.mjs';
import { startChromium, watchPage } from '../../support/browse';
import { FIXTURES } from '../../support/recorded';
import { devImages } from '../../support/shared-data';

/** The letter that the camera sees: the drawn hand's, as it was recorded. */
export const DRAWN_LETTER: string = JSON.parse(readFileSync(path.join(FIXTURES, 'hand-l.page.json'), 'utf8')).shares[0]
  .letter;

/** A Chromium whose camera sees the drawn hand. */
export async function startWithDrawing(): Promise<Browser> {
  const picture = PNG.sync.read(readFileSync(path.join(FIXTURES, 'hand-l.png')));
  return startWithClip('drawing.y4m', [framed(picture)]);
}

/** A Chromium whose camera sees photographs of hands one after the other; `null` where there are none. */
export async function startWithPhotographs(): Promise<{ browser: Browser; letters: string[] } | null> {
  const images = devImages(8);
  if (!images) return null;
  const pictures = images.map(({ file }) =>
    framed(decode(readFileSync(file), { useTArray: true, formatAsRGBA: true })),
  );
  const browser = await startWithClip(
    'photographs.y4m',
    pictures.flatMap((picture) => Array<Picture>(10).fill(picture)),
  );
  return { browser, letters: images.map(({ letter }) => letter) };
}

async function startWithClip(name: string, frames: readonly Picture[]): Promise<Browser> {
  const clip = path.join(inject('packed').workshop, name);
  await writeClip(clip, frames, 5);
  return startChromium([`--use-file-for-fake-video-capture=${clip}`]);
}

/** How to look at a page. */
export interface Visit {
  /** Faults that are none of ours, such as a development server's own messages. */
  readonly isForgiven?: (fault: string) => boolean;
  readonly prepare?: (page: Page) => Promise<void>;
}

/** Opens a page, lets `look` use it, and wants no error, no request elsewhere and no missing file. */
export async function visit<Result>(
  browser: Browser,
  url: string,
  look: (page: Page) => Promise<Result>,
  { isForgiven = () => false, prepare }: Visit = {},
): Promise<Result> {
  const context = await browser.newContext({ permissions: ['camera'] });
  const page = await context.newPage();
  const faults = watchPage(page, new URL(url).origin);
  const wanted = () => faults.filter((fault) => !isForgiven(fault));
  try {
    await prepare?.(page);
    // A development server answers when it has built what is asked for.
    await page.goto(url, { timeout: 300_000 });
    const result = await look(page).catch((error: Error) => {
      throw new Error(`${error.message}\nFaults of the page: ${wanted().join('\n') || 'none'}`);
    });
    expect(wanted()).toEqual([]);
    return result;
  } finally {
    await context.close();
  }
}
