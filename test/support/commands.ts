import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PNG } from 'pngjs';
import type { BrowserCommand } from 'vitest/node';
import { bundleOldTfjs } from './old-tfjs.ts';
import { type DevImage, devImages } from './shared-data.ts';

/** What tests in the browser may ask of Node, through `commands` of `vitest/browser`. */
export const commands = {
  /** Pictures of letters spread evenly over the dev split, or `null` where the data is not on this machine. */
  devImages: ((_, count) => devImages(count)) satisfies BrowserCommand<[count: number]>,
  /** The script of axe-core, or `null` where it is not installed. */
  axeCore: (() => readFile('node_modules/axe-core/axe.min.js', 'utf8').catch(() => null)) satisfies BrowserCommand<[]>,
  /** An old tfjs for the page: the addresses of its module and of its `.wasm` files. */
  oldTfjs: (() => bundleOldTfjs()) satisfies BrowserCommand<[]>,
  /** Serves a picture from another origin, without CORS headers; resolves with its address. */
  serveForeignPicture: (async () => {
    const picture = PNG.sync.write(new PNG({ width: 8, height: 8 }));
    const server = createServer((_, response) => response.setHeader('content-type', 'image/png').end(picture));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    server.unref();
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/picture.png`;
  }) satisfies BrowserCommand<[]>,
};

declare module 'vitest/browser' {
  interface BrowserCommands {
    devImages(count: number): Promise<DevImage[] | null>;
    axeCore(): Promise<string | null>;
    oldTfjs(): Promise<{ readonly module: string; readonly wasm: string }>;
    serveForeignPicture(): Promise<string>;
  }
}
