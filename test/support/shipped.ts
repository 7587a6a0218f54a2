import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { ModelFiles } from 'asl-fingerspell';

const folder = path.resolve(import.meta.dirname, '../../model');

/** The shipped model folder as files (in Node). */
export function shippedFiles(): ModelFiles {
  const json = (name: string): object => JSON.parse(readFileSync(path.join(folder, name), 'utf8'));
  const bytes = readFileSync(path.join(folder, 'group1-shard1of1.bin'));
  return {
    modelJson: json('model.json'),
    metadata: json('metadata.json'),
    weights: [bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)],
  };
}
