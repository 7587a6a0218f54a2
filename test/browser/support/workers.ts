import { vi } from 'vitest';

/** From now on, the workers that are made, and what ends them as the browser does when one runs out of memory. */
export function watchWorkers(): { crash(): void; made(): number; running(): number } {
  const workers: Worker[] = [];
  const ended = new Set<Worker>();
  class Watched extends Worker {
    constructor(...args: ConstructorParameters<typeof Worker>) {
      super(...args);
      workers.push(this);
    }
    override terminate(): void {
      ended.add(this);
      super.terminate();
    }
  }
  vi.stubGlobal('Worker', Watched);
  return {
    made: () => workers.length,
    running: () => workers.filter((worker) => !ended.has(worker)).length,
    crash() {
      for (const worker of workers) {
        worker.dispatchEvent(new ErrorEvent('error', { message: 'out of memory', cancelable: true }));
      }
    },
  };
}
