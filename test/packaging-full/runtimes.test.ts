import { readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { App } from '../packaging/support/app';
import { DRAWN_LETTER } from '../packaging/support/camera';
import { FIXTURES } from '../support/recorded';
import { RUNTIMES } from './versions';

const READ = `
  const { data, width, height } = PNG.sync.read(readFileSync('hand.png'));
  const read = async (options) => {
    const recognizer = await FingerspellRecognizer.load(options);
    const { letter } = await recognizer.classify({ data, width, height });
    const { backend, threads } = recognizer.runtime;
    recognizer.dispose();
    return [letter, backend, threads > 1];
  };
  (async () => console.log(JSON.stringify([await read(), await read({ worker: true }), await read({ threads: true })])))();`;

it('Bun and Deno read pixels from modules and CommonJS, with threads too, and end by themselves', async () => {
  const files = {
    'hand.png': readFileSync(path.join(FIXTURES, 'hand-l.png')),
    'read.mjs': `import { readFileSync } from 'node:fs'; import pngjs from 'pngjs';
      import { FingerspellRecognizer } from 'asl-fingerspell'; const { PNG } = pngjs; ${READ}`,
    'read.cjs': `const { readFileSync } = require('node:fs'); const { PNG } = require('pngjs');
      const { FingerspellRecognizer } = require('asl-fingerspell'); ${READ}`,
  };
  const app = await App.make('runtimes', { files, versions: { ...RUNTIMES, pngjs: '7.0.0' } });
  // What their scripts would have done when they were installed.
  await app.build('node', ['node_modules/bun/install.js']);
  await app.build('node', ['node_modules/deno/install.cjs']);
  const pixels = [DRAWN_LETTER, 'wasm', false];
  const threaded = [DRAWN_LETTER, 'wasm', os.availableParallelism() > 1];
  for (const name of ['read.mjs', 'read.cjs']) {
    for (const [program, args] of [
      ['bun', []],
      ['deno', ['run', '--allow-read', '--allow-env', '--allow-sys', '--no-prompt']],
    ] as const) {
      const { stdout, stderr } = await app.build(program, [...args, name]);
      expect(stderr, `${program} ${name}`).toBe('');
      expect(JSON.parse(stdout), `${program} ${name}`).toEqual([pixels, pixels, threaded]);
    }
  }
});
