import * as fs from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import type { PackageAssets, ReadFile } from './fetch';
import { withPackageFile } from './package-file';
import type { PackageFile } from './package-files';

const inPackage = (name: PackageFile): URL => withPackageFile(name, (url) => url);

/** The package's files in Node: beside this file's folder. */
export function packageAssets(): PackageAssets {
  return {
    weights: inPackage('model.bin'),
    wasmSimd: inPackage('tfjs-backend-wasm-simd.wasm'),
    wasm: inPackage('tfjs-backend-wasm.wasm'),
  };
}

/** Node's worker threads have no canvas, and its one thread draws no page. */
export function createWorker(): Worker {
  throw new Error('Node has no web workers');
}

/** What relative addresses that a caller gives are relative to: the working folder. */
export function baseUrl(): string {
  return pathToFileURL(`${process.cwd()}/`).href;
}

/** Node's fetch knows no `file:` URLs. Devices and pipes, which a model.json may name as well, need not end. */
export const readFile: ReadFile | null = async (url, allowance, signal) => {
  const stats = await fs.stat(url);
  if (!stats.isFile()) throw new Error('it is not a file');
  return allowance.take(stats.size) ? fs.readFile(url, { signal }) : null;
};
