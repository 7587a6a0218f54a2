import type { PixelData } from '../types';
import { PLAIN } from './plain-summer';
import type { View } from './region';
import type { PixelSums, Summer } from './summer';
import { weigh } from './taps';

/**
 * Crops, mirrors and resizes RGBA pixels without a canvas, for Node and for raw pixels everywhere.
 *
 * Each result pixel is the mean of the source area under it, transparent pixels over black. Where the picture is
 * enlarged, pixels in between are interpolated linearly. This is what browsers' `drawImage` comes close to with
 * `imageSmoothingQuality: 'high'`.
 *
 * @param summer - does the arithmetic where it can
 * @returns `size` × `size` RGBA bytes, opaque
 */
export function resample(
  source: PixelData,
  view: View,
  size: number,
  mirror: boolean,
  summer: Summer = PLAIN,
): Uint8ClampedArray {
  const { square, rect } = view;
  const columns = weigh(square.x, square.side, rect.x, rect.width, source.width, size);
  const rows = weigh(square.y, square.side, rect.y, rect.height, source.height, size);
  const axes = { columns, rows };
  const pixels = (summer.openPixels(source, axes) ?? PLAIN.openPixels(source, axes)) as PixelSums;
  const result = new Uint8ClampedArray(size * size * 4);
  for (let y = 0; y < size; y++) pixels.writeRow(y, mirror, result);
  return result;
}
