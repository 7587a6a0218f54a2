import type { PackageAssets, ReadFile } from './fetch';

/**
 * The package's files in our own worker, which is told all addresses by the page: a bundler that packs the worker need
 * not find any file through it.
 */
export function packageAssets(): PackageAssets {
  throw new Error('The page did not say where its files are.');
}

/** Workers start none of their own. */
export function createWorker(): Worker {
  throw new Error('This is the worker');
}

/** What relative addresses are relative to. */
export function baseUrl(): string {
  return self.location.href;
}

/** Browsers read no files from disk. */
export const readFile: ReadFile | null = null;
