import type { Constant, FusedActivation, Operation, Padding, Plan, Shape, Step } from '../../src/inference/plan';
import { inferShape } from '../../src/inference/shapes';
import { seededRandom } from './pictures';

/**
 * A plan of any shape: maps of few pixels and odd sides, channels that fill no block, every kind of step, windows that
 * reach far beyond the map, sums of what was made at any time before, several outputs.
 */
export function randomPlan(seed: number): Plan {
  const random = seededRandom(seed);
  const pick = <T>(...values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
  const whole = (most: number): number => 1 + Math.floor(random() * most);
  const constant = (shape: readonly number[], scale: number): Constant => {
    const length = shape.reduce((a, b) => a * b, 1);
    return { shape, values: Float32Array.from({ length }, () => (random() * 2 - 1) * scale) };
  };
  const side = pick(whole(4), whole(30), 32);
  const inputShape = [side, side, 3] as const;
  const shapes: Shape[] = [inputShape];
  const steps: Omit<Step, 'frees'>[] = [];
  const activation = (): FusedActivation => pick('linear', 'relu', 'relu6');
  const padding = (): Padding => pick<Padding>('same', 'same', 'valid', [whole(3) - 1, 0, whole(3) - 1, whole(2)]);
  const window = () => ({
    strides: pick([1, 1] as const, [2, 2] as const, [1, 3] as const),
    dilations: pick([1, 1] as const, [1, 1] as const, [2, 1] as const),
    padding: padding(),
    activation: activation(),
  });
  const weighted = (filter: readonly number[], outputs: number, inputs: number) => ({
    filter: constant(filter, 2 / Math.sqrt(inputs)),
    bias: constant([outputs], 0.5),
  });
  const operations: readonly ((channels: number) => Operation | null)[] = [
    (channels) => pointwise(channels),
    (channels) => pointwise(channels, pick(whole(40), channels), activation(), padding()),
    (channels) => {
      const [rows, columns, outputs] = [whole(5), whole(5), pick(whole(20), channels)];
      const weights = weighted([rows, columns, channels, outputs], outputs, rows * columns * channels);
      return { kind: 'conv', ...weights, ...window() };
    },
    (channels) => depthwise(channels),
    (channels) => depthwise(channels),
    (channels) => ({ kind: 'scale', ...weighted([1, 1, channels, 1], channels, 1), activation: activation() }),
    () => ({ kind: 'pad', padding: [whole(2), whole(3) - 1, whole(3) - 1, whole(2)] }),
    () => ({ kind: 'activation', activation: pick('relu', 'relu6') }),
    () => ({
      kind: pick('max-pool', 'avg-pool'),
      size: [whole(3), whole(3)],
      strides: pick([1, 1] as const, [2, 3] as const),
      padding: pick('same', 'valid'),
    }),
  ];
  function pointwise(
    channels: number,
    outputs = pick(whole(40), 16),
    after = activation(),
    padding: Padding = 'same',
  ): Operation {
    const window = { strides: [1, 1], dilations: [1, 1], padding, activation: after } as const;
    return { kind: 'conv', ...weighted([1, 1, channels, outputs], outputs, channels), ...window };
  }
  function depthwise(channels: number): Operation {
    const [rows, columns] = pick([3, 3], [5, 5], [whole(5), whole(5)]) as [number, number];
    return { kind: 'depthwise', ...weighted([rows, columns, channels, 1], channels, rows * columns), ...window() };
  }
  const push = (operation: Operation, inputs: readonly number[]): number => {
    const output = steps.length + 1;
    const shape = inferShape(
      `step ${output}`,
      operation,
      inputs.map((slot) => shapes[slot] as Shape),
    );
    shapes[output] = shape;
    steps.push({ layer: `step ${output}`, operation, inputs, output, shape });
    return output;
  };
  const tryPush = (operation: Operation | null, input: number): void => {
    try {
      if (operation) push(operation, [input]);
    } catch {
      // The window is larger than the map: not this time.
    }
  };
  if (random() < 0.2) {
    // One or two convolutions of the picture, and the picture itself again.
    const convolve = (input: number, after: FusedActivation): number => {
      const same = { strides: [1, 1], dilations: [1, 1], padding: 'same', activation: after } as const;
      return push({ kind: 'conv', ...weighted([3, 3, 3, 3], 3, 27), ...same }, [input]);
    };
    const last = convolve(random() < 0.5 ? 0 : convolve(0, activation()), 'linear');
    push({ kind: 'add' }, pick([0, last], [last, 0]));
  }
  for (let i = whole(9); i > 0; i--) {
    const input = random() < 0.8 ? steps.length : Math.floor(random() * (steps.length + 1));
    tryPush(pick(...operations)(lastOf(shapes[input] as Shape)), input);
    if (random() < 0.4) {
      // As in MobileNets: wider, slid over, narrower, and with luck a sum.
      const before = steps.length;
      push(pointwise(lastOf(shapes[before] as Shape)), [before]);
      tryPush(depthwise(lastOf(shapes[steps.length] as Shape)), steps.length);
      push(pointwise(lastOf(shapes[steps.length] as Shape), lastOf(shapes[before] as Shape), 'linear'), [steps.length]);
    }
    const last = shapes[steps.length] as Shape;
    const alike = shapes.findIndex((shape, slot) => slot < steps.length && String(shape) === String(last));
    if (alike >= 0 && random() < 0.6)
      push({ kind: 'add' }, pick([steps.length, alike], [alike, steps.length], [steps.length, steps.length]));
  }
  const channels = lastOf(shapes[steps.length] as Shape);
  const scale: Operation = { kind: 'scale', ...weighted([1, 1, channels, 1], channels, 1), activation: 'linear' };
  const map = push(scale, [steps.length]);
  const flat = pick('reshape', 'pool');
  const vector =
    flat === 'reshape'
      ? push({ kind: 'reshape', shape: [-1] }, [map])
      : push({ kind: pick('global-max-pool', 'global-avg-pool'), keepsDimensions: pick(true, false) }, [map]);
  const features = lastOf(shapes[vector] as Shape);
  const units = whole(30);
  const weights = constant([features, units], 2 / Math.sqrt(features));
  const dense: Operation = { kind: 'dense', weights, bias: constant([units], 0.5), activation: activation() };
  const out = push(dense, [vector]);
  // One of them is anywhere, and may be what others are computed from together.
  const outputs = [map, vector, out, whole(map)].map((slot) => {
    const size = (shapes[slot] as Shape).reduce((a, b) => a * b, 1);
    return { slot, size, activation: 'linear' } as const;
  });
  return { inputShape, steps: steps.map((step) => ({ ...step, frees: [] })), outputs };
}

function lastOf(shape: Shape): number {
  return shape.at(-1) as number;
}
