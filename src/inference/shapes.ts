import { BeyondPlan, misfit, unsupported } from './faults';
import type { Operation, Padding, Shape } from './plan';

// 16 million values, 64 MB: a map that no classifier of ours has, and a hostile file must not ask for.
export const MAX_VALUES = 1 << 24;

/** The shape that `operation` gives for inputs of these shapes; throws where they do not fit its weights. */
export function inferShape(layer: string, operation: Operation, inputs: readonly Shape[]): Shape {
  const [input] = inputs;
  const wanted = operation.kind === 'add' ? 2 : 1;
  if (!input || inputs.length !== wanted) throw new BeyondPlan(`Layer "${layer}" has ${inputs.length} inputs.`);
  const shape = infer(layer, operation, input, inputs);
  if (shape.some((side) => !(side > 0)) || sizeOf(shape) > MAX_VALUES) {
    throw unsupported(`Layer "${layer}" gives a map of [${shape}].`);
  }
  return shape;
}

/** How many multiplications `operation` takes, roughly. */
export function countOperations(operation: Operation, inputs: readonly Shape[], shape: Shape): number {
  const values = sizeOf(shape);
  switch (operation.kind) {
    case 'conv':
      return values * sizeOf(operation.filter.shape.slice(0, 3));
    case 'depthwise':
      return values * sizeOf(operation.filter.shape.slice(0, 2));
    case 'dense':
      return values * (operation.weights.shape[0] as number);
    case 'max-pool':
    case 'avg-pool':
      return values * operation.size[0] * operation.size[1];
    default:
      return Math.max(values, ...inputs.map(sizeOf));
  }
}

/** How many values a shape holds. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((a, b) => a * b, 1);
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
      if (input.at(-1) !== features) throw misfit(`layer "${layer}"`, `${features} input features`, input.at(-1));
      return [...input.slice(0, -1), units];
    }
    case 'scale': {
      const { length } = operation.bias.values;
      if (input.at(-1) !== length) throw misfit(`layer "${layer}"`, `${length} channels`, input.at(-1));
      return input;
    }
    case 'global-max-pool':
    case 'global-avg-pool': {
      const channels = asMap(layer, input)[2];
      return operation.keepsDimensions ? [1, 1, channels] : [channels];
    }
    case 'reshape':
      return reshape(layer, operation.shape, sizeOf(input));
    case 'activation':
      return input;
    case 'add':
      if (String(inputs[0]) !== String(inputs[1])) throw new BeyondPlan(`Layer "${layer}" adds maps of other shapes.`);
      return input;
  }
}

function reshape(layer: string, target: Shape, size: number): Shape {
  const known = target.filter((side) => side !== -1).reduce((a, b) => a * b, 1);
  const shape = target.map((side) => (side === -1 ? size / known : side));
  if (sizeOf(shape) !== size || shape.some((side) => !Number.isInteger(side))) {
    throw misfit(`layer "${layer}"`, `${size} values`, `[${target}]`);
  }
  if (shape.length === 2 || shape.length > 3) throw new BeyondPlan(`Layer "${layer}" gives [${shape}].`);
  return shape;
}

// Keras: 'same' gives ⌈n / stride⌉, 'valid' ⌈(n − window + 1) / stride⌉.
function slide(length: number, window: number, stride: number, padding: Padding): number {
  return Math.ceil((padding === 'same' ? length : length - window + 1) / stride);
}

function asMap(layer: string, shape: Shape): readonly [number, number, number] {
  if (shape.length !== 3) throw unsupported(`Layer "${layer}" wants a map and gets a vector.`);
  return shape as unknown as readonly [number, number, number];
}
