// What a page bears that reads for long, in Chromium with the shipped model on WASM:
//
//   npm run bench:steady -- [--seconds 60] [--frames 10000] [--only PART] [--out FILE]
//
// - a minute at full speed: classifications a second, tasks of the main thread above 50 ms;
// - 30 frames a second in a worker: what of it is left to the main thread, by the browser's own count of its tasks
//   (less that of the same page while it only plays the video), and the gaps between animation frames;
// - the same on a processor that the browser emulates as four times slower;
// - many frames, after some thousand: whether JavaScript's heap (after a collection) and WASM's memory grow.
// - several recognisers on one page, in turn: milliseconds a classification and WASM's memory.
//
// With --only one of the report's parts is measured, and the others stay as they were. Let nothing else run meanwhile.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { type CDPSession, chromium, type Page } from 'playwright-core';
import { BENCH_ARGS, provideChromium } from '../scripts/chromium.mjs';
import { serve } from '../scripts/serve.mjs';
import { spread } from './stats';
import type { SteadyPage } from './steady-page';

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    frames: { type: 'string', default: '10000' },
    only: { type: 'string' },
    out: { type: 'string', default: 'bench/results/steady.json' },
  },
});
const seconds = Number(options.seconds);
const POINTS = 20;
/**
 * Frames before memory counts. They are divided and looked at as those after them: V8 goes on compiling what runs often,
 * and what looks at the heap is itself compiled, after it has looked ten times (24 kB, whatever the number of frames).
 */
const WARM_UP = 5000;

const site = mkdtempSync(path.join(os.tmpdir(), 'fingerspell-steady-'));
cpSync('dist', path.join(site, 'lib'), { recursive: true });
cpSync('bench/steady-page.js', path.join(site, 'page.js'));
writeFileSync(path.join(site, 'index.html'), '<!doctype html><script type="module" src="./page.js"></script>');
const server = await serve(site);
const browser = await chromium.launch({ executablePath: provideChromium(), args: [...BENCH_ARGS] });
try {
  const parts = {
    fullSpeed: measureFullSpeed,
    worker: () => measureWorker(1),
    throttledWorker: () => measureWorker(4),
    memory: () => measureMemory(Number(options.frames)),
    recognizers: measureSeveral,
  };
  const report: Record<string, unknown> = options.only
    ? JSON.parse(readFileSync(options.out, 'utf8'))
    : { machine: { cpu: os.cpus()[0]?.model, cores: os.cpus().length }, seconds };
  for (const [name, measure] of Object.entries(parts)) {
    if (!options.only || options.only === name) report[name] = await measure();
  }
  console.log(JSON.stringify(report, null, 1));
  mkdirSync(path.dirname(options.out), { recursive: true });
  writeFileSync(options.out, `${JSON.stringify(report, null, 1)}\n`);
} finally {
  await browser.close();
  await server.close();
}

async function open(): Promise<{ page: Page; session: CDPSession }> {
  const page = await browser.newPage();
  await page.goto(server.url);
  await page.waitForFunction(() => 'steady' in window);
  return { page, session: await page.context().newCDPSession(page) };
}

declare const window: { readonly steady: SteadyPage };

async function measureFullSpeed() {
  const { page } = await open();
  await page.evaluate(() => window.steady.open({}));
  const { count, longTasks } = await page.evaluate((time) => window.steady.run(time, 0), seconds);
  await page.close();
  return { perSecond: round(count / seconds), longTasks };
}

async function measureWorker(slower: number) {
  const { page, session } = await open();
  await session.send('Performance.enable');
  await page.evaluate(() => window.steady.open({ worker: true }));
  await session.send('Emulation.setCPUThrottlingRate', { rate: slower });
  const busy = async (work: () => Promise<unknown>): Promise<number> => {
    const before = await taskSeconds(session);
    await work();
    return (await taskSeconds(session)) - before;
  };
  const idle = await busy(() => page.evaluate((time) => window.steady.play(time), seconds / 3));
  let result = { count: 0, longTasks: [] as number[], gaps: [] as number[] };
  const taken = await busy(async () => {
    result = await page.evaluate((time) => window.steady.run(time, 30), seconds);
  });
  const own = taken - idle * 3;
  await page.close();
  return {
    perSecond: round(result.count / seconds),
    mainThreadMsAFrame: round((own * 1000) / result.count),
    mainThreadShare: round(own / seconds),
    longTasks: result.longTasks,
    animationFrameGapsMs: spread(result.gaps),
  };
}

/** Seconds that the page's main thread has spent in tasks. */
async function taskSeconds(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN;
}

async function measureMemory(frames: number) {
  const { page, session } = await open();
  await page.evaluate(() => window.steady.open({}));
  const look = async (count: number): Promise<{ heap: number; wasm: number }> => {
    await page.evaluate((count) => window.steady.classify(count), Math.round(count));
    await session.send('HeapProfiler.collectGarbage');
    const { usedSize } = await session.send('Runtime.getHeapUsage');
    return { heap: usedSize, wasm: await page.evaluate(() => window.steady.wasmBytes()) };
  };
  for (let i = 0; i < POINTS; i++) await look(WARM_UP / POINTS);
  const points: { frame: number; heap: number; wasm: number }[] = [];
  for (let i = 1; i <= POINTS; i++) {
    points.push({ frame: Math.round((i * frames) / POINTS), ...(await look(frames / POINTS)) });
  }
  await page.close();
  const of = (key: 'heap' | 'wasm') => slope(points.map((point) => [point.frame, point[key]] as const));
  return { warmUp: WARM_UP, frames, heapBytesAFrame: of('heap'), wasmBytesAFrame: of('wasm'), points };
}

async function measureSeveral() {
  const found = [];
  for (const count of [1, 2, 4]) {
    const { page } = await open();
    await page.evaluate(() => window.steady.open({}));
    const times = await page.evaluate((count) => window.steady.several(count, 100), count);
    const wasm = await page.evaluate(() => window.steady.wasmBytes());
    found.push({ count, msAClassification: spread(times), wasmBytes: wasm });
    await page.close();
  }
  return found;
}

/** Least-squares slope and its standard error. */
function slope(points: readonly (readonly [number, number])[]): { slope: number; standardError: number } {
  const n = points.length;
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / n;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / n;
  const spreadX = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  const b = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / spreadX;
  const rest = points.reduce((sum, [x, y]) => sum + (y - meanY - b * (x - meanX)) ** 2, 0);
  return { slope: round(b), standardError: round(Math.sqrt(rest / (n - 2) / spreadX)) };
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
