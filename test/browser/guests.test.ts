import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-webgl';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import * as core from '@tensorflow/tfjs-core';
import { FingerspellRecognizer } from 'asl-fingerspell';
import { beforeAll, describe, expect, it } from 'vitest';
import { watchContexts } from '../support/context-watch';
import { describeVisits } from '../support/guest-table';
import { guestFolders, shareAPage, stayLevel } from '../support/guests';
import { drawPicture } from '../support/pictures';

beforeAll(async () => {
  setWasmPaths('/node_modules/@tensorflow/tfjs-backend-wasm/dist/');
  await core.setBackend('cpu');
});

describe("a guest beside an app's own tfjs in Chromium", () => {
  describeVisits('tfjs 4.22', () => core, ['wasm', 'webgl'], ['cpu', 'wasm', 'webgl']);

  it('shares the page with recognisers on other backends, and with one that is disposed of', () =>
    shareAPage(['wasm', 'webgl', 'cpu']));

  it('does not grow with frames of the fallback, and frees its context', async () => {
    const contexts = watchContexts();
    await stayLevel('webgl', () => contexts.textures());
    expect(contexts.alive()).toHaveLength(0);
    contexts.restore();
  });

  it('survives the loss of its context with the fallback as with the plan', async () => {
    const contexts = watchContexts();
    const changes: string[] = [];
    const recognizer = await FingerspellRecognizer.load({
      model: guestFolders().fallback.files,
      backend: 'webgl',
      onBackendChange: ({ to }) => changes.push(to),
    });
    const picture = drawPicture(30, 30, 3);
    const { probabilities } = await recognizer.classify(picture);
    const call = recognizer.classify(picture);
    for (const context of contexts.alive()) context.getExtension('WEBGL_lose_context')?.loseContext();
    for (const answer of [await call, await recognizer.classify(picture)]) {
      for (const [i, p] of answer.probabilities.entries()) expect(p).toBeCloseTo(probabilities[i] as number, 3);
    }
    expect(changes).toHaveLength(1);
    recognizer.dispose();
    expect(contexts.alive()).toHaveLength(0);
    contexts.restore();
  });
});
