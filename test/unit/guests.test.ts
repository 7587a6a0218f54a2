import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import * as core from '@tensorflow/tfjs-core';
import { describe, it } from 'vitest';
import { guestFolders, shareAPage, stayLevel, visit } from '../support/guests';
import { watchWasm } from '../support/wasm-watch';

core.env().set('PROD', true);

describe("a guest beside an app's own tfjs in Node", () => {
  for (const [kind, folder] of Object.entries(guestFolders())) {
    for (const backend of ['wasm', 'cpu'] as const) {
      for (const [app, other] of [
        ['cpu', 'wasm'],
        ['wasm', 'cpu'],
      ] as const) {
        it(`goes unnoticed: ${kind} on ${backend}, app on ${app}`, () =>
          visit(core, folder, backend, app, [other, app]));
      }
    }
  }

  it('shares the process with recognisers on other backends, and with one that is disposed of', () =>
    shareAPage(['wasm', 'cpu']));

  it('does not grow with frames of the fallback', async () => {
    const watch = watchWasm();
    await stayLevel('wasm', () => watch.heapBytes());
    watch.restore();
  });
});
