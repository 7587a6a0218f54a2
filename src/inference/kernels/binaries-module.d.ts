/** What scripts/kernels-plugin.mjs makes of src/kernels: WebAssembly binaries in base64. */
declare module '#kernels' {
  export const simd: string;
  export const relaxed: string;
}
