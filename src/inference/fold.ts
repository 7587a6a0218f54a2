import { misfit } from './faults';
import type { Constant, Operation } from './plan';

/** A factor and a shift per channel: what a batch norm is once it is trained. One value serves all channels. */
export interface Affine {
  readonly kind: 'affine';
  readonly factor: Float32Array;
  readonly shift: Float32Array;
  /** Which axis the channels are, as Keras counts: 0 is the batch, −1 the last. */
  readonly axis: number;
}

/**
 * `operation` with a factor and shift per output channel built in, or `null` if it has no weights to take them.
 *
 * With k = γ / √(σ² + ε), `BN(W∗x + b)` = `(k·W)∗x + β + k·(b − μ)` (Jacob et al. 2018, arXiv 1712.05877, section 3.2).
 */
export function foldAffine(
  operation: { readonly kind: string } | Operation,
  affine: Affine,
): { readonly operation: Operation; readonly cost: number } | null {
  if (!('bias' in operation) || operation.activation !== 'linear') return null;
  const bias = scaleBias(operation.bias, affine);
  const weights = operation.kind === 'dense' ? operation.weights : operation.filter;
  const scaled = scaleChannels(weights, affine.factor);
  const cost = scaled.values.length;
  if (operation.kind === 'dense') return { operation: { ...operation, weights: scaled, bias }, cost };
  return { operation: { ...operation, filter: scaled, bias }, cost };
}

/** An affine with no convolution to hide in is a depthwise convolution of one pixel. */
export function affineAsStep({ factor, shift }: Affine): Operation {
  return {
    kind: 'scale',
    filter: { shape: [1, 1, factor.length, 1], values: factor },
    bias: { shape: [shift.length], values: shift },
    activation: 'linear',
  };
}

// A depthwise filter is [height, width, channels, 1]: its channels, too, are what varies fastest.
function scaleChannels(constant: Constant, factor: Float32Array): Constant {
  const values = new Float32Array(constant.values.length);
  for (let i = 0; i < values.length; i++) {
    values[i] = (constant.values[i] as number) * (factor[i % factor.length] as number);
  }
  return { shape: constant.shape, values };
}

function scaleBias(bias: Constant, { factor, shift }: Affine): Constant {
  if (bias.values.length !== factor.length) throw misfit('batch norm', bias.values.length, factor.length);
  return { shape: bias.shape, values: bias.values.map((b, i) => b * (factor[i] as number) + (shift[i] as number)) };
}
