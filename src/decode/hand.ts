import type { Square } from '../frame/region';
import type { Hand } from '../types';

const JOINTS = 21;

// Below it the joints are noise. Half: presence is a probability of two outcomes.
const MIN_PRESENCE = 0.5;

/**
 * Reads the network's hand output: 63 coordinates (x, y, z of each joint, in sides of the square that was read, from
 * its upper left corner; z from the wrist, towards the camera negative) and the logit of presence.
 *
 * @returns `null` if no hand is there
 */
export function readHand(
  values: Float32Array,
  square: Square,
  width: number,
  height: number,
  isMirrored: boolean,
): Hand | null {
  const presence = 1 / (1 + Math.exp(-(values[JOINTS * 3] ?? Number.NEGATIVE_INFINITY)));
  if (!(presence >= MIN_PRESENCE)) return null;
  const joints = Array.from({ length: JOINTS }, (_, i) => {
    const [u, v, w] = [values[i * 3] as number, values[i * 3 + 1] as number, values[i * 3 + 2] as number];
    return {
      x: (square.x + (isMirrored ? 1 - u : u) * square.side) / width,
      y: (square.y + v * square.side) / height,
      z: (w * square.side) / width,
    };
  });
  const areFinite = joints.every(({ x, y, z }) => Number.isFinite(x + y + z));
  return areFinite ? { joints, presence } : null;
}

/** By how much the square around a hand is larger than the hand. */
export const MARGIN = {
  /** In the next frame the hand may have moved, or opened. */
  next: 1.4,
  /** In the same picture it is where it was: as many pixels of it as can be had, with the flesh around its joints. */
  same: 1.2,
} as const;

/** The square around a hand's joints, in px of the frame: where a second look, or the next frame, looks. */
export function squareAround(hand: Hand, width: number, height: number, margin: number): Square {
  const xs = hand.joints.map(({ x }) => x * width);
  const ys = hand.joints.map(({ y }) => y * height);
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  // Whatever a network makes of joints, nothing is to be seen beyond the frame.
  const side = Math.min(margin * Math.max(right - left, bottom - top, 16), 2 * Math.max(width, height));
  return { x: (left + right - side) / 2, y: (top + bottom - side) / 2, side };
}
