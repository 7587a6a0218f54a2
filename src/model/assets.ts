import type { PackageAssets, ReadFile } from './fetch';

/**
 * The package's files in a browser. Each is named by a whole literal URL, which is what bundlers look for: they copy
 * the file and put its new address here.
 */
export function packageAssets(): PackageAssets {
  return {
    weights: new URL('./model.bin', import.meta.url),
    wasmSimd: new URL('./tfjs-backend-wasm-simd.wasm', import.meta.url),
    wasm: new URL('./tfjs-backend-wasm.wasm', import.meta.url),
  };
}

/** Starts the package's worker: one whole literal, by which bundlers know a worker. */
export function createWorker(): Worker {
  return new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
}

/** What relative addresses that a caller gives are relative to. */
export function baseUrl(): string {
  return typeof document === 'undefined' ? self.location.href : document.baseURI;
}

/** Browsers read no files from disk. */
export const readFile: ReadFile | null = null;
