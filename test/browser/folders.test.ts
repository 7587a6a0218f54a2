import * as core from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import '@tensorflow/tfjs-backend-cpu';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ContextWatch, watchContexts } from '../support/context-watch';
import { allFolders, compareFolder } from '../support/folder-table';
import { printTable, type Row } from '../support/table';

let contexts: ContextWatch;
beforeAll(async () => {
  await core.setBackend('cpu');
});
beforeEach(() => {
  contexts = watchContexts();
});
afterEach(() => contexts.restore());

describe('any Layers folder in Chromium', () => {
  const rows: Row[] = [];
  afterAll(() => printTable('largest difference in probability to tfjs-layers, Chromium', 'folder', rows));

  for (const folder of allFolders()) {
    it(`gives what tfjs-layers gives: ${folder.name}`, async () => {
      rows.push(await compareFolder(core, layers, folder, ['wasm', 'webgl']));
      expect(core.getBackend()).toBe('cpu');
      expect(contexts.alive()).toHaveLength(0);
    });
  }
});
