import type { Picture } from './clip.mjs';

export const LETTERS: readonly string[];
export function drawHand(
  letter: string,
  options?: { width?: number; height?: number; handSide?: number; x?: number; y?: number; seed?: number },
): Picture & { readonly data: Uint8ClampedArray };
