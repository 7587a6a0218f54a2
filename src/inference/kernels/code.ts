// One compilation for all recognisers, by whether memory is shared.
const compiled = new Map<boolean, Promise<WebAssembly.Module | null>>();

/**
 * The kernels, compiled: with relaxed SIMD, where a product and a sum are one instruction, or with plain SIMD.
 *
 * @param isShared - whether they share their memory with other threads
 * @returns `null` where WebAssembly has no SIMD
 */
export function compileKernels(isShared: boolean): Promise<WebAssembly.Module | null> {
  const known = compiled.get(isShared) ?? compile(isShared);
  compiled.set(isShared, known);
  // A file that did not come this time may come the next.
  known.catch(() => compiled.delete(isShared));
  return known;
}

async function compile(isShared: boolean): Promise<WebAssembly.Module | null> {
  const { relaxed, simd } = await import('#binaries');
  return (await compileBinary(relaxed, isShared)) ?? (await compileBinary(simd, isShared));
}

/** One binary, in base64; `null` where its instructions are not known. */
export async function compileBinary(text: string, isShared: boolean): Promise<WebAssembly.Module | null> {
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  if (!isShared) unshare(bytes);
  return WebAssembly.validate(bytes) ? WebAssembly.compile(bytes) : null;
}

// `env`, `memory`, and that it is a memory, with its limits following.
const MEMORY_IMPORT = [3, 101, 110, 118, 6, 109, 101, 109, 111, 114, 121, 2];

/** Takes the flag from the import of memory that says that it is shared: the code is the same with both kinds. */
function unshare(bytes: Uint8Array): void {
  const at = bytes.findIndex((_, i) => MEMORY_IMPORT.every((byte, k) => bytes[i + k] === byte));
  bytes[at + MEMORY_IMPORT.length] = 1;
}
