import { Field, PRODUCT_TILE } from './fields';
import { PIXEL } from './product';
import { clamp, field, fma, highOf, lowOf, pointer } from './vector';

/** One row of a convolution of the network's input, all outputs. */
export function stemItem(step: usize, y: i32): void {
  const row = pointer(step, Field.InputRow);
  const source = pointer(step, Field.Source) + <usize>(y * field(step, Field.StrideY)) * row;
  const width = field(step, Field.TargetWidth);
  const target = pointer(step, Field.Target) + <usize>(y * width) * PIXEL;
  for (let panel = 0; panel < field(step, Field.PanelCount); panel++) {
    stemRow(
      source,
      row,
      field(step, Field.WindowHeight),
      <usize>field(step, Field.WindowWidth) * 12,
      <usize>field(step, Field.StrideX) * 12,
      pointer(step, Field.Panels) + <usize>panel * pointer(step, Field.PanelBytes),
      target + <usize>panel * pointer(step, Field.TargetBlock),
      width,
      field(step, Field.Activation),
    );
  }
}

function stemRow(
  source: usize,
  row: usize,
  rows: i32,
  length: usize,
  stride: usize,
  panel: usize,
  target: usize,
  width: i32,
  activation: i32,
): void {
  for (let tile = 0; tile < width; tile += PRODUCT_TILE) {
    const at = max(min(tile, width - PRODUCT_TILE), 0);
    const bias0 = v128.load(panel);
    const bias1 = v128.load(panel, 16);
    let r00 = bias0, r01 = bias1;
    let r10 = bias0, r11 = bias1;
    let r20 = bias0, r21 = bias1;
    let r30 = bias0, r31 = bias1;
    let weights = panel + PIXEL;
    let base = source + <usize>at * stride;
    for (let j = 0; j < rows; j++) {
      let a = base;
      let b = a + stride;
      let c = b + stride;
      let d = c + stride;
      const end = a + length;
      while (a < end) {
        const w0 = v128.load(weights);
        const w1 = v128.load(weights, 16);
        let x = v128.load32_splat(a);
        r00 = fma(r00, x, w0);
        r01 = fma(r01, x, w1);
        x = v128.load32_splat(b);
        r10 = fma(r10, x, w0);
        r11 = fma(r11, x, w1);
        x = v128.load32_splat(c);
        r20 = fma(r20, x, w0);
        r21 = fma(r21, x, w1);
        x = v128.load32_splat(d);
        r30 = fma(r30, x, w0);
        r31 = fma(r31, x, w1);
        a += 4;
        b += 4;
        c += 4;
        d += 4;
        weights += PIXEL;
      }
      base += row;
    }
    const low = lowOf(activation);
    const high = highOf(activation);
    const to = target + <usize>at * PIXEL;
    v128.store(to, clamp(r00, low, high));
    v128.store(to, clamp(r01, low, high), 16);
    v128.store(to, clamp(r10, low, high), 32);
    v128.store(to, clamp(r11, low, high), 48);
    v128.store(to, clamp(r20, low, high), 64);
    v128.store(to, clamp(r21, low, high), 80);
    v128.store(to, clamp(r30, low, high), 96);
    v128.store(to, clamp(r31, low, high), 112);
  }
}
