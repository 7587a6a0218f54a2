import type { RegionRect } from '../../src/types';

/** A square on the picture as it is shown: centre and side in fractions of the picture's shorter side. */
export interface Square {
  readonly x: number;
  readonly y: number;
  readonly side: number;
}

/** Width and height of the picture, px. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

const MIN_SIDE = 0.2;

/** Roomy: the hand should fill about two thirds of it. */
export function defaultSquare(size: Size): Square {
  const { width, height } = extent(size);
  return { x: width / 2, y: height / 2, side: 0.84 };
}

/** The nearest square that lies inside the picture. */
export function fitted(square: Square, size: Size): Square {
  const { width, height } = extent(size);
  const side = clamp(square.side, MIN_SIDE, 1);
  return { x: clamp(square.x, side / 2, width - side / 2), y: clamp(square.y, side / 2, height - side / 2), side };
}

/** The same square in a picture of another shape: as large, and as far across and down. */
export function carried(square: Square, from: Size, to: Size): Square {
  const [before, after] = [extent(from), extent(to)];
  const [x, y] = [(square.x / before.width) * after.width, (square.y / before.height) * after.height];
  return fitted({ ...square, x, y }, to);
}

export function moved(square: Square, dx: number, dy: number, size: Size): Square {
  return fitted({ ...square, x: square.x + dx, y: square.y + dy }, size);
}

/** Larger or smaller around its centre. */
export function resized(square: Square, change: number, size: Size): Square {
  return fitted({ ...square, side: square.side + change }, size);
}

/** Resized by one corner to the point `x`, `y`, while the corner across stays where it is. */
export function dragged(square: Square, corner: string, x: number, y: number, size: Size): Square {
  const { width, height } = extent(size);
  const [right, down] = [corner.includes('e') ? 1 : -1, corner.includes('s') ? 1 : -1];
  const fixed = { x: square.x - (right * square.side) / 2, y: square.y - (down * square.side) / 2 };
  const room = Math.min(right > 0 ? width - fixed.x : fixed.x, down > 0 ? height - fixed.y : fixed.y);
  const wish = ((x - fixed.x) * right + (y - fixed.y) * down) / 2;
  const side = clamp(wish, MIN_SIDE, Math.max(MIN_SIDE, room));
  return fitted({ x: fixed.x + (right * side) / 2, y: fixed.y + (down * side) / 2, side }, size);
}

/** The square as a region of the frame, which is not mirrored even where the picture is. */
export function regionOf(square: Square, size: Size, isMirrored: boolean): RegionRect {
  const { width, height } = extent(size);
  const rect = { width: square.side / width, height: square.side / height };
  const left = (square.x - square.side / 2) / width;
  const x = clamp(isMirrored ? 1 - left - rect.width : left, 0, 1 - rect.width);
  return { x, y: clamp((square.y - square.side / 2) / height, 0, 1 - rect.height), ...rect };
}

/** The square that shows a region of the frame; the inverse of {@link regionOf} for regions that are square in pixels. */
export function squareOf(region: RegionRect, size: Size, isMirrored: boolean): Square {
  const { width, height } = extent(size);
  const side = Math.max(region.width * width, region.height * height);
  const centre = region.x + region.width / 2;
  const x = (isMirrored ? 1 - centre : centre) * width;
  return fitted({ x, y: (region.y + region.height / 2) * height, side }, size);
}

/** A part of the frame as it lies on the picture. */
export function asShown(region: RegionRect, isMirrored: boolean): RegionRect {
  return isMirrored ? { ...region, x: 1 - region.x - region.width } : region;
}

/** The picture's size in its shorter side. */
function extent({ width, height }: Size): Size {
  const unit = Math.min(width, height);
  return { width: width / unit, height: height / unit };
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(Math.max(value, min), Math.max(min, max));
}
