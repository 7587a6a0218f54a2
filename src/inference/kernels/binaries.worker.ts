/** What `#kernels` holds, from the page: so it is once in the package, and the worker's one file is smaller. */
export let relaxed = '';
export let simd = '';

export function setBinaries(binaries: { readonly relaxed: string; readonly simd: string }): void {
  ({ relaxed, simd } = binaries);
}
