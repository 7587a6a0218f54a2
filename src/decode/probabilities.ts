import type { Output } from '../inference/plan';
import type { Metadata } from '../model/metadata';

/** Letters' probabilities in labels order, and that of no letter. Together they sum to 1. */
export interface Probabilities {
  readonly letters: readonly number[];
  readonly noHand: number;
}

/**
 * Turns the network's first output into probabilities: what the plan left out (a softmax) is applied, and an output
 * that is no distribution is taken for logits.
 *
 * @param keep - which letters are answers, in labels order; the others' probability is shared out among the rest
 */
export function readProbabilities(
  values: Float32Array,
  output: Output,
  metadata: Metadata,
  keep: readonly boolean[] | null,
): Probabilities {
  const isDone = output.activation === 'none' || (output.activation === 'linear' && isDistribution(values));
  const all = isDone ? Array.from(values) : softmax(values);
  const noHand = metadata.noHandIndex === null ? 0 : (all[metadata.noHandIndex] ?? 0);
  const letters = metadata.outputs.map((index, i) => (keep && !keep[i] ? 0 : (all[index] ?? 0)));
  const sum = letters.reduce((a, b) => a + b, noHand);
  // All that was probable is excluded: nothing is known about the rest.
  if (sum === 0) return { letters, noHand };
  return { letters: letters.map((p) => p / sum), noHand: noHand / sum };
}

/** exp(xᵢ − max) / Σ exp(xⱼ − max): the shift keeps the exponentials finite. */
export function softmax(values: ArrayLike<number>): number[] {
  let max = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) max = Math.max(max, values[i] as number);
  const exponentials = Array.from(values, (x) => Math.exp(x - max));
  const sum = exponentials.reduce((a, b) => a + b, 0);
  return exponentials.map((e) => e / sum);
}

function isDistribution(values: Float32Array): boolean {
  let sum = 0;
  for (const value of values) {
    if (!(value >= 0)) return false;
    sum += value;
  }
  return Math.abs(sum - 1) < 1e-3;
}
