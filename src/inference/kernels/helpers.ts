import { type Helper, type HelperTask, planThreads, type ThreadsWish } from './helper';

/** How many threads there shall be, or why there is one, in words. */
export function countThreads(): number | string {
  if (!globalThis.crossOriginIsolated) return 'the page is not cross-origin isolated';
  if (typeof SharedArrayBuffer === 'undefined') return 'the browser has no SharedArrayBuffer';
  return planThreads(navigator.hardwareConcurrency);
}

/** Starts the package's worker as a helper; or says why there is none. */
export async function openHelper({ assets, signal }: ThreadsWish): Promise<Helper | string> {
  const { startWorker } = await import('../../worker/start');
  const worker = await startWorker(assets, signal);
  return typeof worker === 'string' ? worker : asHelper(worker);
}

/** A worker that answers to the protocol of `src/worker`. */
export function asHelper(worker: Worker): Helper {
  return {
    async serve(task: HelperTask) {
      const serving = nextMessage(worker);
      worker.postMessage({ kind: 'help', task });
      await serving;
    },
    end: () => worker.terminate(),
  };
}

/** Resolves when the worker says something; ends it and rejects when it fails. */
export function nextMessage(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.addEventListener('message', () => resolve(), { once: true });
    const onError = (event: ErrorEvent): void => {
      event.preventDefault();
      worker.terminate();
      // The event of a script that did not come has no message.
      reject(new Error(event.message || 'its file is missing'));
    };
    worker.addEventListener('error', onError, { once: true });
  });
}
