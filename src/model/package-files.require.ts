import { pathToFileURL } from 'node:url';
import type { PackageFile } from './package-files';

/** Made anew, since a test runner that plays the browser (jsdom) has a `URL` of its own. */
const fileUrl = (path: string): URL => new URL(pathToFileURL(path).href);

/** The same as package-files.ts, in CommonJS. */
export function packageFiles(): Record<PackageFile, URL> {
  return {
    'model.json': fileUrl(`${__dirname}/../model.json`),
    'metadata.json': fileUrl(`${__dirname}/../metadata.json`),
    'model.bin': fileUrl(`${__dirname}/../model.bin`),
    'tfjs-backend-wasm-simd.wasm': fileUrl(`${__dirname}/../tfjs-backend-wasm-simd.wasm`),
    'tfjs-backend-wasm.wasm': fileUrl(`${__dirname}/../tfjs-backend-wasm.wasm`),
  };
}
