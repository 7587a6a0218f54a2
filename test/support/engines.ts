import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import puppeteer from 'puppeteer-core';
import { findProgram } from '../../scripts/chromium.mjs';
import { freePort } from '../packaging/support/app';

/** A page in a browser with another engine than Chromium's. */
export interface Tab {
  goto(url: string): Promise<void>;
  /** Runs a function in the page, which knows nothing of its surroundings here. */
  run<A, R>(work: (argument: A) => Promise<R>, argument: A): Promise<R>;
  close(): Promise<void>;
}

/** A browser as Debian has it. */
export interface Engine {
  readonly name: string;
  /** The packages that it comes in. */
  readonly packages: string;
  readonly isThere: boolean;
  /** Whether it has a camera to test with. */
  readonly hasCamera: boolean;
  open(): Promise<Tab>;
}

const FIREFOX = findProgram(['firefox-esr', 'firefox']);
const WEBKIT_DRIVER = findProgram(['WebKitWebDriver']);
const WEBKIT = findMiniBrowser();

export const ENGINES: readonly Engine[] = [
  {
    name: 'Firefox',
    packages: 'firefox-esr',
    isThere: FIREFOX !== null,
    hasCamera: true,
    open: openFirefox,
  },
  {
    name: 'WebKitGTK',
    packages: 'webkit2gtk-driver xvfb xauth',
    isThere: WEBKIT_DRIVER !== null && WEBKIT !== null && findProgram(['xvfb-run']) !== null,
    hasCamera: false,
    open: openWebKit,
  },
];

async function openFirefox(): Promise<Tab> {
  const browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath: FIREFOX as string,
    headless: true,
    extraPrefsFirefox: {
      'media.navigator.streams.fake': true,
      'media.navigator.permission.disabled': true,
      'media.autoplay.default': 0,
    },
  });
  const page = await browser.newPage();
  return {
    goto: async (url) => void (await page.goto(url)),
    run: (work, argument) => page.evaluate(work as never, argument) as never,
    close: () => browser.close(),
  };
}

/** By plain WebDriver: its page, on a screen that nobody sees. */
async function openWebKit(): Promise<Tab> {
  const port = await freePort();
  const env = {
    ...process.env,
    // Where processes may not be put into namespaces, as in most containers, its sandbox cannot start.
    WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1',
    LIBGL_ALWAYS_SOFTWARE: '1',
    NO_AT_BRIDGE: '1',
  };
  const driver = spawn('xvfb-run', ['-a', WEBKIT_DRIVER as string, `--port=${port}`, '--host=127.0.0.1'], {
    env,
    stdio: 'ignore',
    detached: true,
  });
  const call = async (method: string, command: string, body?: object): Promise<unknown> => {
    const headers = { 'content-type': 'application/json' };
    const init = { method, headers, ...(body && { body: JSON.stringify(body) }) };
    const response = await fetch(`http://127.0.0.1:${port}${command}`, init);
    const { value } = (await response.json()) as { value: { error?: string; message?: string } | null };
    if (value?.error) throw new Error(`${command}: ${value.error} ${value.message}`);
    return value;
  };
  // The group: the screen, the driver and the browser.
  const stop = (): void => void process.kill(-(driver.pid as number), 'SIGTERM');
  try {
    await untilAnswers(() => call('GET', '/status'));
    const capabilities = { alwaysMatch: { 'webkitgtk:browserOptions': { binary: WEBKIT, args: ['--automation'] } } };
    const { sessionId } = (await call('POST', '/session', { capabilities })) as { sessionId: string };
    const session = `/session/${sessionId}`;
    await call('POST', `${session}/timeouts`, { script: 120_000 });
    return {
      goto: async (url) => void (await call('POST', `${session}/url`, { url })),
      async run(work, argument) {
        const script = `const done = arguments[1];
          (${work})(arguments[0]).then((value) => done({ value }), (error) => done({ error: error.code + ' ' + error.message }));`;
        const answer = await call('POST', `${session}/execute/async`, { script, args: [argument ?? null] });
        const { value, error } = answer as { value: never; error?: string };
        if (error !== undefined) throw new Error(error);
        return value;
      },
      async close() {
        await call('DELETE', session).finally(stop);
      },
    };
  } catch (error) {
    stop();
    throw error;
  }
}

async function untilAnswers(ask: () => Promise<unknown>): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      return void (await ask());
    } catch (error) {
      if (tries > 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

/** WebKitGTK's own small browser, in the folder of its version. */
function findMiniBrowser(): string | null {
  for (const libraries of ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu']) {
    if (!existsSync(libraries)) continue;
    const folders = readdirSync(libraries).filter((name) => /^webkit2?gtk-/.test(name));
    const file = folders.map((name) => path.join(libraries, name, 'MiniBrowser')).find((name) => existsSync(name));
    if (file) return file;
  }
  return null;
}
