import { FingerspellError } from '../errors';
import type { Output } from '../inference/plan';
import type { Metadata } from '../model/metadata';

/** Letters' probabilities in labels order, and that of no letter. Together they sum to 1. */
export interface Probabilities {
  readonly letters: readonly number[];
  readonly noHand: number;
}

/**
 * Turns the network's first output into probabilities: what the plan left out (a softmax or sigmoid) is applied, and an output
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
  const all = activate(values, output.activation);
  const noHand = metadata.noHandIndex === null ? 0 : (all[metadata.noHandIndex] ?? 0);
  const letters = metadata.outputs.map((index, i) => (keep && !keep[i] ? 0 : (all[index] ?? 0)));
  const sum = letters.reduce((a, b) => a + b, noHand);
  if (!Number.isFinite(sum)) {
    const advice = 'Try another backend; if it is a model of your own, look at its weights.';
    throw new FingerspellError('inference-failed', `The network gave values that are not finite. ${advice}`);
  }
  // All that was probable is excluded: nothing is known about the rest.
  if (sum === 0) return { letters, noHand };
  return { letters: letters.map((p) => p / sum), noHand: noHand / sum };
}

function activate(values: Float32Array, activation: Output['activation']): number[] {
  if (activation === 'sigmoid') return Array.from(values, (x) => 1 / (1 + Math.exp(-x)));
  const isDone = activation === 'none' || (activation === 'linear' && isDistribution(values));
  return isDone ? Array.from(values) : softmax(values);
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
