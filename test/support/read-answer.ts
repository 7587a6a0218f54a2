import type { Browser } from 'playwright-core';
import { expect } from 'vitest';
import { watchPage } from './browse';

/** Opens a page, waits for what it writes into `#answer`, and wants no fault. */
export async function readAnswer(browser: Browser, url: string): Promise<unknown> {
  const page = await browser.newPage();
  const faults = watchPage(page, new URL(url).origin);
  // The page has no picture of its own; a browser asks for one all the same.
  await page.route('**/icon.png', (route) => route.fulfill({ status: 200, contentType: 'image/png', body: '' }));
  try {
    await page.goto(url);
    const answer = page.locator('#answer:not(:empty)');
    await answer.waitFor({ state: 'attached', timeout: 120_000 }).catch(() => {});
    expect(faults).toEqual([]);
    return JSON.parse((await answer.textContent({ timeout: 1000 })) ?? 'null');
  } finally {
    await page.close();
  }
}
