import type { Constant, FusedActivation, Operation, Padding, Plan, Shape } from '../../src/inference/plan';
import { sizeOf } from '../../src/inference/shapes';

type Numbers = Float64Array;

/** Runs a plan as its definition reads, in double precision, one number after the other. */
export function runNaively(plan: Plan, input: Float32Array): Numbers[] {
  const values = new Map<number, Numbers>([[0, Float64Array.from(input)]]);
  const shapes = new Map<number, Shape>([[0, plan.inputShape]]);
  for (const { operation, inputs, output, shape } of plan.steps) {
    const given = inputs.map((slot) => values.get(slot) as Numbers);
    const source = shapes.get(inputs[0] as number) as Shape;
    values.set(output, compute(operation, given, source, shape));
    shapes.set(output, shape);
  }
  return plan.outputs.map(({ slot }) => values.get(slot) as Numbers);
}

function compute(operation: Operation, [x, y]: Numbers[], source: Shape, target: Shape): Numbers {
  const from = x as Numbers;
  switch (operation.kind) {
    case 'conv':
    case 'depthwise': {
      const { filter, bias, activation } = operation;
      const [rows = 1, columns = 1, inputs = 1, outputs = 1] = filter.shape;
      const isDepthwise = operation.kind === 'depthwise';
      return slide(operation, [rows, columns], source, target, (see, channel) => {
        let sum = bias.values[channel] as number;
        see((place, pixel) => {
          if (isDepthwise)
            sum += (from[pixel * inputs + channel] as number) * (filter.values[place * inputs + channel] as number);
          else
            for (let i = 0; i < inputs; i++) {
              const weight = filter.values[(place * inputs + i) * outputs + channel] as number;
              sum += (from[pixel * inputs + i] as number) * weight;
            }
        });
        return activate(sum, activation);
      });
    }
    case 'max-pool':
    case 'avg-pool': {
      const channels = source[2] as number;
      return slide({ ...operation, dilations: [1, 1] }, operation.size, source, target, (see, channel) => {
        const seen: number[] = [];
        see((_, pixel) => seen.push(from[pixel * channels + channel] as number));
        return operation.kind === 'max-pool' ? Math.max(...seen) : seen.reduce((a, b) => a + b) / seen.length;
      });
    }
    case 'global-max-pool':
    case 'global-avg-pool': {
      const channels = source[2] as number;
      return new Float64Array(channels).map((_, channel) => {
        const seen = from.filter((_, i) => i % channels === channel);
        return operation.kind === 'global-max-pool' ? Math.max(...seen) : seen.reduce((a, b) => a + b) / seen.length;
      });
    }
    case 'dense':
      return multiply(from, operation.weights, operation.bias).map((sum) => activate(sum, operation.activation));
    case 'scale':
      return from.map((value, i) => {
        const channel = i % operation.bias.values.length;
        const scaled =
          value * (operation.filter.values[channel] as number) + (operation.bias.values[channel] as number);
        return activate(scaled, operation.activation);
      });
    case 'add':
      return from.map((value, i) => value + ((y as Numbers)[i] as number));
    case 'activation':
      return from.map((value) => activate(value, operation.activation));
    case 'reshape':
      return from;
    case 'pad': {
      const [top, , left] = operation.padding;
      const [height = 1, width = 1, channels = 1] = source;
      const padded = new Float64Array(sizeOf(target));
      for (let row = 0; row < height; row++) {
        const line = from.subarray(row * width * channels, (row + 1) * width * channels);
        padded.set(line, ((row + top) * (target[1] as number) + left) * channels);
      }
      return padded;
    }
  }
}

interface Window {
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  readonly padding: Padding;
}
type See = (visit: (place: number, pixel: number) => void) => void;

/** Every number of a map whose windows see another map. */
function slide(
  { strides, dilations, padding }: Window,
  size: readonly [number, number],
  source: Shape,
  target: Shape,
  result: (see: See, channel: number) => number,
): Numbers {
  const before = (axis: 0 | 1): number => {
    if (typeof padding !== 'string') return axis === 0 ? padding[0] : padding[2];
    const span = ((target[axis] as number) - 1) * strides[axis] + (size[axis] - 1) * dilations[axis] + 1;
    return padding === 'same' ? Math.floor(Math.max(0, span - (source[axis] as number)) / 2) : 0;
  };
  const [top, left] = [before(0), before(1)];
  const [height = 1, width = 1] = source;
  const [, across = 1, channels = 1] = target;
  return new Float64Array(sizeOf(target)).map((_, i) => {
    const pixel = Math.floor(i / channels);
    const [y, x] = [Math.floor(pixel / across), pixel % across];
    const see: See = (visit) => {
      for (let place = 0; place < size[0] * size[1]; place++) {
        const row = y * strides[0] + Math.floor(place / size[1]) * dilations[0] - top;
        const column = x * strides[1] + (place % size[1]) * dilations[1] - left;
        if (row >= 0 && row < height && column >= 0 && column < width) visit(place, row * width + column);
      }
    };
    return result(see, i % channels);
  });
}

function multiply(from: Numbers, weights: Constant, bias: Constant): Numbers {
  const [inputs = 1, outputs = 1] = weights.shape;
  return new Float64Array((from.length / inputs) * outputs).map((_, i) => {
    const [pixel, output] = [Math.floor(i / outputs), i % outputs];
    let sum = bias.values[output] as number;
    for (let k = 0; k < inputs; k++) {
      sum += (from[pixel * inputs + k] as number) * (weights.values[k * outputs + output] as number);
    }
    return sum;
  });
}

function activate(value: number, activation: FusedActivation): number {
  if (activation === 'linear') return value;
  return Math.min(Math.max(0, value), activation === 'relu6' ? 6 : Number.POSITIVE_INFINITY);
}
