import { vi } from 'vitest';

/** From now on, the workers that are made, and what ends them as the browser does when one runs out of memory. */
export function watchWorkers(): { crash(): void } {
  const workers: Worker[] = [];
  class Watched extends Worker {
    constructor(...args: ConstructorParameters<typeof Worker>) {
      super(...args);
      workers.push(this);
    }
  }
  vi.stubGlobal('Worker', Watched);
  return {
    crash() {
      for (const worker of workers) {
        worker.dispatchEvent(new ErrorEvent('error', { message: 'out of memory', cancelable: true }));
      }
    },
  };
}
