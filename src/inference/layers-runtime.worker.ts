import { NOT_IN_A_WORKER } from './faults';
import type { Runner } from './run';

/**
 * The worker is one file, and tfjs-layers is in another one, which would have to be imported: bundlers do not allow that in
 * every kind of worker.
 */
export async function startLayersRunner(): Promise<Runner> {
  throw new Error(NOT_IN_A_WORKER);
}
