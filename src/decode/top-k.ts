import type { Classification } from '../types';

/** The `k` most probable letters, most probable first; equal ones in labels order. */
export function topK(
  labels: readonly string[],
  probabilities: readonly number[],
  k: number,
): Classification['predictions'] {
  return labels
    .map((letter, i) => ({ letter, probability: probabilities[i] ?? 0 }))
    .sort((a, b) => b.probability - a.probability)
    .slice(0, k);
}
