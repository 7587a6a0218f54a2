import type { Browser, Page } from 'playwright-core';
import { expect } from 'vitest';
import { DRAWN_LETTER, type Visit, visit } from '../packaging/support/camera';

/** Where a page shows its letter and how it is started. */
export interface Controls {
  readonly start: string;
  readonly letter: string;
  /** The button comes from a server and is there before React listens to it: a click too early would be lost. */
  readonly hydrated?: boolean;
}

/** The custom element's own. */
export const ELEMENT: Controls = { start: 'asl-fingerspell button.primary', letter: 'asl-fingerspell .letter' };

/** The first model load of a cold development server takes its time on a slow machine. */
const PATIENCE_MS = 240_000;

/** Starts the page's camera and waits until it shows the letter that was recorded. */
export async function readDrawing(browser: Browser, url: string, controls: Controls, options?: Visit): Promise<void> {
  await visit(
    browser,
    url,
    async (page) => {
      await start(page, controls);
      const letter = page.locator(controls.letter, { hasText: new RegExp(`^\\s*${DRAWN_LETTER}\\s*$`, 'i') });
      await letter.waitFor({ timeout: PATIENCE_MS });
    },
    options,
  );
}

/** Starts the page's camera and waits until it has shown most of the letters of the photographs. */
export async function readPhotographs(
  browser: Browser,
  url: string,
  controls: Controls,
  letters: readonly string[],
): Promise<void> {
  const wanted = [...new Set(letters.map((letter) => letter.toUpperCase()))];
  await visit(browser, url, async (page) => {
    await start(page, controls);
    const seen = new Set<string>();
    const end = Date.now() + PATIENCE_MS;
    const right = () => wanted.filter((letter) => seen.has(letter)).length;
    while (right() < 0.6 * wanted.length && Date.now() < end) {
      seen.add(((await page.locator(controls.letter).textContent()) ?? '').trim().toUpperCase());
      await page.waitForTimeout(100);
    }
    expect(right(), `${[...seen]} of ${wanted}`).toBeGreaterThanOrEqual(0.6 * wanted.length);
  });
}

async function start(page: Page, controls: Controls): Promise<void> {
  if (controls.hydrated) await page.waitForFunction(isHydrated, controls.start, { timeout: PATIENCE_MS });
  await page.locator(controls.start).first().click({ timeout: PATIENCE_MS });
}

/** In the page. React names its properties of an element so once it listens to it. */
function isHydrated(selector: string): boolean {
  return Object.keys(document.querySelector(selector) ?? {}).some((key) => key.startsWith('__reactProps$'));
}
