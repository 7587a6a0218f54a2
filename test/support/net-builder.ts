import { randomWeight, type WeightEntry } from './models';
import { seededRandom } from './pictures';

/** A layer of a network that a test makes, in no particular spelling. */
export interface BuiltLayer {
  readonly className: string;
  readonly name: string;
  readonly config: Record<string, unknown>;
  readonly inputs: readonly string[];
}

type Value = string;

/** Builds networks layer by layer, with seeded weights that keep activations in range. */
export class NetBuilder {
  readonly layers: BuiltLayer[] = [];
  readonly entries: WeightEntry[] = [];
  readonly #random: () => number;
  #last = '';

  constructor(seed: number, shape: readonly (number | null)[] = [24, 24, 3]) {
    this.#random = seededRandom(seed);
    this.add('InputLayer', { batch_input_shape: [null, ...shape], dtype: 'float32', sparse: false }, []);
  }

  get last(): Value {
    return this.#last;
  }

  /** Appends a layer that reads `inputs`, by default the one before. */
  add(className: string, config: Record<string, unknown> = {}, inputs: readonly Value[] = [this.#last]): Value {
    const name = `${className.toLowerCase()}_${this.layers.length}`;
    this.layers.push({ className, name, config: { name, ...config }, inputs });
    this.#last = name;
    return name;
  }

  /** Goes on from another layer than the last one. */
  from(name: Value): this {
    this.#last = name;
    return this;
  }

  weight(variable: string, shape: readonly number[], scale = 1): this {
    this.entries.push(randomWeight(`${this.#last}/${variable}`, shape, this.#random, scale));
    return this;
  }

  conv(inputs: number, filters: number, config: Record<string, unknown> = {}): Value {
    const { kernel_size: size = [3, 3] } = config as { kernel_size?: [number, number] };
    const all = { filters, kernel_size: size, strides: [1, 1], padding: 'same', use_bias: true, activation: 'linear' };
    this.add('Conv2D', { ...all, ...config });
    this.weight('kernel', [...size, inputs, filters], 1.6 / Math.sqrt(size[0] * size[1] * inputs));
    if ({ ...all, ...config }.use_bias) this.weight('bias', [filters], 0.3);
    return this.#last;
  }

  depthwise(channels: number, config: Record<string, unknown> = {}): Value {
    const { kernel_size: size = [3, 3], depth_multiplier: multiplier = 1 } = config as {
      kernel_size?: [number, number];
      depth_multiplier?: number;
    };
    const all = { kernel_size: size, strides: [1, 1], padding: 'same', use_bias: false, depth_multiplier: 1 };
    this.add('DepthwiseConv2D', { ...all, activation: 'linear', ...config });
    this.weight('depthwise_kernel', [...size, channels, multiplier], 1.6 / Math.sqrt(size[0] * size[1]));
    if ({ ...all, ...config }.use_bias) this.weight('bias', [channels * multiplier], 0.3);
    return this.#last;
  }

  batchNorm(channels: number, config: Record<string, unknown> = {}): Value {
    const all = { axis: [3], momentum: 0.99, epsilon: 0.001, center: true, scale: true, ...config };
    this.add('BatchNormalization', all);
    const about = (middle: number): Float32Array =>
      Float32Array.from({ length: channels }, () => middle + 0.8 * (this.#random() - 0.5));
    const put = (variable: string, values: Float32Array): void => {
      this.entries.push({ name: `${this.#last}/${variable}`, shape: [channels], values });
    };
    if (all.scale) put('gamma', about(1));
    if (all.center) put('beta', about(0));
    put('moving_mean', about(0));
    put('moving_variance', about(0.8));
    return this.#last;
  }

  dense(inputs: number, units: number, config: Record<string, unknown> = {}): Value {
    const all = { units, activation: 'softmax', use_bias: true, ...config };
    this.add('Dense', all);
    this.weight('kernel', [inputs, units], 2.5 / Math.sqrt(inputs));
    if (all.use_bias) this.weight('bias', [units], 0.5);
    return this.#last;
  }

  /** MobileNetV2's block with an Add where it fits. */
  inverted(inputs: number, outputs: number, stride: number, relu: Record<string, unknown>): Value {
    const before = this.#last;
    this.conv(inputs, inputs * 2, { kernel_size: [1, 1], use_bias: false });
    this.batchNorm(inputs * 2);
    this.add('ReLU', relu);
    this.depthwise(inputs * 2, { strides: [stride, stride] });
    this.batchNorm(inputs * 2);
    this.add('ReLU', relu);
    this.conv(inputs * 2, outputs, { kernel_size: [1, 1], use_bias: false });
    const after = this.batchNorm(outputs);
    return stride === 1 && inputs === outputs ? this.add('Add', {}, [before, after]) : after;
  }
}

type Layers = readonly BuiltLayer[];

/** As Keras 1 and 2 write it. */
export function asFunctional(layers: Layers, outputs?: readonly string[], className = 'Functional'): object {
  const list = layers.map(({ className, name, config, inputs }) => ({
    class_name: className,
    name,
    config,
    inbound_nodes: inputs.length > 0 ? [inputs.map((input) => [input, 0, 0, {}])] : [],
  }));
  const first = layers[0] as BuiltLayer;
  const ends = outputs ?? [(layers.at(-1) as BuiltLayer).name];
  return {
    class_name: className,
    config: {
      name: 'net',
      layers: list,
      input_layers: [[first.name, 0, 0]],
      output_layers: ends.map((name) => [name, 0, 0]),
    },
  };
}

/** As Keras 3 writes it. */
export function asKeras3(layers: Layers): object {
  const dtype = { module: 'keras', class_name: 'DTypePolicy', config: { name: 'float32' }, registered_name: null };
  const tensor = (name: string) => ({
    class_name: '__keras_tensor__',
    config: { shape: [null, 1], dtype: 'float32', keras_history: [name, 0, 0] },
  });
  const list = layers.map(({ className, name, config, inputs }) => {
    const { batch_input_shape: shape, ...rest } = config;
    const args = inputs.length > 1 ? [inputs.map(tensor)] : inputs.map(tensor);
    return {
      module: 'keras.layers',
      class_name: className,
      config: { ...rest, ...(shape ? { batch_shape: shape } : {}), dtype },
      registered_name: null,
      name,
      inbound_nodes: inputs.length > 0 ? [{ args, kwargs: {} }] : [],
    };
  });
  const end = (layer: BuiltLayer) => [layer.name, 0, 0];
  const config = {
    name: 'net',
    trainable: true,
    layers: list,
    input_layers: end(layers[0] as BuiltLayer),
    output_layers: end(layers.at(-1) as BuiltLayer),
  };
  return { class_name: 'Functional', config };
}

/** A chain without its InputLayer, whose first layer says what it takes. */
export function asSequential(layers: Layers, name = 'net', isOuter = true): object {
  const [input, ...rest] = layers as [BuiltLayer, ...BuiltLayer[]];
  const list = rest.map(({ className, config }, i) => ({
    class_name: className,
    config: i === 0 && isOuter ? { ...config, batch_input_shape: input.config['batch_input_shape'] } : config,
  }));
  return { class_name: 'Sequential', config: { name, layers: list } };
}
