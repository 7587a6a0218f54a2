import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import * as core from '@tensorflow/tfjs-core';
import { describe, it } from 'vitest';
import { describeVisits } from '../support/guest-table';
import { shareAPage, stayLevel } from '../support/guests';
import { watchWasm } from '../support/wasm-watch';

core.env().set('PROD', true);

describe("a guest beside an app's own tfjs in Node", () => {
  describeVisits('tfjs 4.22', () => core, ['wasm', 'cpu'], ['cpu', 'wasm']);

  it('shares the process with recognisers on other backends, and with one that is disposed of', () =>
    shareAPage(['wasm', 'cpu']));

  it('does not grow with frames of the fallback', async () => {
    const watch = watchWasm();
    await stayLevel('wasm', () => watch.heapBytes());
    watch.restore();
  });
});
