import type { AssetOverrides } from '../../options';

/** A thread that computes with us. */
export interface Helper {
  /** Lets it serve with the kernels on shared memory, from now until it is ended. Rejects if it cannot. */
  serve(task: HelperTask): Promise<void>;
  end(): void;
}

/** What a helper needs to know. */
export interface HelperTask {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** Its number; the thread that leads is 0. */
  readonly thread: number;
}

/** What threads are started with, where the caller wants them. */
export interface ThreadsWish {
  readonly assets: AssetOverrides | undefined;
  readonly signal: AbortSignal;
}

// More threads than that wait for each other longer than they compute.
const MOST_THREADS = 4;

/** How many threads a machine of so many processors shall have, or why there is one. */
export function planThreads(processors: number): number | string {
  return processors > 1 ? Math.min(processors, MOST_THREADS) : 'there is only one processor';
}
