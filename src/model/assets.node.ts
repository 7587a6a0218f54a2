import * as fs from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import type { PackageAssets } from './fetch';
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

/** Node's fetch knows no `file:` URLs. */
export const readFile: ((url: URL, signal: AbortSignal) => Promise<Uint8Array>) | null = (url, signal) =>
  fs.readFile(url, { signal });
