import type { Summer } from './summer';
import { LANES, type Taps } from './taps';

/** In plain JavaScript, for every place and picture. */
export const PLAIN: Summer = {
  reserve: (length) => new Uint8Array(length),
  openPlane({ data, offset, stride, step, columns, rows }) {
    const sums = makeSums(columns, step);
    const from = offset + columns.low * step;
    return {
      sumRows: (y) => sumRows(data, from, stride, rows, y, columns.span * step, sums),
      sumColumns: (which, result) => sumColumns(sums, columns, step, which, result),
    };
  },
  openPixels({ data, width }, { columns, rows }) {
    const words = overBlack(toWords(data), width, columns, rows);
    const sums = makeSums(columns, 3);
    return {
      writeRow(y, mirror, result) {
        sumPixelRows(words, columns.low, width, rows, y, columns.span, sums);
        writePixels(sums, columns, mirror, result, y * columns.first.length * 4);
      },
    };
  },
};

/** The pixels, a word each: red lowest, as on every machine that runs browsers. */
function toWords(data: Uint8Array | Uint8ClampedArray): Int32Array {
  const { buffer, byteOffset, length } = data.byteOffset % 4 === 0 ? data : new Uint8Array(data);
  return new Int32Array(buffer, byteOffset, length / 4);
}

/** The pixels, or where one that is read is not opaque, a copy: as bright as they are opaque. */
function overBlack(words: Int32Array, width: number, columns: Taps, rows: Taps): Int32Array {
  let all = -1;
  for (let y = rows.low; y < rows.low + rows.span; y++) {
    const end = y * width + columns.low + columns.span;
    for (let i = end - columns.span; i < end; i++) all &= words[i] as number;
  }
  if (all >>> 24 === 255) return words;
  const result = words.slice();
  const bytes = new Uint8ClampedArray(result.buffer);
  for (let i = 0; i < bytes.length; i += 4) {
    const opacity = (bytes[i + 3] as number) / 255;
    for (let c = i; c < i + 3; c++) bytes[c] = (bytes[c] as number) * opacity;
  }
  return result;
}

/** Room for a row of `step` numbers a sample, as {@link sumRows} writes it and {@link sumColumns} reads it. */
function makeSums(columns: Taps, step: number): Int32Array {
  return new Int32Array((columns.span + LANES) * step);
}

// Sums of rows lose six of the weights' 14 bits, so that a second multiplication stays below 2³¹; at the end that is a
// 256th of a byte. The same numbers are in src/kernels/resize.ts.
const ROW_SHIFT = 6;
const SHIFT = 14 + 14 - ROW_SHIFT;
const HALF = 1 << (SHIFT - 1);

/**
 * Resizes bytes along y: `sums` becomes the weighted sum of the rows that row `y` of the result is made of. Down first,
 * then across, because neighbours in a row then are neighbours in memory: the long loop is what takes the time.
 *
 * @param from - where in `data` the first byte of row 0 is
 * @param stride - from there to the same byte of row 1
 * @param length - bytes a row
 */
function sumRows(
  data: Uint8Array,
  from: number,
  stride: number,
  rows: Taps,
  y: number,
  length: number,
  sums: Int32Array,
): void {
  sums.fill(0);
  for (let k = 0; k < (rows.count[y] as number); k += LANES) {
    const [a, b, c, d] = placeRows(rows, y, k, from, stride);
    const [w0, w1, w2, w3] = weightsOf(rows, y, k);
    for (let x = 0; x < length; x++) {
      const sum =
        Math.imul(w0, data[a + x] as number) +
        Math.imul(w1, data[b + x] as number) +
        Math.imul(w2, data[c + x] as number) +
        Math.imul(w3, data[d + x] as number);
      sums[x] = ((sums[x] as number) + (sum >> ROW_SHIFT)) | 0;
    }
  }
}

/** As {@link sumRows}, for the red, green and blue of pixels that are a word each. */
function sumPixelRows(
  words: Int32Array,
  from: number,
  stride: number,
  rows: Taps,
  y: number,
  length: number,
  sums: Int32Array,
): void {
  sums.fill(0);
  for (let k = 0; k < (rows.count[y] as number); k += LANES) {
    const [a, b, c, d] = placeRows(rows, y, k, from, stride);
    const [w0, w1, w2, w3] = weightsOf(rows, y, k);
    for (let x = 0, to = 0; x < length; x++, to += 3) {
      const p = words[a + x] as number;
      const q = words[b + x] as number;
      const r = words[c + x] as number;
      const s = words[d + x] as number;
      sums[to] =
        ((sums[to] as number) +
          ((Math.imul(w0, p & 255) + Math.imul(w1, q & 255) + Math.imul(w2, r & 255) + Math.imul(w3, s & 255)) >>
            ROW_SHIFT)) |
        0;
      sums[to + 1] =
        ((sums[to + 1] as number) +
          ((Math.imul(w0, (p >> 8) & 255) +
            Math.imul(w1, (q >> 8) & 255) +
            Math.imul(w2, (r >> 8) & 255) +
            Math.imul(w3, (s >> 8) & 255)) >>
            ROW_SHIFT)) |
        0;
      sums[to + 2] =
        ((sums[to + 2] as number) +
          ((Math.imul(w0, (p >> 16) & 255) +
            Math.imul(w1, (q >> 16) & 255) +
            Math.imul(w2, (r >> 16) & 255) +
            Math.imul(w3, (s >> 16) & 255)) >>
            ROW_SHIFT)) |
        0;
    }
  }
}

/** Where the four rows from the `k`-th of row `y` on begin; those that are too many are the first again. */
function placeRows(
  { first, count }: Taps,
  y: number,
  k: number,
  from: number,
  stride: number,
): [number, number, number, number] {
  const a = from + ((first[y] as number) + k) * stride;
  const more = (count[y] as number) - k;
  return [a, more > 1 ? a + stride : a, more > 2 ? a + 2 * stride : a, more > 3 ? a + 3 * stride : a];
}

function weightsOf({ weights, most }: Taps, i: number, k: number): [number, number, number, number] {
  const at = i * most + k;
  return [weights[at] as number, weights[at + 1] as number, weights[at + 2] as number, weights[at + 3] as number];
}

/**
 * Resizes along x what {@link sumRows} gave, which begins at `columns.low`.
 *
 * @param step - numbers a sample
 * @param shift - which of them is read
 * @param result - gets a number for each result pixel
 */
function sumColumns(
  sums: Int32Array,
  { first, count, weights, most, low }: Taps,
  step: number,
  shift: number,
  result: Float32Array,
): void {
  for (let x = 0; x < result.length; x++) {
    let sum = 0;
    let from = ((first[x] as number) - low) * step + shift;
    const end = x * most + (count[x] as number);
    for (let k = x * most; k < end; k += LANES, from += LANES * step) {
      sum =
        (sum +
          Math.imul(weights[k] as number, sums[from] as number) +
          Math.imul(weights[k + 1] as number, sums[from + step] as number) +
          Math.imul(weights[k + 2] as number, sums[from + 2 * step] as number) +
          Math.imul(weights[k + 3] as number, sums[from + 3 * step] as number)) |
        0;
    }
    result[x] = sum / (1 << SHIFT);
  }
}

/** As {@link sumColumns}, to a row of RGBA bytes. */
function writePixels(
  sums: Int32Array,
  { first, count, weights, most, low }: Taps,
  mirror: boolean,
  result: Uint8ClampedArray,
  at: number,
): void {
  const size = first.length;
  for (let x = 0; x < size; x++) {
    let [red, green, blue] = [0, 0, 0];
    let from = ((first[x] as number) - low) * 3;
    const end = x * most + (count[x] as number);
    for (let k = x * most; k < end; k += LANES, from += LANES * 3) {
      const [w0, w1] = [weights[k] as number, weights[k + 1] as number];
      const [w2, w3] = [weights[k + 2] as number, weights[k + 3] as number];
      red =
        (red +
          Math.imul(w0, sums[from] as number) +
          Math.imul(w1, sums[from + 3] as number) +
          Math.imul(w2, sums[from + 6] as number) +
          Math.imul(w3, sums[from + 9] as number)) |
        0;
      green =
        (green +
          Math.imul(w0, sums[from + 1] as number) +
          Math.imul(w1, sums[from + 4] as number) +
          Math.imul(w2, sums[from + 7] as number) +
          Math.imul(w3, sums[from + 10] as number)) |
        0;
      blue =
        (blue +
          Math.imul(w0, sums[from + 2] as number) +
          Math.imul(w1, sums[from + 5] as number) +
          Math.imul(w2, sums[from + 8] as number) +
          Math.imul(w3, sums[from + 11] as number)) |
        0;
    }
    const to = at + (mirror ? size - 1 - x : x) * 4;
    result[to] = (red + HALF) >> SHIFT;
    result[to + 1] = (green + HALF) >> SHIFT;
    result[to + 2] = (blue + HALF) >> SHIFT;
    result[to + 3] = 255;
  }
}
