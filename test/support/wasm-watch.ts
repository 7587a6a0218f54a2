/** Every WebAssembly instance that was started since the watch began. */
export interface WasmWatch {
  /** How many instances were started. */
  readonly started: number;
  /** Bytes of the memory of the newest one. */
  heapBytes(): number;
  restore(): void;
}

/** Watches `WebAssembly.instantiate`: what it makes is the only memory that WASM can leak. */
export function watchWasm(): WasmWatch {
  const original = WebAssembly.instantiate;
  const memories: WebAssembly.Memory[] = [];
  WebAssembly.instantiate = (async (source: BufferSource, imports: WebAssembly.Imports) => {
    // Of bytes come a module and an instance, of a module an instance alone.
    const result = (await original(source, imports)) as
      | WebAssembly.WebAssemblyInstantiatedSource
      | WebAssembly.Instance;
    const all = [
      ...Object.values('instance' in result ? result.instance.exports : result.exports),
      ...Object.values(imports).flatMap((group) => Object.values(group)),
    ];
    const memory = all.find((value) => value instanceof WebAssembly.Memory);
    if (memory) memories.push(memory as WebAssembly.Memory);
    return result;
  }) as typeof WebAssembly.instantiate;
  return {
    get started() {
      return memories.length;
    },
    heapBytes: () => memories.at(-1)?.buffer.byteLength ?? 0,
    restore() {
      WebAssembly.instantiate = original;
    },
  };
}
