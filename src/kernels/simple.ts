import { Field, Kind } from './fields';
import { PIXEL } from './product';
import { clamp, field, highOf, lowOf, pointer } from './vector';

/** One block of a pool: the largest of what the window sees of the map, or the mean of it. */
export function poolItem(step: usize, block: i32): void {
  const source = pointer(step, Field.Source) + <usize>block * pointer(step, Field.SourceBlock);
  let target = pointer(step, Field.Target) + <usize>block * pointer(step, Field.TargetBlock);
  const width = field(step, Field.SourceWidth);
  const height = field(step, Field.SourceHeight);
  const windowWidth = field(step, Field.WindowWidth);
  const windowHeight = field(step, Field.WindowHeight);
  const isMax = field(step, Field.Kind) == Kind.MaxPool;
  for (let y = 0; y < field(step, Field.TargetHeight); y++) {
    const top = y * field(step, Field.StrideY) - field(step, Field.Top);
    const firstY = max(top, 0);
    const lastY = min(top + windowHeight, height);
    for (let x = 0; x < field(step, Field.TargetWidth); x++) {
      const left = x * field(step, Field.StrideX) - field(step, Field.Left);
      reduce(source, width, max(left, 0), min(left + windowWidth, width), firstY, lastY, isMax, target);
      target += PIXEL;
    }
  }
}

/** One block of a pool over the whole map. */
export function globalPoolItem(step: usize, block: i32): void {
  const source = pointer(step, Field.Source) + <usize>block * pointer(step, Field.SourceBlock);
  const target = pointer(step, Field.Target) + <usize>block * pointer(step, Field.TargetBlock);
  const pixels = field(step, Field.SourceWidth) * field(step, Field.SourceHeight);
  reduce(source, pixels, 0, pixels, 0, 1, field(step, Field.Kind) == Kind.GlobalMaxPool, target);
}

function reduce(
  source: usize,
  width: i32,
  firstX: i32,
  lastX: i32,
  firstY: i32,
  lastY: i32,
  isMax: bool,
  target: usize,
): void {
  let low = f32x4.splat(isMax ? -Infinity : 0);
  let high = low;
  for (let y = firstY; y < lastY; y++) {
    let from = source + <usize>(y * width + firstX) * PIXEL;
    const end = from + <usize>(lastX - firstX) * PIXEL;
    for (; from < end; from += PIXEL) {
      const a = v128.load(from);
      const b = v128.load(from, 16);
      low = isMax ? f32x4.max(low, a) : f32x4.add(low, a);
      high = isMax ? f32x4.max(high, b) : f32x4.add(high, b);
    }
  }
  if (!isMax) {
    const count = f32x4.splat(<f32>((lastX - firstX) * (lastY - firstY)));
    low = f32x4.div(low, count);
    high = f32x4.div(high, count);
  }
  v128.store(target, low);
  v128.store(target, high, 16);
}

/** One block of a sum of two maps, or of one map and nothing. */
export function combineItem(step: usize, block: i32): void {
  const low = lowOf(field(step, Field.Activation));
  const high = highOf(field(step, Field.Activation));
  let from = pointer(step, Field.Source) + <usize>block * pointer(step, Field.SourceBlock);
  let to = pointer(step, Field.Target) + <usize>block * pointer(step, Field.TargetBlock);
  const addend = pointer(step, Field.Addend);
  let other: usize = addend == 0 ? 0 : addend + <usize>block * pointer(step, Field.AddendBlock);
  const end = from + <usize>(field(step, Field.SourceWidth) * field(step, Field.SourceHeight)) * PIXEL;
  for (; from < end; from += 16, to += 16) {
    let x = v128.load(from);
    if (other != 0) {
      x = f32x4.add(x, v128.load(other));
      other += 16;
    }
    v128.store(to, clamp(x, low, high));
  }
}

/** One block of a map with zeros around it. */
export function padItem(step: usize, block: i32): void {
  const width = field(step, Field.TargetWidth);
  const target = pointer(step, Field.Target) + <usize>block * pointer(step, Field.TargetBlock);
  memory.fill(target, 0, <usize>(width * field(step, Field.TargetHeight)) * PIXEL);
  const length = <usize>field(step, Field.SourceWidth) * PIXEL;
  let from = pointer(step, Field.Source) + <usize>block * pointer(step, Field.SourceBlock);
  let to = target + <usize>(field(step, Field.Top) * width + field(step, Field.Left)) * PIXEL;
  for (let y = 0; y < field(step, Field.SourceHeight); y++) {
    memory.copy(to, from, length);
    from += length;
    to += <usize>width * PIXEL;
  }
}

/** The same numbers, channels varying fastest, in a map of another shape. */
export function reshape(step: usize): void {
  const sourceChannels = field(step, Field.SourceChannels);
  const targetChannels = field(step, Field.TargetChannels);
  const numbers = field(step, Field.TargetWidth) * field(step, Field.TargetHeight) * targetChannels;
  clear(step, targetChannels);
  for (let i = 0; i < numbers; i++) {
    const from = pointer(step, Field.Source) + placeOf(i, sourceChannels, pointer(step, Field.SourceBlock));
    const to = pointer(step, Field.Target) + placeOf(i, targetChannels, pointer(step, Field.TargetBlock));
    store<f32>(to, load<f32>(from));
  }
}

/** The network's input, which is stored by rows without a border, as a block. */
export function importInput(step: usize): void {
  let from = pointer(step, Field.Source);
  let to = pointer(step, Field.Target);
  clear(step, 3);
  const end = to + <usize>(field(step, Field.TargetWidth) * field(step, Field.TargetHeight)) * PIXEL;
  for (; to < end; to += PIXEL, from += 12) {
    store<f32>(to, load<f32>(from));
    store<f32>(to, load<f32>(from, 4), 4);
    store<f32>(to, load<f32>(from, 8), 8);
  }
}

/** Channels that fill up the last block are zero, for products that multiply them. */
function clear(step: usize, channels: i32): void {
  if ((channels & 7) == 0) return;
  const block = pointer(step, Field.TargetBlock);
  memory.fill(pointer(step, Field.Target) + <usize>(channels >> 3) * block, 0, block);
}

@inline
function placeOf(i: i32, channels: i32, block: usize): usize {
  const channel = i % channels;
  return <usize>(channel >> 3) * block + <usize>(i / channels) * PIXEL + (<usize>(channel & 7) << 2);
}
