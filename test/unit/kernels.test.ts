import { execFileSync } from 'node:child_process';
import os from 'node:os';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { FingerspellRecognizer } from 'asl-fingerspell';
import { describe, expect, it, vi } from 'vitest';
import { compileKernels } from '../../src/inference/kernels/code';
import { ALONE } from '../../src/inference/kernels/crew';
import { fuse } from '../../src/inference/kernels/fuse';
import { type HelperTask, planThreads } from '../../src/inference/kernels/helper';
import { openHelper } from '../../src/inference/kernels/helpers.node';
import { Control, Field, STEP_BYTES } from '../../src/kernels/fields';
import { faultOf } from '../support/errors';
import { compareWithNaive } from '../support/kernel-parity';
import { drawPicture } from '../support/pictures';
import { randomPlan } from '../support/random-plan';
import { shippedFiles } from '../support/shipped';
import { takeUncaught } from '../support/uncaught';

const PLANS = 200;
const SHARED_PLANS = 15;
const TOLERANCE = 1e-5;

describe('our kernels beside the definition of every step', () => {
  it(`compute the same in ${PLANS} networks of all steps and shapes`, async () => {
    const module = (await compileKernels(false)) as WebAssembly.Module;
    let worst = 0;
    const joined = { feed: 0, addend: 0 };
    for (let seed = 1; seed <= PLANS; seed++) {
      const plan = randomPlan(seed);
      for (const { feed, addend } of fuse(plan)) {
        if (feed) joined.feed++;
        if (addend !== null) joined.addend++;
      }
      const found = await compareWithNaive(plan, module, ALONE, seed);
      worst = Math.max(worst, found);
      expect(found, `network ${seed}`).toBeLessThan(TOLERANCE);
    }
    // Steps that are computed together are among them.
    expect(Math.min(joined.feed, joined.addend)).toBeGreaterThan(PLANS / 4);
    console.log(`largest relative difference of our kernels to plain loops: ${worst.toExponential(1)}`);
  }, 120_000);

  it(`compute the same with two to four threads in ${SHARED_PLANS} networks`, async () => {
    const module = (await compileKernels(true)) as WebAssembly.Module;
    const threads = watchThreads();
    for (let seed = 1; seed <= SHARED_PLANS; seed++) {
      const helpers = await Promise.all(Array.from({ length: 1 + (seed % 3) }, () => openHelper()));
      const crew = { helpers: helpers.filter((helper) => typeof helper !== 'string'), whyAlone: null };
      expect(await compareWithNaive(randomPlan(seed), module, crew, seed), `network ${seed}`).toBeLessThan(TOLERANCE);
      // They are let go, and need nobody who ends them.
      await vi.waitFor(() => expect(threads.running()).toBe(0), { timeout: 20_000 });
    }
    threads.stop();
  }, 120_000);
});

describe('threads: true in Node', () => {
  it('gives what one thread gives, frame after frame', async () => {
    const many = await FingerspellRecognizer.load({ threads: true });
    const one = await FingerspellRecognizer.load();
    expect(many.runtime.threads).toBeGreaterThanOrEqual(1);
    expect(many.runtime.reason.includes('on one thread')).toBe(many.runtime.threads === 1);
    expect(one.runtime.threads).toBe(1);
    for (let seed = 0; seed < 40; seed++) {
      const picture = drawPicture(64, 64, seed);
      const [a, b] = await Promise.all([many.classify(picture), one.classify(picture)]);
      expect(a.probabilities).toEqual(b.probabilities);
    }
    many.dispose();
    one.dispose();
  });

  it('has no more threads than help, and one where nobody knows of processors', () => {
    expect([undefined, Number.NaN, 1].map((count) => typeof planThreads(count as number))).toEqual(
      Array(3).fill('string'),
    );
    expect([2, 3, 4, 64].map(planThreads)).toEqual([2, 3, 4, 4]);
  });

  const deaths: [how: string, die: (memory: WebAssembly.Memory) => void][] = [
    // What a thread leaves that is gone before it counted itself out.
    ['before it is back', ({ buffer }) => void Atomics.add(new Int32Array(buffer), Control.Active / 4, 1)],
    ['with a part of a step in hand', takeParts],
  ];
  it.skipIf(os.availableParallelism() < 2).each(deaths)(
    'goes on with one thread when another one stops within a frame, %s',
    async (_, die) => {
      const changes: string[] = [];
      const threads = watchThreads();
      const mine = new Error('mine');
      const uncaught = takeUncaught();
      const tasks: HelperTask[] = [];
      const post = vi.spyOn(Worker.prototype, 'postMessage').mockImplementation(function (this: Worker, task) {
        tasks.push(task);
        post.mockRestore();
        this.postMessage(task);
      });
      const recognizer = await FingerspellRecognizer.load({
        threads: true,
        onBackendChange({ from, to, reason }) {
          changes.push(`${from} → ${to}: ${reason}`);
          throw mine;
        },
      });
      expect(recognizer.runtime.threads).toBeGreaterThan(1);
      const picture = drawPicture(64, 64, 1);
      const wanted = await recognizer.classify(picture);
      for (const { memory } of tasks) die(memory);
      while (changes.length === 0) {
        expect((await recognizer.classify(picture)).probabilities).toEqual(wanted.probabilities);
      }
      expect(changes).toEqual(['wasm → wasm: a thread stopped']);
      expect(await uncaught()).toEqual([mine]);
      expect(recognizer.runtime).toMatchObject({ threads: 1, reason: 'WebAssembly with SIMD: a thread stopped' });
      await vi.waitFor(() => expect(threads.running()).toBe(0), { timeout: 20_000 });
      threads.stop();
      recognizer.dispose();
    },
    // Until a thread is given up, the others count to two thousand million.
    120_000,
  );

  it.skipIf(os.availableParallelism() < 2)('ends its threads, whatever becomes of a load', async () => {
    const threads = watchThreads();
    const end = async (started: number) => {
      expect(threads.started()).toBeGreaterThan(started);
      await vi.waitFor(() => expect(threads.running()).toBe(0), { timeout: 20_000 });
    };
    const files = shippedFiles();
    // One fails while its threads are still to start, one when it is put on them.
    for (const part of [{ weights: [new ArrayBuffer(8)] }, { metadata: { ...files.metadata, hand_output: 0 } }]) {
      const started = threads.started();
      const model = { ...files, ...part };
      expect(await faultOf(() => FingerspellRecognizer.load({ threads: true, model }))).toBe('asset-invalid');
      await vi.waitFor(() => expect(threads.started()).toBeGreaterThan(started));
      await end(started);
    }
    // Between the steps of a load, and while its threads are told what to do.
    for (const moment of ['compile', 'help', 'warmup', 'ready']) {
      const started = threads.started();
      const controller = new AbortController();
      const post = vi.spyOn(Worker.prototype, 'postMessage').mockImplementation(function (this: Worker, task) {
        if (moment === 'help') controller.abort();
        post.mockRestore();
        this.postMessage(task);
      });
      const onProgress = ({ phase }: { phase: string }) => void (phase === moment && controller.abort());
      const options = { threads: true, signal: controller.signal, onProgress };
      expect(await faultOf(() => FingerspellRecognizer.load(options)), moment).toBe('aborted');
      await end(started);
      post.mockRestore();
    }
    threads.stop();
  });

  it('keeps no process alive that forgets to dispose', () => {
    const library = path.resolve('dist/node/index.js');
    const script = `import { FingerspellRecognizer } from ${JSON.stringify(library)};
      const { runtime } = await FingerspellRecognizer.load({ threads: true });
      console.log(runtime.backend);`;
    // What a program runs first is for its own thread, not for ours.
    const first = 'data:text/javascript,console.log("first")';
    const args = ['--import', first, '--input-type=module', '-e', script];
    const output = execFileSync(process.execPath, args, { timeout: 20_000 });
    expect(output.toString().trim()).toBe('first\nwasm');
  });

  it('rejects what is no option', async () => {
    for (const options of [
      { threads: 2 },
      { worker: 'yes' },
      { assets: '/folder/' },
      { backend: Object.create(null) },
    ]) {
      await expect(FingerspellRecognizer.load(options as never)).rejects.toMatchObject({ code: 'invalid-option' });
    }
  });
});

/** From now on a thread takes a part of the last step of every frame, and never does it; until all are let go. */
function takeParts(memory: WebAssembly.Memory): void {
  const words = new Int32Array(memory.buffer);
  const last = (words[Control.Steps / 4] as number) + ((words[Control.StepCount / 4] as number) - 1) * STEP_BYTES;
  const script = `const { words, frame, open, begun } = require('node:worker_threads').workerData;
    for (let seen = 0; Atomics.load(words, open) >= 0; ) {
      if (Atomics.load(words, frame) === seen) continue;
      seen = Atomics.load(words, frame);
      Atomics.add(words, begun, 1);
    }`;
  const [frame, open] = [Control.Frame / 4, Control.Open / 4];
  const workerData = { words, frame, open, begun: last / 4 + Field.Begun };
  new Worker(script, { eval: true, workerData }).unref();
}

/** Counts the threads that were started since it began, and those of them that still run. */
function watchThreads(): { started(): number; running(): number; stop(): void } {
  const { unref } = Worker.prototype;
  let [started, ended] = [0, 0];
  Worker.prototype.unref = function (this: Worker) {
    started++;
    this.once('exit', () => ended++);
    unref.call(this);
  };
  return {
    started: () => started,
    running: () => started - ended,
    stop() {
      Worker.prototype.unref = unref;
    },
  };
}
