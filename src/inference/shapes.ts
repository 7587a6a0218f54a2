import { misfit, unsupported } from './faults';
import type { Operation, Padding, Shape } from './plan';

// 64 million values: a map that no classifier of ours has, and a hostile file must not ask for.
const MAX_VALUES = 1 << 26;

/** The shape that `operation` gives for inputs of these shapes; throws where they do not fit its weights. */
export function inferShape(layer: string, operation: Operation, inputs: readonly Shape[]): Shape {
  const [input] = inputs;
  const wanted = operation.kind === 'add' ? 2 : 1;
  if (!input || inputs.length !== wanted) throw unsupported(`Layer "${layer}" has ${inputs.length} inputs.`);
  const shape = infer(layer, operation, input, inputs);
  if (shape.some((side) => !(side > 0)) || shape.reduce((a, b) => a * b, 1) > MAX_VALUES) {
    throw unsupported(`Layer "${layer}" gives a map of [${shape}].`);
  }
  return shape;
}

function infer(layer: string, operation: Operation, input: Shape, inputs: readonly Shape[]): Shape {
  switch (operation.kind) {
    case 'conv':
    case 'depthwise': {
      const [height, width, channels] = asMap(layer, input);
      const [filterHeight, filterWidth, filterInputs, filterOutputs] = operation.filter.shape as [
        number,
        number,
        number,
        number,
      ];
      if (filterInputs !== channels) throw misfit(`layer "${layer}"`, `${filterInputs} input channels`, channels);
      const [sy, sx] = operation.strides;
      const [dy, dx] = operation.dilations;
      const [top, bottom, left, right] = typeof operation.padding === 'string' ? [0, 0, 0, 0] : operation.padding;
      return [
        slide(height + top + bottom, (filterHeight - 1) * dy + 1, sy, operation.padding),
        slide(width + left + right, (filterWidth - 1) * dx + 1, sx, operation.padding),
        operation.kind === 'conv' ? filterOutputs : channels,
      ];
    }
    case 'max-pool':
    case 'avg-pool': {
      const [height, width, channels] = asMap(layer, input);
      return [
        slide(height, operation.size[0], operation.strides[0], operation.padding),
        slide(width, operation.size[1], operation.strides[1], operation.padding),
        channels,
      ];
    }
    case 'pad': {
      const [height, width, channels] = asMap(layer, input);
      const [top, bottom, left, right] = operation.padding;
      return [height + top + bottom, width + left + right, channels];
    }
    case 'dense': {
      const [features, units] = operation.weights.shape as [number, number];
      if (input.length !== 1) throw unsupported(`Layer "${layer}" is a Dense layer on a map.`);
      if (input[0] !== features) throw misfit(`layer "${layer}"`, `${features} input features`, input[0]);
      return [units];
    }
    case 'global-avg-pool':
      return [asMap(layer, input)[2]];
    case 'reshape':
      return [input.reduce((a, b) => a * b, 1)];
    case 'activation':
      return input;
    case 'add':
      if (String(inputs[0]) !== String(inputs[1])) throw unsupported(`Layer "${layer}" adds maps of different shapes.`);
      return input;
  }
}

// Keras: 'same' gives ⌈n / stride⌉, 'valid' ⌈(n − window + 1) / stride⌉.
function slide(length: number, window: number, stride: number, padding: Padding): number {
  return Math.ceil((padding === 'same' ? length : length - window + 1) / stride);
}

function asMap(layer: string, shape: Shape): readonly [number, number, number] {
  if (shape.length !== 3) throw unsupported(`Layer "${layer}" wants a map and gets a vector.`);
  return shape as unknown as readonly [number, number, number];
}
