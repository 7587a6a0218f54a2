/** Whether WebAssembly may run here at all; a Content-Security-Policy without `wasm-unsafe-eval` forbids it. */
export async function isWasmAllowed(): Promise<boolean> {
  if (typeof WebAssembly !== 'object') return false;
  try {
    await WebAssembly.compile(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));
    return true;
  } catch {
    return false;
  }
}

/** Whether WebAssembly has 128-bit SIMD: asks for a function that splats a byte and counts bits. */
export function hasWasmSimd(): boolean {
  const probe = [
    0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
  ];
  return WebAssembly.validate(new Uint8Array(probe));
}
