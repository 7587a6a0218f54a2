// Finds the Chromium that the tests run in, and says how it is started.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const PLACES = ['/usr/bin/chromium', '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'];

/**
 * Nothing but the pages of the tests reaches the network; the camera is Chromium's own fake one, and WebGL is its
 * software renderer, so that every machine computes the same.
 */
export const CHROMIUM_ARGS = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--use-fake-ui-for-media-stream',
  '--use-fake-device-for-media-stream',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
];

/**
 * For benchmarks: as Chromium runs on a machine without a graphics processor. With the software WebGL of the tests it would
 * draw pages through that as well, and a video that is shown would keep all processors busy.
 */
export const BENCH_ARGS = [...CHROMIUM_ARGS.filter((argument) => !/swiftshader/.test(argument)), '--disable-gpu'];

/**
 * The path of a Chromium: the variable CHROMIUM, else one on the path, else one in a usual place.
 *
 * @returns {string | null}
 */
export function findChromium() {
  const named = process.env.CHROMIUM;
  if (named) return existsSync(named) ? named : null;
  return findProgram(NAMES) ?? PLACES.find((file) => existsSync(file)) ?? null;
}

/**
 * The first program of one of these names on the path.
 *
 * @param {readonly string[]} names
 * @returns {string | null}
 */
export function findProgram(names) {
  const folders = (process.env.PATH ?? '').split(path.delimiter);
  const candidates = folders.flatMap((folder) => names.map((name) => path.join(folder, name)));
  return candidates.find((file) => existsSync(file)) ?? null;
}

/**
 * The path of a Chromium; on Debian it is installed where it is missing and we may.
 *
 * @returns {string}
 */
export function provideChromium() {
  const found = findChromium();
  if (found) return found;
  if (process.env.CHROMIUM)
    throw new Error(`The variable CHROMIUM names ${process.env.CHROMIUM}, which does not exist.`);
  if (existsSync('/etc/debian_version') && process.getuid?.() === 0) {
    console.log('Chromium is missing: installing the Debian package.');
    const run = (/** @type {string[]} */ args) =>
      spawnSync('apt-get', args, { stdio: 'inherit', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
    run(['update']);
    run(['install', '-y', '--no-install-recommends', 'chromium']);
    const installed = findChromium();
    if (installed) return installed;
  }
  throw new Error(
    'The browser tests need Chromium. Install it (Debian, as root: apt-get install chromium), or name the program in ' +
      'the variable CHROMIUM.',
  );
}
