import type { PixelData } from '../types';
import type { View } from './region';

/**
 * Crops, mirrors and resizes RGBA pixels without a canvas, for Node and for raw pixels everywhere.
 *
 * Each result pixel is the mean of the source area under it, transparent pixels over black. Where the picture is
 * enlarged, pixels in between are interpolated linearly. This is what browsers' `drawImage` comes close to with
 * `imageSmoothingQuality: 'high'`.
 *
 * @returns `size` × `size` RGBA bytes, opaque
 */
export function resample(source: PixelData, view: View, size: number, mirror: boolean): Uint8ClampedArray {
  const columns = weigh(view.square.x, view.square.side, view.rect.x, view.rect.width, source.width, size);
  const rows = weigh(view.square.y, view.square.side, view.rect.y, view.rect.height, source.height, size);
  const strips = squeezeColumns(source, columns, rows, size);
  const result = new Uint8ClampedArray(size * size * 4);
  for (let y = 0; y < size; y++) {
    const { first, weights } = rows[y] as Tap;
    for (let x = 0; x < size; x++) {
      let [r, g, b] = [0, 0, 0];
      for (let k = 0; k < weights.length; k++) {
        const at = ((first + k) * size + x) * 3;
        const w = weights[k] as number;
        r += w * (strips[at] as number);
        g += w * (strips[at + 1] as number);
        b += w * (strips[at + 2] as number);
      }
      const to = (y * size + (mirror ? size - 1 - x : x)) * 4;
      result[to] = r;
      result[to + 1] = g;
      result[to + 2] = b;
      result[to + 3] = 255;
    }
  }
  return result;
}

/** The source pixels that one result pixel is made of. Weights sum to less than 1 where it lies outside (black). */
interface Tap {
  readonly first: number;
  readonly weights: readonly number[];
}

/** For each of `size` result pixels along one axis: the source pixels and their weights. */
function weigh(
  from: number,
  length: number,
  visibleFrom: number,
  visibleLength: number,
  limit: number,
  size: number,
): Tap[] {
  const scale = length / size;
  // Half the width of the area under a result pixel; at least a pixel when the picture is enlarged (a linear filter).
  const radius = Math.max(scale, 1) / 2;
  const low = Math.max(0, visibleFrom);
  const high = Math.min(limit, visibleFrom + visibleLength);
  return Array.from({ length: size }, (_, i) => {
    const middle = from + (i + 0.5) * scale;
    const first = Math.max(0, Math.floor(middle - radius));
    const last = Math.min(limit - 1, Math.ceil(middle + radius) - 1);
    const share = coverage(middle - scale / 2, middle + scale / 2, low, high);
    const weights: number[] = [];
    let sum = 0;
    for (let p = first; p <= last; p++) {
      const w = Math.max(0, Math.min(p + 1, middle + radius, high) - Math.max(p, middle - radius, low));
      weights.push(w);
      sum += w;
    }
    if (sum === 0 || share === 0) return { first: 0, weights: [] };
    return { first, weights: weights.map((w) => (w / sum) * share) };
  });
}

/** The share of [from, to] that lies within [low, high]. */
function coverage(from: number, to: number, low: number, high: number): number {
  return Math.max(0, Math.min(to, high) - Math.max(from, low)) / (to - from);
}

/** Resizes along x the rows that are needed, to three floats a pixel. */
function squeezeColumns(source: PixelData, columns: readonly Tap[], rows: readonly Tap[], size: number): Float32Array {
  const { data, width, height } = source;
  const strips = new Float32Array(height * size * 3);
  const used = rows.filter((row) => row.weights.length > 0);
  const begin = Math.min(height, ...used.map((row) => row.first));
  const end = Math.max(0, ...used.map((row) => row.first + row.weights.length));
  for (let y = begin; y < end; y++) {
    for (let x = 0; x < size; x++) {
      const { first, weights } = columns[x] as Tap;
      let [r, g, b] = [0, 0, 0];
      for (let k = 0; k < weights.length; k++) {
        const from = (y * width + first + k) * 4;
        // Over black, a pixel is as bright as it is opaque.
        const w = ((weights[k] as number) * (data[from + 3] as number)) / 255;
        r += w * (data[from] as number);
        g += w * (data[from + 1] as number);
        b += w * (data[from + 2] as number);
      }
      const to = (y * size + x) * 3;
      strips[to] = r;
      strips[to + 1] = g;
      strips[to + 2] = b;
    }
  }
  return strips;
}
