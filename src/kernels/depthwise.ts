import { DEPTHWISE_TILE, Feed, Field } from './fields';
import { multiply, PIXEL } from './product';
import { clamp, field, fma, highOf, lowOf, pointer } from './vector';

/** One block of channels: its map is put into the middle of zeros, then the window goes over it. */
export function depthwiseItem(step: usize, block: i32, scratch: usize, owner: usize): void {
  const rowBytes = pointer(step, Field.PaddedRow);
  const width = field(step, Field.SourceWidth);
  const height = field(step, Field.SourceHeight);
  // Zeros stay zeros until another step takes the scratch memory.
  if (load<u32>(owner) != <u32>step) {
    memory.fill(scratch, 0, pointer(step, Field.PaddedBytes));
    store<u32>(owner, <u32>step);
  }
  const inside =
    scratch + <usize>field(step, Field.Top) * rowBytes + <usize>field(step, Field.Left) * PIXEL;
  if (field(step, Field.Feed) == Feed.Product) {
    multiply(
      pointer(step, Field.Source),
      pointer(step, Field.SourceBlock),
      field(step, Field.SourceBlocks),
      pointer(step, Field.Panels) + <usize>block * pointer(step, Field.PanelBytes),
      inside,
      0,
      0,
      width * height,
      width * height,
      width,
      rowBytes - <usize>width * PIXEL,
      field(step, Field.Activation),
    );
  } else {
    const rowLength = <usize>width * PIXEL;
    let from = pointer(step, Field.Source) + <usize>block * pointer(step, Field.SourceBlock);
    let to = inside;
    for (let y = 0; y < height; y++) {
      memory.copy(to, from, rowLength);
      from += rowLength;
      to += rowBytes;
    }
  }
  const targetWidth = field(step, Field.TargetWidth);
  const filter = pointer(step, Field.Filter) + <usize>block * pointer(step, Field.FilterBytes);
  const target = pointer(step, Field.Target) + <usize>block * pointer(step, Field.TargetBlock);
  for (let y = 0; y < field(step, Field.TargetHeight); y++) {
    for (let half: usize = 0; half < PIXEL; half += PIXEL / 2) {
      slide(
        scratch + <usize>(y * field(step, Field.StrideY)) * rowBytes + half,
        filter + half,
        target + <usize>(y * targetWidth) * PIXEL + half,
        targetWidth,
        <usize>field(step, Field.StrideX) * PIXEL,
        field(step, Field.WindowHeight),
        <usize>(field(step, Field.WindowWidth) * field(step, Field.StepX)) * PIXEL,
        <usize>field(step, Field.StepX) * PIXEL,
        <usize>field(step, Field.StepY) * rowBytes,
        field(step, Field.FilterActivation),
      );
    }
  }
}

/** One row of results, 4 of its 8 channels. */
function slide(
  source: usize,
  filter: usize,
  target: usize,
  width: i32,
  stride: usize,
  rows: i32,
  length: usize,
  stepX: usize,
  stepY: usize,
  activation: i32,
): void {
  const low = lowOf(activation);
  const high = highOf(activation);
  for (let tile = 0; tile < width; tile += DEPTHWISE_TILE) {
    const at = max(min(tile, width - DEPTHWISE_TILE), 0);
    let r0 = v128.load(filter);
    let r1 = r0;
    let r2 = r0;
    let r3 = r0;
    let r4 = r0;
    let weights = filter + PIXEL;
    let base = source + <usize>at * stride;
    for (let j = 0; j < rows; j++) {
      let a = base;
      const end = a + length;
      while (a < end) {
        const w = v128.load(weights);
        let x = a;
        r0 = fma(r0, v128.load(x), w);
        x += stride;
        r1 = fma(r1, v128.load(x), w);
        x += stride;
        r2 = fma(r2, v128.load(x), w);
        x += stride;
        r3 = fma(r3, v128.load(x), w);
        x += stride;
        r4 = fma(r4, v128.load(x), w);
        a += stepX;
        weights += PIXEL;
      }
      base += stepY;
    }
    const to = target + <usize>at * PIXEL;
    v128.store(to, clamp(r0, low, high));
    v128.store(to, clamp(r1, low, high), 32);
    v128.store(to, clamp(r2, low, high), 64);
    v128.store(to, clamp(r3, low, high), 96);
    v128.store(to, clamp(r4, low, high), 128);
  }
}
