// Bytes of pictures, resized in whole numbers exactly as src/frame/plain-summer.ts does it.

const ROW_SHIFT: i32 = 6;
const SHIFT: i32 = 22;

/** Weighted sums of `count` rows of bytes, of which the first is at `from`; see `sumRows` there. */
export function sumRows(from: usize, stride: usize, count: i32, weights: usize, length: usize, sums: usize): void {
  for (let x: usize = 0; x < length; x += 8) {
    let low = i32x4.splat(0);
    let high = low;
    let row = from + x;
    for (let k = 0; k < count; k += 4) {
      const more = count - k;
      const w = weights + (<usize>k << 2);
      // Those that are too many are the first again, without weight.
      const a = v128.load8x8_u(row);
      const b = v128.load8x8_u(row + (more > 1 ? stride : 0));
      const c = v128.load8x8_u(row + (more > 2 ? stride * 2 : 0));
      const d = v128.load8x8_u(row + (more > 3 ? stride * 3 : 0));
      const w01 = i32x4.splat(load<i32>(w) | (load<i32>(w, 4) << 16));
      const w23 = i32x4.splat(load<i32>(w, 8) | (load<i32>(w, 12) << 16));
      let sum = i32x4.dot_i16x8_s(v128.shuffle<i16>(a, b, 0, 8, 1, 9, 2, 10, 3, 11), w01);
      sum = i32x4.add(sum, i32x4.dot_i16x8_s(v128.shuffle<i16>(c, d, 0, 8, 1, 9, 2, 10, 3, 11), w23));
      low = i32x4.add(low, i32x4.shr_s(sum, ROW_SHIFT));
      sum = i32x4.dot_i16x8_s(v128.shuffle<i16>(a, b, 4, 12, 5, 13, 6, 14, 7, 15), w01);
      sum = i32x4.add(sum, i32x4.dot_i16x8_s(v128.shuffle<i16>(c, d, 4, 12, 5, 13, 6, 14, 7, 15), w23));
      high = i32x4.add(high, i32x4.shr_s(sum, ROW_SHIFT));
      row += stride * 4;
    }
    const to = sums + (x << 2);
    v128.store(to, low);
    v128.store(to, high, 16);
  }
}

/**
 * Weighted sums across, of samples of one number or (`isPair`) two, of which the first or the second is read.
 *
 * @param taps - for each of `size` results: where its first sample is, how many there are, both counted in samples
 * @param most - weights a result
 */
export function sumColumns(
  sums: usize,
  taps: usize,
  size: i32,
  weights: usize,
  most: usize,
  isPair: bool,
  isSecond: bool,
  result: usize,
): void {
  const scale: f32 = 1 / <f32>(1 << SHIFT);
  for (let x = 0; x < size; x++) {
    let from = sums + (<usize>load<i32>(taps) << (isPair ? 3 : 2));
    const count = load<i32>(taps, 4);
    let all = i32x4.splat(0);
    for (let k = 0; k < count; k += 4) {
      let samples = v128.load(from);
      if (isPair) {
        const others = v128.load(from, 16);
        samples = isSecond
          ? v128.shuffle<i32>(samples, others, 1, 3, 5, 7)
          : v128.shuffle<i32>(samples, others, 0, 2, 4, 6);
        from += 16;
      }
      all = i32x4.add(all, i32x4.mul(samples, v128.load(weights + (<usize>k << 2))));
      from += 16;
    }
    all = i32x4.add(all, v128.shuffle<i32>(all, all, 2, 3, 0, 1));
    all = i32x4.add(all, v128.shuffle<i32>(all, all, 1, 0, 3, 2));
    store<f32>(result + (<usize>x << 2), <f32>i32x4.extract_lane(all, 0) * scale);
    taps += 8;
    weights += most << 2;
  }
}

/** Weighted sums across of pixels of four numbers each, as a row of opaque RGBA bytes; `step` is −4 to mirror it. */
export function sumPixels(
  sums: usize,
  taps: usize,
  size: i32,
  weights: usize,
  most: usize,
  result: usize,
  step: i32,
): void {
  const half = i32x4.splat(1 << (SHIFT - 1));
  for (let x = 0; x < size; x++) {
    let from = sums + (<usize>load<i32>(taps) << 4);
    const count = load<i32>(taps, 4);
    let all = half;
    for (let k = 0; k < count; k++) {
      all = i32x4.add(all, i32x4.mul(v128.load(from), i32x4.splat(load<i32>(weights + (<usize>k << 2)))));
      from += 16;
    }
    const words = i32x4.shr_s(all, SHIFT);
    const halves = i16x8.narrow_i32x4_s(words, words);
    store<u32>(result, i32x4.extract_lane(i8x16.narrow_i16x8_u(halves, halves), 0) | 0xff000000);
    result += step;
    taps += 8;
    weights += most << 2;
  }
}

/** Whether all pixels of some rows are opaque. */
export function isOpaque(from: usize, stride: usize, length: usize, rows: i32): bool {
  let all = i32x4.splat(-1);
  for (let y = 0; y < rows; y++) {
    let x: usize = 0;
    for (; x + 16 <= length; x += 16) all = v128.and(all, v128.load(from + x));
    for (; x < length; x += 4) all = v128.and(all, v128.load32_splat(from + x));
    from += stride;
  }
  return i32x4.all_true(i32x4.eq(v128.and(all, i32x4.splat(0xff000000)), i32x4.splat(0xff000000)));
}
