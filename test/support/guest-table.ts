import type { BackendName } from 'asl-fingerspell';
import { afterAll, it } from 'vitest';
import { printTable, type Row } from './table';

type Core = typeof import('@tensorflow/tfjs-core');

/**
 * A test for each pair of our backend and the app's, with the plan and with the fallback, and a table of how far our
 * probabilities moved while both worked.
 *
 * @param app - the app's tfjs in words
 * @param load - gives the app's tfjs. The library is imported after the first call: which of two versions of tfjs-core
 * comes first makes the engine that both use
 */
export function describeVisits(
  app: string,
  load: () => Promise<Core> | Core,
  ours: readonly BackendName[],
  apps: readonly string[],
): void {
  const rows: Row[] = [];
  afterAll(() => printTable('largest change of our probabilities beside an app', 'app', rows));
  for (const theirs of apps) {
    const row: Row = { name: `${app}, on ${theirs}`, worst: {} };
    rows.push(row);
    for (const kind of ['plan', 'fallback'] as const) {
      for (const backend of ours) {
        it(`goes unnoticed: ${kind} on ${backend}, app on ${theirs}`, async () => {
          const core = await load();
          const { guestFolders, visit } = await import('./guests');
          row.worst[`${kind} ${backend}`] = await visit(core, guestFolders()[kind], backend, theirs, apps);
        });
      }
    }
  }
}
