import type { Helper } from './helper';
import { asHelper } from './helpers';

export { countThreads } from './helpers';

/** A worker starts its helpers from the script that it is. */
export async function openHelper(): Promise<Helper | string> {
  const worker = new Worker(self.location.href, { type: isModule() ? 'module' : 'classic' });
  return new Promise((resolve) => {
    worker.addEventListener('message', () => resolve(asHelper(worker)), { once: true });
    const onError = (event: ErrorEvent): void => {
      event.preventDefault();
      worker.terminate();
      resolve(`a helper could not be started (${event.message})`);
    };
    worker.addEventListener('error', onError, { once: true });
  });
}

/** Some bundlers make classic scripts of module workers; only those may import scripts, and be it none. */
function isModule(): boolean {
  try {
    (self as unknown as { importScripts(): void }).importScripts();
    return false;
  } catch {
    return true;
  }
}
