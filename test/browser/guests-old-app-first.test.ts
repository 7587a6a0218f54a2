import { describe, expect, it } from 'vitest';
import { commands } from 'vitest/browser';
import { describeVisits } from '../support/guest-table';

type OldTfjs = typeof import('@tensorflow/tfjs-core') & { setWasmPaths(folder: string): void };

describe("a guest beside an app's tfjs 3 in Chromium, which came first", () => {
  let opening: Promise<OldTfjs> | undefined;
  const open = async (): Promise<OldTfjs> => {
    const { module, wasm } = await commands.oldTfjs();
    const core = (await import(/* @vite-ignore */ module)) as OldTfjs;
    core.setWasmPaths(`${wasm}/`);
    return core;
  };
  const load = () => {
    opening ??= open();
    return opening;
  };
  it('is beside that version', async () => expect((await load()).version_core).toBe('3.21.0'), 240_000);

  describeVisits('tfjs 3.21, there first', load, ['wasm', 'webgl'], ['cpu', 'wasm', 'webgl']);
});
