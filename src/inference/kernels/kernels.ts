import type { Plan } from '../plan';
import { compileKernels } from './code';
import { ALONE, openCrew } from './crew';
import type { ThreadsWish } from './helper';
import { KernelRunner } from './runner';

/** Kernels of our own, ready for a network. */
export interface Kernels {
  start(plan: Plan): Promise<KernelRunner>;
  /** Ends the threads. */
  release(): void;
}

/**
 * Compiles the kernels and starts threads where they are wanted.
 *
 * @returns `null` where WebAssembly has no SIMD
 */
export async function openKernels(wish: ThreadsWish | null): Promise<Kernels | null> {
  const crew = wish ? await openCrew(wish) : ALONE;
  const release = (): void => {
    for (const helper of crew.helpers) helper.end();
  };
  try {
    const module = await compileKernels(crew.helpers.length > 0);
    if (module) return { start: (plan) => KernelRunner.create(plan, module, crew), release };
  } catch (error) {
    release();
    throw error;
  }
  release();
  return null;
}
