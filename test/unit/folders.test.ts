import * as core from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import '@tensorflow/tfjs-backend-cpu';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allFolders, compareFolder } from '../support/folder-table';
import { printTable, type Row } from '../support/table';

beforeAll(async () => {
  await core.setBackend('cpu');
  core.env().set('PROD', true);
});

describe('any Layers folder in Node', () => {
  const rows: Row[] = [];
  afterAll(() => printTable('largest difference in probability to tfjs-layers, Node', 'folder', rows));

  for (const folder of allFolders()) {
    it(`gives what tfjs-layers gives: ${folder.name}`, async () => {
      rows.push(await compareFolder(core, layers, folder, ['wasm', 'cpu']));
      expect(core.getBackend()).toBe('cpu');
    });
  }
});
