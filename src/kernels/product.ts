import { Field, PRODUCT_TILE } from './fields';
import { clamp, field, fma, highOf, lowOf, pointer } from './vector';

/** A pixel of a block: 8 numbers. */
export const PIXEL: usize = 32;

/** Some pixels and some outputs of a product. */
export function multiplyItem(step: usize, item: i32): void {
  const across = field(step, Field.ItemsAcross);
  const first = (item / across) * field(step, Field.ItemPixels);
  const pixels = field(step, Field.TargetWidth) * field(step, Field.TargetHeight);
  const last = min(first + field(step, Field.ItemPixels), pixels);
  const firstPanel = (item % across) * field(step, Field.ItemPanels);
  const lastPanel = min(firstPanel + field(step, Field.ItemPanels), field(step, Field.PanelCount));
  const addend = pointer(step, Field.Addend);
  for (let panel = firstPanel; panel < lastPanel; panel++) {
    multiply(
      pointer(step, Field.Source),
      pointer(step, Field.SourceBlock),
      field(step, Field.SourceBlocks),
      pointer(step, Field.Panels) + <usize>panel * pointer(step, Field.PanelBytes),
      pointer(step, Field.Target) + <usize>panel * pointer(step, Field.TargetBlock),
      addend == 0 ? 0 : addend + <usize>panel * pointer(step, Field.AddendBlock),
      first,
      last,
      pixels,
      pixels,
      0,
      field(step, Field.Activation),
    );
  }
}

/**
 * Pixels `first` to `last` of a map of `pixels`, 8 outputs of each. V8 loads all that a pass of the inner loop needs before
 * it multiplies: the sums of 4 pixels, with pixels and weights, take 14 of 15 registers. More, and sums go to memory.
 * The last tile may begin earlier, so that none reaches
 * beyond the map; a map smaller than a tile must have room for one.
 *
 * @param width - pixels a row of the target
 * @param gap - bytes between its rows
 */
export function multiply(
  source: usize,
  block: usize,
  blocks: i32,
  panel: usize,
  target: usize,
  addend: usize,
  first: i32,
  last: i32,
  pixels: i32,
  width: i32,
  gap: usize,
  activation: i32,
): void {
  const latest = max(pixels - PRODUCT_TILE, 0);
  for (let tile = first; tile < last; tile += PRODUCT_TILE) {
    const m = min(tile, latest);
    const bias0 = v128.load(panel);
    const bias1 = v128.load(panel, 16);
    let r00 = bias0, r01 = bias1;
    let r10 = bias0, r11 = bias1;
    let r20 = bias0, r21 = bias1;
    let r30 = bias0, r31 = bias1;
    let weights = panel + PIXEL;
    let base = source + <usize>m * PIXEL;
    for (let k = 0; k < blocks; k++) {
      let a = base;
      const end = base + PIXEL;
      while (a < end) {
        const w0 = v128.load(weights);
        const w1 = v128.load(weights, 16);
        let x = v128.load32_splat(a);
        r00 = fma(r00, x, w0);
        r01 = fma(r01, x, w1);
        x = v128.load32_splat(a, 32);
        r10 = fma(r10, x, w0);
        r11 = fma(r11, x, w1);
        x = v128.load32_splat(a, 64);
        r20 = fma(r20, x, w0);
        r21 = fma(r21, x, w1);
        x = v128.load32_splat(a, 96);
        r30 = fma(r30, x, w0);
        r31 = fma(r31, x, w1);
        a += 4;
        weights += PIXEL;
      }
      base += block;
    }
    if (addend != 0) {
      const other = addend + <usize>m * PIXEL;
      r00 = f32x4.add(r00, v128.load(other));
      r01 = f32x4.add(r01, v128.load(other, 16));
      r10 = f32x4.add(r10, v128.load(other, 32));
      r11 = f32x4.add(r11, v128.load(other, 48));
      r20 = f32x4.add(r20, v128.load(other, 64));
      r21 = f32x4.add(r21, v128.load(other, 80));
      r30 = f32x4.add(r30, v128.load(other, 96));
      r31 = f32x4.add(r31, v128.load(other, 112));
    }
    const low = lowOf(activation);
    const high = highOf(activation);
    const y = m / width;
    let x = m - y * width;
    let to = target + <usize>m * PIXEL + <usize>y * gap;
    store2(to, clamp(r00, low, high), clamp(r01, low, high));
    to += PIXEL + (++x == width ? gap : 0);
    if (x == width) x = 0;
    store2(to, clamp(r10, low, high), clamp(r11, low, high));
    to += PIXEL + (++x == width ? gap : 0);
    if (x == width) x = 0;
    store2(to, clamp(r20, low, high), clamp(r21, low, high));
    to += PIXEL + (++x == width ? gap : 0);
    store2(to, clamp(r30, low, high), clamp(r31, low, high));
  }
}

@inline
function store2(to: usize, a: v128, b: v128): void {
  v128.store(to, a);
  v128.store(to, b, 16);
}
