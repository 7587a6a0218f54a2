/** One letter and its probability. */
export interface Prediction {
  readonly letter: string;
  readonly probability: number;
}

/** The `k` most probable letters, most probable first; equal ones in labels order. */
export function topK(labels: readonly string[], probabilities: readonly number[], k: number): Prediction[] {
  return labels
    .map((letter, i) => ({ letter, probability: probabilities[i] ?? 0 }))
    .sort((a, b) => b.probability - a.probability)
    .slice(0, k);
}
