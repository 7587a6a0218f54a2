/**
 * The addresses of the package's files that Node reads, beside the folder of this one. Each is written out, for programs
 * that collect what a server needs (`@vercel/nft`, Turbopack); as a template, for webpack, which would replace a plain
 * `new URL('…', import.meta.url)` by something that Node cannot read.
 */
export function packageFiles() {
  return {
    'model.json': new URL('../model.json', `${import.meta.url}`),
    'metadata.json': new URL('../metadata.json', `${import.meta.url}`),
    'model.bin': new URL('../model.bin', `${import.meta.url}`),
    'tfjs-backend-wasm-simd.wasm': new URL('../tfjs-backend-wasm-simd.wasm', `${import.meta.url}`),
    'tfjs-backend-wasm.wasm': new URL('../tfjs-backend-wasm.wasm', `${import.meta.url}`),
  };
}

/** The name of one of them. */
export type PackageFile = keyof ReturnType<typeof packageFiles>;
