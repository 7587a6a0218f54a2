import os from 'node:os';
import { Worker } from 'node:worker_threads';
import { type Helper, type HelperTask, planThreads } from './helper';

// A text, because a file of its own would have to be found from every build; and one that is right as a module as well,
// which Node takes it for under `--input-type=module`.
const SCRIPT = `import('node:worker_threads').then(({ parentPort }) => {
  parentPort.once('message', async ({ module, memory, thread }) => {
    const { exports } = await WebAssembly.instantiate(module, { env: { memory } });
    parentPort.postMessage('serving');
    exports.serve(thread);
  });
  parentPort.postMessage('ready');
});`;

export function countThreads(): number | string {
  return planThreads(os.availableParallelism());
}

export async function openHelper(): Promise<Helper> {
  const worker = new Worker(SCRIPT, { eval: true, execArgv: [] });
  // A recogniser that is not disposed of does not keep the process alive.
  worker.unref();
  const answer = (): Promise<void> =>
    new Promise((resolve, reject) => {
      worker.once('message', () => resolve());
      // An error that nobody hears would end the process.
      worker.on('error', reject);
    });
  await answer();
  return {
    serve(task: HelperTask) {
      const serving = answer();
      worker.postMessage(task);
      return serving;
    },
    end: () => void worker.terminate(),
  };
}
