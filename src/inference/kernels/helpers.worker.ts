import type { Helper } from './helper';
import { asHelper, nextMessage } from './helpers';

export { countThreads } from './helpers';

/** A worker starts its helpers from the script that it is. */
export async function openHelper(): Promise<Helper> {
  const worker = new Worker(self.location.href, { type: isModule() ? 'module' : 'classic' });
  await nextMessage(worker);
  return asHelper(worker);
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
