import process from 'node:process';
import { type Browser, chromium, type Page } from 'playwright-core';
import { CHROMIUM_ARGS, findChromium } from '../../scripts/chromium.mjs';

/** Starts the Chromium that the tests use. */
export function startChromium(args: readonly string[] = []): Promise<Browser> {
  const executablePath = findChromium();
  if (!executablePath) throw new Error('Chromium is not on this machine; `npm test` installs it or says how.');
  return chromium.launch({
    executablePath,
    args: [...CHROMIUM_ARGS, ...args],
    env: process.env as Record<string, string>,
  });
}

/** Everything on a page that nobody wants: errors, requests to other origins, answers that are failures. */
export function watchPage(page: Page, origin: string): string[] {
  const faults: string[] = [];
  page.on('console', (message) => {
    // The browser itself asks for an icon where a page names none.
    if (message.location().url.endsWith('/favicon.ico')) return;
    if (message.type() === 'error' || message.type() === 'warning') faults.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  page.on('request', (request) => {
    const url = new URL(request.url());
    const isOwn = url.origin === origin || ['data:', 'blob:'].includes(url.protocol);
    if (!isOwn) faults.push(`request to another origin: ${request.url()}`);
  });
  page.on('requestfailed', (request) =>
    faults.push(`request failed: ${request.url()} ${request.failure()?.errorText}`),
  );
  page.on('response', (response) => {
    if (response.status() >= 400) faults.push(`status ${response.status()}: ${response.url()}`);
  });
  return faults;
}
