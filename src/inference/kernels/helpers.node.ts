import os from 'node:os';
import { Worker } from 'node:worker_threads';
import { type Helper, type HelperTask, planThreads } from './helper';

// A text, because a file of its own would have to be found from every build.
const SCRIPT = `
  const { parentPort } = require('node:worker_threads');
  parentPort.once('message', async ({ module, memory, thread }) => {
    const { exports } = await WebAssembly.instantiate(module, { env: { memory } });
    parentPort.postMessage(null);
    exports.serve(thread);
  });`;

export function countThreads(): number | string {
  return planThreads(os.availableParallelism());
}

export async function openHelper(): Promise<Helper | string> {
  const worker = new Worker(SCRIPT, { eval: true });
  // A recogniser that is not disposed of does not keep the process alive.
  worker.unref();
  return {
    serve: (task: HelperTask) =>
      new Promise((resolve, reject) => {
        worker.once('message', () => resolve());
        worker.once('error', reject);
        worker.postMessage(task);
      }),
    end: () => void worker.terminate(),
  };
}
