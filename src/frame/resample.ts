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
  const { square, rect } = view;
  const columns = weigh(square.x, square.side, rect.x, rect.width, source.width, size);
  const rows = weigh(square.y, square.side, rect.y, rect.height, source.height, size);
  const result = new Uint8ClampedArray(size * size * 4);
  const squeeze = (row: number, strip: Float32Array): void => squeezeRow(source, row, columns, strip);
  stack(rows, size * 3, squeeze, (y, sums) => {
    for (let x = 0; x < size; x++) {
      const to = (y * size + (mirror ? size - 1 - x : x)) * 4;
      result[to] = sums[x * 3] as number;
      result[to + 1] = sums[x * 3 + 1] as number;
      result[to + 2] = sums[x * 3 + 2] as number;
      result[to + 3] = 255;
    }
  });
  return result;
}

/**
 * Resizes along y what `squeeze` has resized along x.
 *
 * @param squeeze - writes a row of the source to a strip of `length` numbers
 * @param take - gets each row of the result, in an array that the next one overwrites
 */
export function stack(
  rows: Taps,
  length: number,
  squeeze: (row: number, strip: Float32Array) => void,
  take: (y: number, sums: Float64Array) => void,
): void {
  const sums = new Float64Array(length);
  // Squeezed rows are kept as long as a result row may need them: few enough to stay in the processor's cache.
  const ring = Array.from({ length: rows.most }, () => new Float32Array(length));
  let squeezed = 0;
  for (let y = 0; y < rows.first.length; y++) {
    const first = rows.first[y] as number;
    const count = rows.count[y] as number;
    sums.fill(0);
    for (let k = 0; k < count; k++) {
      const row = first + k;
      const strip = ring[row % rows.most] as Float32Array;
      if (row >= squeezed) {
        squeeze(row, strip);
        squeezed = row + 1;
      }
      const w = rows.weights[y * rows.most + k] as number;
      for (let i = 0; i < length; i++) sums[i] = (sums[i] as number) + w * (strip[i] as number);
    }
    take(y, sums);
  }
}

/**
 * For each result pixel along one axis the source pixels that it is made of: `count[i]` of them from `first[i]` on,
 * with the weights from `weights[i * most]` on. They sum to less than 1 where it lies outside (black). `first` never
 * falls, but for pixels that are made of nothing.
 */
export interface Taps {
  readonly first: Int32Array;
  readonly count: Int32Array;
  readonly weights: Float64Array;
  readonly most: number;
}

/** What each result pixel along one axis is made of, when `length` px from `from` on become `size`. */
export function weigh(
  from: number,
  length: number,
  visibleFrom: number,
  visibleLength: number,
  limit: number,
  size: number,
): Taps {
  const scale = length / size;
  // Half the width of the area under a result pixel; at least a pixel when the picture is enlarged (a linear filter).
  const radius = Math.max(scale, 1) / 2;
  const low = Math.max(0, visibleFrom);
  const high = Math.min(limit, visibleFrom + visibleLength);
  const most = Math.min(limit, Math.ceil(2 * radius) + 2);
  const taps = {
    first: new Int32Array(size),
    count: new Int32Array(size),
    weights: new Float64Array(size * most),
    most,
  };
  for (let i = 0; i < size; i++) {
    const middle = from + (i + 0.5) * scale;
    const first = Math.max(0, Math.floor(middle - radius));
    const last = Math.min(limit - 1, Math.ceil(middle + radius) - 1);
    const share = coverage(middle - scale / 2, middle + scale / 2, low, high);
    let sum = 0;
    for (let p = first; p <= last; p++) {
      const w = Math.max(0, Math.min(p + 1, middle + radius, high) - Math.max(p, middle - radius, low));
      taps.weights[i * most + p - first] = w;
      sum += w;
    }
    if (sum === 0 || share === 0) continue;
    taps.first[i] = first;
    taps.count[i] = last - first + 1;
    for (let k = i * most; k < (i + 1) * most; k++) taps.weights[k] = ((taps.weights[k] as number) / sum) * share;
  }
  return taps;
}

/** The share of [from, to] that lies within [low, high]. */
function coverage(from: number, to: number, low: number, high: number): number {
  return Math.max(0, Math.min(to, high) - Math.max(from, low)) / (to - from);
}

/** Resizes one row of the source along x, to three floats a pixel. */
function squeezeRow({ data, width }: PixelData, y: number, columns: Taps, strip: Float32Array): void {
  const { first, count, weights, most } = columns;
  for (let x = 0; x < first.length; x++) {
    let r = 0;
    let g = 0;
    let b = 0;
    const end = x * most + (count[x] as number);
    let from = (y * width + (first[x] as number)) * 4;
    for (let k = x * most; k < end; k++) {
      // Over black, a pixel is as bright as it is opaque.
      const w = ((weights[k] as number) * (data[from + 3] as number)) / 255;
      r += w * (data[from] as number);
      g += w * (data[from + 1] as number);
      b += w * (data[from + 2] as number);
      from += 4;
    }
    strip[x * 3] = r;
    strip[x * 3 + 1] = g;
    strip[x * 3 + 2] = b;
  }
}
