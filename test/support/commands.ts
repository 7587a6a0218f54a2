import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { BrowserCommand } from 'vitest/node';
import { type DevImage, devImages } from './shared-data.ts';

/** What tests in the browser may ask of Node, through `commands` of `vitest/browser`. */
export const commands = {
  /** Pictures of the dev split evenly over it, or `null` where the data is not on this machine. */
  devImages: ((_, count) => devImages(count)) satisfies BrowserCommand<[count: number]>,
  /** A file of the repository as base64; the page's own `fetch` may be what a test takes away. */
  readRepositoryFile: ((_, file) =>
    readFileSync(path.resolve(import.meta.dirname, '../..', file)).toString('base64')) satisfies BrowserCommand<
    [file: string]
  >,
  hasFile: ((_, file) => existsSync(file)) satisfies BrowserCommand<[file: string]>,
};

declare module 'vitest/browser' {
  interface BrowserCommands {
    devImages(count: number): Promise<DevImage[] | null>;
    readRepositoryFile(file: string): Promise<string>;
    hasFile(file: string): Promise<boolean>;
  }
}
