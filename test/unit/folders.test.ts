import * as core from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import '@tensorflow/tfjs-backend-cpu';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allFolders, compareFolder, printTable, type Row } from '../support/folder-table';

beforeAll(async () => {
  await core.setBackend('cpu');
  core.env().set('PROD', true);
});

describe('any Layers folder in Node', () => {
  const rows: Row[] = [];
  afterAll(() => printTable('Node', rows));

  for (const folder of allFolders()) {
    it(`gives what tfjs-layers gives: ${folder.name}`, async () => {
      rows.push(await compareFolder(core, layers, folder, ['wasm', 'cpu']));
      expect(core.getBackend()).toBe('cpu');
    });
  }
});
