import type { View } from './region';
import { stack, type Taps, weigh } from './resample';

// Pixels to one colour sample, across and down.
const SUBSAMPLING: Readonly<Record<string, readonly [number, number]>> = {
  I420: [2, 2],
  NV12: [2, 2],
  I422: [2, 1],
  I444: [1, 1],
};

// The shares of red and blue in brightness, by the name of the standard.
const SHARES: Readonly<Record<string, readonly [number, number]>> = {
  bt709: [0.2126, 0.0722],
  bt470bg: [0.299, 0.114],
  smpte170m: [0.299, 0.114],
};

// What a canvas shows as it is, or nearly; all else must be converted to the colours of the screen.
const PRIMARIES: ReadonlySet<string> = new Set(['bt709', 'bt470bg', 'smpte170m']);
const TRANSFERS: ReadonlySet<string> = new Set(['bt709', 'smpte170m', 'iec61966-2-1']);

/** Whether it may have planes: a video, or a frame of one. */
export function isVideo(image: CanvasImageSource): boolean {
  return 'videoWidth' in image || 'displayWidth' in image;
}

/**
 * The picture that a video shows now, as its camera or decoder made it: brightness and colour apart. It costs nothing
 * until it is read, and the caller closes it. `null` where it must be drawn: other sources and formats, pixels that are
 * not square, rotated pictures, colours of another kind.
 */
export function grabPlanes(image: CanvasImageSource, width: number, height: number): VideoFrame | null {
  if (typeof VideoFrame === 'undefined') return null;
  let frame: VideoFrame;
  try {
    frame = new VideoFrame(image);
  } catch {
    // Drawing it will say what is wrong.
    return null;
  }
  if (isPlain(frame, width, height)) return frame;
  frame.close();
  return null;
}

function isPlain(frame: VideoFrame, width: number, height: number): boolean {
  const { format, visibleRect, colorSpace } = frame;
  // Where it is not known whether the picture is rotated, it is left to the browser.
  const { rotation, flip } = frame as { rotation?: number; flip?: boolean };
  return (
    (format ?? '') in SUBSAMPLING &&
    (colorSpace.matrix ?? '') in SHARES &&
    PRIMARIES.has(colorSpace.primaries ?? 'bt709') &&
    TRANSFERS.has(colorSpace.transfer ?? 'bt709') &&
    rotation === 0 &&
    !flip &&
    visibleRect?.width === width &&
    visibleRect.height === height &&
    (visibleRect.x | visibleRect.y) % 2 === 0
  );
}

/**
 * Crops, mirrors and resizes a frame of {@link grabPlanes} with the filter of `resample`: each plane for itself, then
 * what is left becomes RGB, which is far less than the whole frame. Its primaries are taken for those of the screen.
 *
 * @param reserve - gives an array of so many bytes to copy the planes to
 * @returns `size` × `size` RGBA bytes, opaque; black where nothing of the frame is in view
 */
export async function readPlanes(
  frame: VideoFrame,
  { rect, square }: View,
  size: number,
  mirror: boolean,
  reserve: (length: number) => Uint8Array,
): Promise<Uint8ClampedArray> {
  const { format, visibleRect, colorSpace } = frame;
  const visible = visibleRect as DOMRectReadOnly;
  // Only what is read is copied, from whole colour samples on.
  const [x, width] = span(rect.x, rect.width, visible.width);
  const [y, height] = span(rect.y, rect.height, visible.height);
  if (width <= 0 || height <= 0) return new Uint8ClampedArray(size * size * 4).map((_, i) => (i % 4 === 3 ? 255 : 0));
  const part = { rect: { x: visible.x + x, y: visible.y + y, width, height } };
  const data = reserve(frame.allocationSize(part));
  const layout = await frame.copyTo(data, part);
  const isFull = colorSpace.fullRange === true;
  const resize = (index: number, shift: number, step: number, across: number, down: number): Float32Array => {
    const { offset, stride } = layout[index] as PlaneLayout;
    const axis = (from: number, visibleFrom: number, length: number, limit: number, pixels: number): Taps => {
      // The last colour sample of an odd frame reaches beyond its edge.
      const low = Math.max(0, visibleFrom);
      const high = Math.min(limit, visibleFrom + length);
      const samples = Math.ceil(limit / pixels);
      return weigh(from / pixels, square.side / pixels, low / pixels, (high - low) / pixels, samples, size);
    };
    const columns = axis(square.x - x, rect.x - x, rect.width, width, across);
    const rows = axis(square.y - y, rect.y - y, rect.height, height, down);
    const zero = index > 0 ? 128 : isFull ? 0 : 16;
    return resizePlane({ data, offset: offset + shift, stride, step, zero }, columns, rows, mirror);
  };
  const [across, down] = SUBSAMPLING[format as string] as readonly [number, number];
  const isPaired = format === 'NV12';
  const luma = resize(0, 0, 1, 1, 1);
  const blue = resize(1, 0, isPaired ? 2 : 1, across, down);
  const red = isPaired ? resize(1, 1, 2, across, down) : resize(2, 0, 1, across, down);
  return toRgba(luma, blue, red, SHARES[colorSpace.matrix as string] as readonly [number, number], isFull);
}

/** The part of `limit` pixels that [from, from + length] lies in, from an even one on: where it begins, its length. */
function span(from: number, length: number, limit: number): [number, number] {
  const first = Math.max(0, Math.floor(from / 2) * 2);
  return [first, Math.min(limit, Math.ceil((from + length) / 2) * 2) - first];
}

/** One number a sample; what outside is, black, is 0. */
interface Plane {
  readonly data: Uint8Array;
  readonly offset: number;
  readonly stride: number;
  readonly step: number;
  readonly zero: number;
}

function resizePlane(plane: Plane, columns: Taps, rows: Taps, mirror: boolean): Float32Array {
  const size = columns.first.length;
  const result = new Float32Array(size * size);
  stack(
    rows,
    size,
    (row, strip) => squeezeRow(plane, row, columns, strip),
    (y, sums) => {
      if (mirror) sums.reverse();
      result.set(sums, y * size);
    },
  );
  return result;
}

function squeezeRow(
  { data, offset, stride, step, zero }: Plane,
  row: number,
  columns: Taps,
  strip: Float32Array,
): void {
  const { first, count, weights, most } = columns;
  for (let x = 0; x < first.length; x++) {
    const end = x * most + (count[x] as number);
    let from = offset + row * stride + (first[x] as number) * step;
    let sum = 0;
    for (let k = x * most; k < end; k++) {
      sum += (weights[k] as number) * ((data[from] as number) - zero);
      from += step;
    }
    strip[x] = sum;
  }
}

/** ITU-T H.273, equations for non-constant luminance. */
function toRgba(
  luma: Float32Array,
  blue: Float32Array,
  red: Float32Array,
  [kr, kb]: readonly [number, number],
  isFull: boolean,
): Uint8ClampedArray {
  const light = isFull ? 1 : 255 / 219;
  const colour = isFull ? 2 : 510 / 224;
  const [toRed, toBlue] = [colour * (1 - kr), colour * (1 - kb)];
  const [redToGreen, blueToGreen] = [(toRed * kr) / (1 - kr - kb), (toBlue * kb) / (1 - kr - kb)];
  const result = new Uint8ClampedArray(luma.length * 4);
  for (let i = 0, to = 0; i < luma.length; i++, to += 4) {
    const y = light * (luma[i] as number);
    const [u, v] = [blue[i] as number, red[i] as number];
    result[to] = y + toRed * v;
    result[to + 1] = y - redToGreen * v - blueToGreen * u;
    result[to + 2] = y + toBlue * u;
    result[to + 3] = 255;
  }
  return result;
}
