// First result and frame times, in Node and in Chromium, beside the tutorial's own way with the same weights.
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
import type { PageReport } from './page';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '100' },
    out: { type: 'string', default: 'bench/results/latency.json' },
  },
});

const report = {
  machine: { cpu: os.cpus()[0]?.model, cores: os.cpus().length, node: process.version },
  node: measureNode(),
  chromium: await measureChromium(),
};
for (const place of ['node', 'chromium'] as const) {
  const { ours, tutorial, firstResultMs, preprocess, inference } = report[place];
  console.log(`${place}: first result ${Math.round(firstResultMs)} ms`);
  console.log(`  classify ${show(ours)} (preprocess ${preprocess.median}, inference ${inference.median})`);
  console.log(`  tutorial ${show(tutorial)}: ${(tutorial.median / ours.median).toFixed(2)} times as long`);
}
mkdirSync(path.dirname(options.out), { recursive: true });
writeFileSync(options.out, `${JSON.stringify(report, null, 1)}\n`);

function show({ median, p25, p75 }: PageReport['ours']): string {
  return `${median} ms (${p25} to ${p75})`;
}

function measureNode(): PageReport {
  const output = execFileSync(process.execPath, ['scripts/run-ts.mjs', 'bench/node.ts', options.rounds], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return JSON.parse(output.trim().split('\n').at(-1) ?? '') as PageReport;
}

async function measureChromium(): Promise<PageReport> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'fingerspell-bench-'));
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
  for (const name of ['model.bin', 'model.json', 'tfjs-backend-wasm.wasm', 'tfjs-backend-wasm-simd.wasm']) {
    copyFileSync(`dist/${name}`, path.join(folder, name));
  }
  const threaded = 'tfjs-backend-wasm-threaded-simd.wasm';
  copyFileSync(`node_modules/@tensorflow/tfjs-backend-wasm/dist/${threaded}`, path.join(folder, threaded));
  writeFileSync(path.join(folder, 'index.html'), '<!doctype html><script type="module" src="page.js"></script>');
  const server = await serve(folder);
  const browser = await chromium.launch({ executablePath: provideChromium(), args: [...CHROMIUM_ARGS] });
  try {
    const page = await browser.newPage();
    await page.goto(server.url);
    await page.waitForFunction(() => 'measure' in window);
    type Page = Window & { measure(rounds: number): Promise<PageReport> };
    return await page.evaluate((rounds) => (window as unknown as Page).measure(rounds), Number(options.rounds));
  } finally {
    await browser.close();
    await server.close();
  }
}
