export interface Picture {
  readonly data: Uint8ClampedArray | Uint8Array;
  readonly width: number;
  readonly height: number;
}
export function writeClip(path: string, frames: readonly Picture[], fps: number): Promise<void>;
export function framed(
  picture: Picture,
  options?: { width?: number; height?: number; scale?: number; grey?: number },
): Picture & { readonly data: Uint8ClampedArray };
