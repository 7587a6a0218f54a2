import type { Device, Value } from '../backend/device';
import type { Constant, FusedActivation, Operation, Output, Padding, Plan, Step } from './plan';

/** The raw outputs of one forward pass, in the order of the plan's outputs. */
export type Outputs = readonly Float32Array[];

/** A network with its weights on a device. */
export interface Runner {
  readonly outputs: readonly Output[];
  /** How many threads compute; one where nothing is said. */
  readonly threads?: number;
  /** Why it is one, though more were wanted. */
  readonly whyAlone?: string | null;
  /**
   * Runs the network on one image. All kernels are queued before this returns its promise.
   *
   * @param input - height × width × RGB, in the range that the network was trained with
   */
  run(input: Float32Array): Promise<Outputs>;
  dispose(): void;
}

/**
 * A plan with its weights on a device.
 *
 * Kernels are called directly with the device's backend object. tfjs keeps one engine a page, with one active backend
 * and one list of tensors for every program on it; a runner touches neither, so that an app's own tfjs never notices
 * it, whatever it does between or during our frames.
 */
export class PlanRunner implements Runner {
  readonly #plan: Plan;
  readonly #device: Device;
  readonly #constants = new Map<Constant, Value>();

  constructor(plan: Plan, device: Device) {
    this.#plan = plan;
    this.#device = device;
    for (const { operation } of plan.steps) {
      if ('filter' in operation) this.#upload(operation.filter, operation.filter.shape);
      // A Dense layer runs as a convolution of one pixel: one kernel less to carry, and the same packed matrix product.
      if (operation.kind === 'dense') this.#upload(operation.weights, [1, 1, ...operation.weights.shape]);
      if ('bias' in operation) this.#upload(operation.bias, operation.bias.shape);
    }
  }

  get outputs(): readonly Output[] {
    return this.#plan.outputs;
  }

  async run(input: Float32Array): Promise<Outputs> {
    const values: (Value | undefined)[] = [this.#device.write(input, [1, ...this.#plan.inputShape])];
    try {
      for (const step of this.#plan.steps) {
        values[step.output] = this.#execute(step, values);
        for (const slot of step.frees) {
          this.#device.free(values[slot] as Value);
          values[slot] = undefined;
        }
      }
      return await Promise.all(this.#plan.outputs.map(({ slot }) => this.#device.read(values[slot] as Value)));
    } finally {
      // On the good way only the outputs are left here; after a fault, whatever was alive.
      for (const value of values) if (value) this.#device.free(value);
    }
  }

  dispose(): void {
    for (const value of this.#constants.values()) this.#device.free(value);
    this.#constants.clear();
  }

  #execute(step: Step, values: readonly (Value | undefined)[]): Value {
    const [x, y] = step.inputs.map((slot) => values[slot] as Value) as [Value, Value | undefined];
    const { operation } = step;
    const call = this.#device.call;
    switch (operation.kind) {
      case 'conv':
      case 'depthwise': {
        const kernel = operation.kind === 'conv' ? 'FusedConv2D' : 'FusedDepthwiseConv2D';
        const inputs = { x, filter: this.#constant(operation.filter), bias: this.#constant(operation.bias) };
        return call(kernel, inputs, convolutionAttributes(operation));
      }
      case 'dense': {
        const inputs = { x, filter: this.#constant(operation.weights), bias: this.#constant(operation.bias) };
        return call('FusedConv2D', inputs, attributes([1, 1], [1, 1], 'valid', operation.activation));
      }
      case 'max-pool':
      case 'avg-pool':
        return call(operation.kind === 'max-pool' ? 'MaxPool' : 'AvgPool', { x }, poolAttributes(operation));
      case 'scale': {
        const inputs = { x, filter: this.#constant(operation.filter), bias: this.#constant(operation.bias) };
        return call('FusedDepthwiseConv2D', inputs, attributes([1, 1], [1, 1], 'valid', operation.activation));
      }
      case 'global-max-pool':
      case 'global-avg-pool': {
        const kernel = operation.kind === 'global-max-pool' ? 'MaxPool' : 'AvgPool';
        const size = x.shape.slice(1, 3);
        return call(kernel, { x }, { filterSize: size, strides: size, pad: 'valid', dimRoundingMode: undefined });
      }
      case 'add':
        return call('Add', { a: x, b: y as Value }, {});
      case 'activation':
        return call(operation.activation === 'relu' ? 'Relu' : 'Relu6', { x }, {});
      case 'pad':
        return call('PadV2', { x }, { paddings: explicitPadding(operation.padding), constantValue: 0 });
      case 'reshape':
        return call(
          'Reshape',
          { x },
          { shape: step.shape.length === 1 ? [1, 1, 1, ...step.shape] : [1, ...step.shape] },
        );
    }
  }

  #upload(constant: Constant, shape: readonly number[]): void {
    if (!this.#constants.has(constant)) this.#constants.set(constant, this.#device.write(constant.values, shape));
  }

  #constant(constant: Constant): Value {
    return this.#constants.get(constant) as Value;
  }
}

function convolutionAttributes(operation: Extract<Operation, { kind: 'conv' | 'depthwise' }>): object {
  return attributes(operation.strides, operation.dilations, operation.padding, operation.activation);
}

function attributes(
  strides: readonly [number, number],
  dilations: readonly [number, number],
  padding: Padding,
  activation: FusedActivation,
): object {
  const pad = typeof padding === 'string' ? padding : explicitPadding(padding);
  return { strides, dilations, pad, activation, dataFormat: 'NHWC', dimRoundingMode: undefined };
}

function poolAttributes(operation: Extract<Operation, { kind: 'max-pool' | 'avg-pool' }>): object {
  return { filterSize: operation.size, strides: operation.strides, pad: operation.padding, dimRoundingMode: undefined };
}

function explicitPadding([top, bottom, left, right]: readonly [number, number, number, number]): number[][] {
  return [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ];
}
