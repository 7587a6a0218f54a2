import { Field, PRODUCT_TILE } from './fields';
import { multiply, PIXEL } from './product';
import { field, pointer } from './vector';

/**
 * Some pixels of a convolution: what the window sees of each is copied, one block of channels and place in the window
 * after the other, and multiplied.
 */
export function convolveItem(step: usize, item: i32, scratch: usize): void {
  const across = field(step, Field.ItemPixels);
  const pixels = field(step, Field.TargetWidth) * field(step, Field.TargetHeight);
  // Not less than a tile, which is what is written.
  const first = min(item * across, max(pixels - PRODUCT_TILE, 0));
  const count = min(across, pixels - first);
  const block = <usize>max(count, PRODUCT_TILE) * PIXEL;
  const blocks = field(step, Field.SourceBlocks);
  let to = scratch;
  for (let j = 0; j < field(step, Field.WindowHeight); j++) {
    for (let i = 0; i < field(step, Field.WindowWidth); i++) {
      for (let k = 0; k < blocks; k++) {
        gather(step, first, count, j, i, pointer(step, Field.Source) + <usize>k * pointer(step, Field.SourceBlock), to);
        to += block;
      }
    }
  }
  const taps = field(step, Field.WindowHeight) * field(step, Field.WindowWidth);
  const addend = pointer(step, Field.Addend);
  for (let panel = 0; panel < field(step, Field.PanelCount); panel++) {
    multiply(
      scratch,
      block,
      taps * blocks,
      pointer(step, Field.Panels) + <usize>panel * pointer(step, Field.PanelBytes),
      pointer(step, Field.Target) + <usize>panel * pointer(step, Field.TargetBlock) + <usize>first * PIXEL,
      addend == 0 ? 0 : addend + <usize>panel * pointer(step, Field.AddendBlock) + <usize>first * PIXEL,
      0,
      count,
      count,
      count,
      0,
      field(step, Field.Activation),
    );
  }
}

/** What `count` pixels see at one place in their window; zeros outside of the map. */
function gather(step: usize, first: i32, count: i32, j: i32, i: i32, source: usize, to: usize): void {
  const targetWidth = field(step, Field.TargetWidth);
  const width = field(step, Field.SourceWidth);
  const height = field(step, Field.SourceHeight);
  const strideX = field(step, Field.StrideX);
  const shiftX = i * field(step, Field.StepX) - field(step, Field.Left);
  const shiftY = j * field(step, Field.StepY) - field(step, Field.Top);
  let x = first % targetWidth;
  let y = first / targetWidth;
  for (let n = 0; n < count; n++) {
    const fromX = x * strideX + shiftX;
    const fromY = y * field(step, Field.StrideY) + shiftY;
    // Unsigned: what is negative is too large.
    if (<u32>fromX < <u32>width && <u32>fromY < <u32>height) {
      const from = source + <usize>(fromY * width + fromX) * PIXEL;
      v128.store(to, v128.load(from));
      v128.store(to, v128.load(from, 16), 16);
    } else {
      v128.store(to, f32x4.splat(0));
      v128.store(to, f32x4.splat(0), 16);
    }
    to += PIXEL;
    if (++x == targetWidth) {
      x = 0;
      y++;
    }
  }
}
