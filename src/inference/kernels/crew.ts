import { countThreads, openHelper } from '#helpers';
import { describeError } from '../../errors';
import type { Helper, ThreadsWish } from './helper';

/** The threads that compute beside the one that leads. */
export interface Crew {
  readonly helpers: readonly Helper[];
  /** Why there are no more, in words. */
  readonly whyAlone: string | null;
}

/** Nobody, as nobody was asked for. */
export const ALONE: Crew = { helpers: [], whyAlone: null };

/** Starts as many as the machine has processors for; whoever opened them ends them. */
export async function openCrew(wish: ThreadsWish): Promise<Crew> {
  const threads = countThreads();
  if (typeof threads === 'string') return { helpers: [], whyAlone: threads };
  const opened = await Promise.all(
    Array.from({ length: threads - 1 }, () =>
      openHelper(wish).catch((error) => `a thread could not be started (${describeError(error)})`),
    ),
  );
  const helpers = opened.filter((helper) => typeof helper !== 'string');
  const problem = opened.find((helper) => typeof helper === 'string') ?? null;
  return { helpers, whyAlone: problem };
}
