// First result and frame times, in Node and in Chromium, beside the tutorial's own way with the same weights: of the
// shipped model, and of a reference network that does not change.
//
//   npm run bench -- [--rounds N] [--out FILE]
//
// Let nothing else run meanwhile. Both ways take turns; medians and quartiles are kept.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import { CHROMIUM_ARGS, provideChromium } from '../scripts/chromium.mjs';
import { serve } from '../scripts/serve.mjs';
import { writeModel } from '../test/support/installed';
import type { PageReport, Task } from './page';
import { referenceNetwork } from './reference';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '100' },
    out: { type: 'string', default: 'bench/results/latency.json' },
  },
});

const REFERENCE = 'reference';
const folder = makeSite();
const report = {
  machine: { cpu: os.cpus()[0]?.model, cores: os.cpus().length, node: process.version },
  node: measureNode('dist'),
  chromium: await measureChromium(640, 480, true),
  chromium1280: await measureChromium(1280, 720, true),
  referenceNode: measureNode(path.join(folder, REFERENCE)),
  reference: await measureChromium(640, 480, false),
};
const { machine: _, ...measured } = report;
for (const [place, { ours, tutorial, firstResultMs, preprocess, inference, source }] of Object.entries(measured)) {
  console.log(`${place}, ${source}: first result ${Math.round(firstResultMs)} ms`);
  console.log(`  classify ${show(ours)} (preprocess ${preprocess.median}, inference ${inference.median})`);
  console.log(`  tutorial ${show(tutorial)}: ${(tutorial.median / ours.median).toFixed(2)} times as long`);
}
mkdirSync(path.dirname(options.out), { recursive: true });
writeFileSync(options.out, `${JSON.stringify(report, null, 1)}\n`);

function show({ median, p25, p75 }: PageReport['ours']): string {
  return `${median} ms (${p25} to ${p75})`;
}

function measureNode(model: string): PageReport {
  const output = execFileSync(process.execPath, ['scripts/run-ts.mjs', 'bench/node.ts', options.rounds, model], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return JSON.parse(output.trim().split('\n').at(-1) ?? '') as PageReport;
}

/** A folder with the library's files, the reference network's, and the glue that the tutorial's way loads by itself. */
function makeSite(): string {
  const site = mkdtempSync(path.join(os.tmpdir(), 'fingerspell-bench-'));
  for (const name of ['model.bin', 'model.json', 'tfjs-backend-wasm.wasm', 'tfjs-backend-wasm-simd.wasm']) {
    copyFileSync(`dist/${name}`, path.join(site, name));
  }
  const threaded = 'tfjs-backend-wasm-threaded-simd.wasm';
  copyFileSync(`node_modules/@tensorflow/tfjs-backend-wasm/dist/${threaded}`, path.join(site, threaded));
  writeFileSync(path.join(site, 'index.html'), '<!doctype html><script type="module" src="page.js"></script>');
  writeModel(path.join(site, REFERENCE), referenceNetwork().reference);
  return site;
}

async function measureChromium(width: number, height: number, isShipped: boolean): Promise<PageReport> {
  await build({
    entryPoints: ['bench/page.ts'],
    outdir: folder,
    bundle: true,
    splitting: true,
    format: 'esm',
    minify: true,
    logLevel: 'error',
    tsconfigRaw: {},
  });
  const server = await serve(folder);
  const browser = await chromium.launch({ executablePath: provideChromium(), args: [...CHROMIUM_ARGS] });
  try {
    const page = await browser.newPage();
    await page.goto(server.url);
    await page.waitForFunction(() => 'measure' in window);
    type Page = Window & { measure(task: Task): Promise<PageReport> };
    const task = {
      rounds: Number(options.rounds),
      width,
      height,
      folder: isShipped ? './' : `./${REFERENCE}/`,
      isShipped,
    };
    return await page.evaluate((task) => (window as unknown as Page).measure(task), task);
  } finally {
    await browser.close();
    await server.close();
  }
}
