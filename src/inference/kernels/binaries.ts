// A file of its own in the package, which all builds load on demand.
export { relaxed, simd } from '#kernels';
