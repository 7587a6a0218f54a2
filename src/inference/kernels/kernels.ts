import { KernelSummer } from '../../frame/kernel-summer';
import type { Summer } from '../../frame/summer';
import type { Plan } from '../plan';
import { compileKernels } from './code';
import { ALONE, openCrew } from './crew';
import type { ThreadsWish } from './helper';
import { KernelRunner } from './runner';

/** Kernels of our own, ready for a network. */
export interface Kernels {
  readonly start: (plan: Plan) => Promise<KernelRunner>;
  /** Resizes pictures with them. */
  readonly summer: Summer;
  /** Ends the threads. */
  readonly release: () => void;
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
    const [module, alone] = await Promise.all([compileKernels(crew.helpers.length > 0), compileKernels(false)]);
    if (module && alone) {
      const summer = new KernelSummer(alone);
      const start = (plan: Plan): Promise<KernelRunner> => KernelRunner.create(plan, module, crew);
      return {
        start,
        summer,
        release() {
          release();
          summer.dispose();
        },
      };
    }
  } catch (error) {
    release();
    throw error;
  }
  release();
  return null;
}
