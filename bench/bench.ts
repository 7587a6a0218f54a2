// First result and frame times, in Node and in Chromium, beside the tutorial's own way, onnxruntime-web with the same
// weights, and MediaPipe's joints: of the shipped model, and of a reference network that does not change.
//
//   npm run bench -- [--rounds N] [--out FILE]
//
// Let nothing else run meanwhile. All ways take turns; medians and quartiles are kept.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { type Page as BrowserPage, chromium } from 'playwright-core';
import { BENCH_ARGS, provideChromium } from '../scripts/chromium.mjs';
import { ISOLATION, serve } from '../scripts/serve.mjs';
import { prepareModel } from '../src/model/prepare';
import { writeModel } from '../test/support/installed';
import { writeHandClip } from './clip';
import { writeOnnx } from './onnx';
import type { Report, Task, ThreadsReport } from './page';
import { copyPeers, installPeers } from './peer-files';
import { referenceNetwork } from './reference';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '100' },
    out: { type: 'string', default: 'bench/results/latency.json' },
  },
});

installPeers();
const REFERENCE = 'reference';
const site = await makeSite();
const clips = { 480: await writeHandClip(site, 640, 480), 720: await writeHandClip(site, 1280, 720) };
const reference = path.join(site, REFERENCE);
const report = {
  machine: { cpu: os.cpus()[0]?.model, cores: os.cpus().length, node: process.version },
  node: measureNode('dist', path.join(site, 'model.onnx')),
  chromium: await measureChromium(480, true, true),
  chromium1280: await measureChromium(720, true, true),
  referenceNode: measureNode(reference, path.join(reference, 'model.onnx')),
  reference: await measureChromium(480, false, false),
  threads: await measureThreads(),
};
const { machine: _, threads, ...measured } = report;
for (const [place, values] of Object.entries(measured) as [string, Report][]) show(place, values);
console.log(`the network with one thread ${describe(threads.one)}, with ${threads.threads} ${describe(threads.many)}`);
mkdirSync(path.dirname(options.out), { recursive: true });
writeFileSync(options.out, `${JSON.stringify(report, null, 1)}\n`);

function show(place: string, { ours, source, firstResultMs, preprocess, inference, phases, ...rest }: Report): void {
  const list = phases ? ` (${JSON.stringify(phases)})` : '';
  console.log(`${place}, ${source}: first result ${Math.round(firstResultMs)} ms${list}`);
  console.log(`  classify ${describe(ours)} (preprocess ${preprocess.median}, inference ${inference.median})`);
  for (const name of ['tutorial', 'onnx', 'mediapipe'] as const) {
    const spread = rest[name];
    if (spread) console.log(`  ${name} ${describe(spread)}: ${(spread.median / ours.median).toFixed(2)} times as long`);
  }
  const hands = rest.mediapipe ? `; MediaPipe found ${rest.mediapipe.found} hands` : '';
  console.log(`  probabilities differ from ONNX's by ${rest.onnxDifference.toExponential(1)}${hands}`);
}

function describe({ median, p25, p75 }: Report['ours']): string {
  return `${median} ms (${p25} to ${p75})`;
}

function measureNode(model: string, onnx: string): Report {
  const output = execFileSync(process.execPath, ['scripts/run-ts.mjs', 'bench/node.ts', options.rounds, model, onnx], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return JSON.parse(output.trim().split('\n').at(-1) ?? '') as Report;
}

/** A folder with the library's files, the reference network's, the peers', and what the tutorial's way loads by itself. */
async function makeSite(): Promise<string> {
  const site = mkdtempSync(path.join(os.tmpdir(), 'fingerspell-bench-'));
  for (const name of [
    'model.bin',
    'model.json',
    'worker.js',
    'tfjs-backend-wasm.wasm',
    'tfjs-backend-wasm-simd.wasm',
  ]) {
    copyFileSync(`dist/${name}`, path.join(site, name));
  }
  const threaded = 'tfjs-backend-wasm-threaded-simd.wasm';
  copyFileSync(`node_modules/@tensorflow/tfjs-backend-wasm/dist/${threaded}`, path.join(site, threaded));
  writeFileSync(path.join(site, 'index.html'), '<!doctype html><script type="module" src="page.js"></script>');
  const { files, reference } = referenceNetwork();
  writeModel(path.join(site, REFERENCE), reference);
  copyPeers(site);
  const [json, metadata] = ['model.json', 'metadata.json'].map((name) => readFileSync(`dist/${name}`, 'utf8'));
  const weights = new Uint8Array(readFileSync('dist/model.bin')).buffer;
  const shipped = {
    modelJson: JSON.parse(json as string),
    metadata: JSON.parse(metadata as string),
    weights: [weights],
  };
  for (const [folder, model] of [
    [site, shipped],
    [path.join(site, REFERENCE), files],
  ] as const) {
    const { network } = await prepareModel(model);
    if (!('steps' in network)) throw new Error('The network has layers that are not written to ONNX.');
    writeFileSync(path.join(folder, 'model.onnx'), writeOnnx(network));
  }
  await build({
    entryPoints: ['bench/page.ts'],
    outdir: site,
    bundle: true,
    splitting: true,
    format: 'esm',
    minify: true,
    logLevel: 'error',
    tsconfigRaw: {},
  });
  return site;
}

type Measured = Window & { measure(task: Task): Promise<Report>; measureThreads(task: Task): Promise<ThreadsReport> };

function measureChromium(height: 480 | 720, isShipped: boolean, findsHands: boolean): Promise<Report> {
  const task = makeTask(height, isShipped, findsHands);
  return onPage(height, {}, (page) => page.evaluate((task) => (window as unknown as Measured).measure(task), task));
}

/** On a page that may share memory. */
function measureThreads(): Promise<ThreadsReport> {
  const task = makeTask(480, true, false);
  return onPage(480, ISOLATION, (page) =>
    page.evaluate((task) => (window as unknown as Measured).measureThreads(task), task),
  );
}

function makeTask(height: 480 | 720, isShipped: boolean, findsHands: boolean): Task {
  return {
    rounds: Number(options.rounds),
    width: (height * 16) / (height === 720 ? 9 : 12),
    height,
    folder: isShipped ? './' : `./${REFERENCE}/`,
    isShipped,
    findsHands,
  };
}

async function onPage<T>(
  height: 480 | 720,
  headers: Record<string, string>,
  work: (page: BrowserPage) => Promise<T>,
): Promise<T> {
  const server = await serve(site, { headers });
  const browser = await chromium.launch({
    executablePath: provideChromium(),
    args: [...BENCH_ARGS, `--use-file-for-fake-video-capture=${clips[height]}`],
  });
  try {
    const page = await browser.newPage();
    await page.goto(server.url);
    await page.waitForFunction(() => 'measure' in window);
    return await work(page);
  } finally {
    await browser.close();
    await server.close();
  }
}
