import type { View } from './region';
import type { Axes, Plane, Summer } from './summer';
import { type Taps, weigh } from './taps';
import { matrixOfUnnamed } from './unnamed-colours';

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

/**
 * Whether it is a frame that is shown after a quarter turn. Chromium draws such a one right only where all of it is
 * drawn: of a part, or beyond the canvas's edge, it takes the part before it turns the frame.
 */
export function isTurned(image: CanvasImageSource): boolean {
  const { rotation = 0 } = image as { rotation?: number };
  return rotation % 180 !== 0;
}

function isPlain(frame: VideoFrame, width: number, height: number): boolean {
  const { format, visibleRect, colorSpace } = frame;
  // Where it is not known whether the picture is rotated, it is left to the browser.
  const { rotation, flip } = frame as { rotation?: number; flip?: boolean };
  return (
    (format ?? '') in SUBSAMPLING &&
    (matrixOf(colorSpace) ?? '') in SHARES &&
    PRIMARIES.has(colorSpace.primaries ?? 'bt709') &&
    TRANSFERS.has(colorSpace.transfer ?? 'bt709') &&
    rotation === 0 &&
    !flip &&
    visibleRect?.width === width &&
    visibleRect.height === height &&
    (visibleRect.x | visibleRect.y) % 2 === 0
  );
}

/** The name of the matrix; a frame that names nothing of its colours has that by which it would be drawn. */
function matrixOf({ matrix, primaries, transfer, fullRange }: VideoColorSpace): string | null {
  const isNamed = [matrix, primaries, transfer, fullRange].some((value) => value !== null);
  return isNamed ? matrix : matrixOfUnnamed();
}

/**
 * Crops, mirrors and resizes a frame of {@link grabPlanes} with the filter of `resample`: each plane for itself, then
 * what is left becomes RGB, which is far less than the whole frame. Its primaries are taken for those of the screen.
 *
 * @param summer - gives the memory that the planes are copied to, and does the arithmetic
 * @returns `size` × `size` RGBA bytes, opaque; black where nothing of the frame is in view
 */
export async function readPlanes(
  frame: VideoFrame,
  { rect, square }: View,
  size: number,
  mirror: boolean,
  summer: Summer,
): Promise<Uint8ClampedArray> {
  const { format, visibleRect, colorSpace } = frame;
  const visible = visibleRect as DOMRectReadOnly;
  // Only what is read is copied, from whole colour samples on.
  const [x, width] = span(rect.x, rect.width, visible.width);
  const [y, height] = span(rect.y, rect.height, visible.height);
  if (width <= 0 || height <= 0) return new Uint8ClampedArray(size * size * 4).map((_, i) => (i % 4 === 3 ? 255 : 0));
  const part = { rect: { x: visible.x + x, y: visible.y + y, width, height } };
  const data = summer.reserve(frame.allocationSize(part));
  const layout = await frame.copyTo(data, part);
  const [across, down] = SUBSAMPLING[format as string] as readonly [number, number];
  const axes = (pixelsX: number, pixelsY: number): Axes => ({
    columns: axis(square.x - x, square.side, rect.x - x, rect.width, width, pixelsX, size),
    rows: axis(square.y - y, square.side, rect.y - y, rect.height, height, pixelsY, size),
  });
  const [lumaAxes, colourAxes] = [axes(1, 1), axes(across, down)];
  const planes = layout.map(({ offset, stride }, i): Plane => {
    const step = i > 0 && layout.length === 2 ? 2 : 1;
    return { data, offset, stride, step, ...(i === 0 ? lumaAxes : colourAxes) };
  });
  const toRgb = rgbOf(
    SHARES[matrixOf(colorSpace) as string] as readonly [number, number],
    colorSpace.fullRange === true,
  );
  return merge(planes as [Plane, Plane, Plane?], size, mirror, toRgb, summer);
}

/** What each result pixel is made of along an axis of a plane that has a sample for so many `pixels`. */
function axis(
  from: number,
  side: number,
  visibleFrom: number,
  length: number,
  limit: number,
  pixels: number,
  size: number,
): Taps {
  // The last colour sample of an odd frame reaches beyond its edge.
  const low = Math.max(0, visibleFrom);
  const high = Math.min(limit, visibleFrom + length);
  const samples = Math.ceil(limit / pixels);
  return weigh(from / pixels, side / pixels, low / pixels, (high - low) / pixels, samples, size);
}

/** The part of `limit` pixels that [from, from + length] lies in, from an even one on: where it begins, its length. */
function span(from: number, length: number, limit: number): [number, number] {
  const first = Math.max(0, Math.floor(from / 2) * 2);
  return [first, Math.min(limit, Math.ceil((from + length) / 2) * 2) - first];
}

type ToRgb = (to: Uint8ClampedArray, at: number, light: number, blue: number, red: number, share: number) => void;

/** Resizes the planes, and makes RGBA bytes of them row by row. */
function merge(
  [luma, blue, red]: [Plane, Plane, Plane?],
  size: number,
  mirror: boolean,
  toRgb: ToRgb,
  summer: Summer,
): Uint8ClampedArray {
  const [light, first, second] = [new Float32Array(size), new Float32Array(size), new Float32Array(size)];
  const [lumaSums, blueSums] = [summer.openPlane(luma), summer.openPlane(blue)];
  // Where there is no third plane, red is beside blue.
  const redSums = red ? summer.openPlane(red) : blueSums;
  const result = new Uint8ClampedArray(size * size * 4);
  for (let y = 0, to = 0; y < size; y++) {
    lumaSums.sumRows(y);
    lumaSums.sumColumns(0, light);
    blueSums.sumRows(y);
    blueSums.sumColumns(0, first);
    if (red) redSums.sumRows(y);
    redSums.sumColumns(red ? 0 : 1, second);
    const share = luma.rows.share[y] as number;
    for (let i = 0; i < size; i++, to += 4) {
      const x = mirror ? size - 1 - i : i;
      const visible = share * (luma.columns.share[x] as number);
      toRgb(result, to, light[x] as number, first[x] as number, second[x] as number, visible);
    }
  }
  return result;
}

/**
 * ITU-T H.273, equations for non-constant luminance. What lies outside is black: of the numbers that stand for no light
 * and no colour there are as many as there is picture in view.
 */
function rgbOf([kr, kb]: readonly [number, number], isFull: boolean): ToRgb {
  const light = isFull ? 1 : 255 / 219;
  const colour = isFull ? 2 : 510 / 224;
  const black = isFull ? 0 : 16;
  const [toRed, toBlue] = [colour * (1 - kr), colour * (1 - kb)];
  const [redToGreen, blueToGreen] = [(toRed * kr) / (1 - kr - kb), (toBlue * kb) / (1 - kr - kb)];
  return (to, at, luma, blue, red, share) => {
    const y = light * (luma - black * share);
    const u = blue - 128 * share;
    const v = red - 128 * share;
    to[at] = y + toRed * v;
    to[at + 1] = y - redToGreen * v - blueToGreen * u;
    to[at + 2] = y + toBlue * u;
    to[at + 3] = 255;
  };
}
