import type { PixelData } from '../types';
import type { Taps } from './taps';

/** What each result pixel is made of, along both axes. */
export interface Axes {
  readonly columns: Taps;
  readonly rows: Taps;
}

/** A plane of bytes in memory, with `step` bytes a sample. */
export interface Plane extends Axes {
  readonly data: Uint8Array;
  readonly offset: number;
  readonly stride: number;
  readonly step: 1 | 2;
}

/** Resizes planes and pixels: in plain JavaScript, or by kernels; the results are the same to the last bit. */
export interface Summer {
  /** An array for a frame's bytes, for one frame at a time. */
  reserve(length: number): Uint8Array;
  openPlane(plane: Plane): PlaneSums;
  /** `null` where the plain one must do it. */
  openPixels(source: PixelData, axes: Axes): PixelSums | null;
}

/** A plane, row by row of the result. */
export interface PlaneSums {
  /** Makes the sums of a row. */
  sumRows(y: number): void;
  /** Gives a number for each result pixel, of the first or second byte of samples. */
  sumColumns(which: 0 | 1, result: Float32Array): void;
}

/** Pixels, row by row of the result. */
export interface PixelSums {
  /** Writes a row of opaque RGBA bytes to where it belongs. */
  writeRow(y: number, mirror: boolean, result: Uint8ClampedArray): void;
}
