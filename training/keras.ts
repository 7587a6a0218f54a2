import type { BatchNorm, Dump, Layer, Tensor } from './dump';
import { channelScales, type StoredWeight, storeConstant, storeFloat16, storeFloat32, storeUint8 } from './quantize';

/** A model folder's content, apart from its metadata. */
export interface LayersModel {
  readonly modelJson: object;
  readonly weights: Uint8Array;
}

const EPSILON = 1e-3;
const SHARD = 'group1-shard1of1.bin';

type KerasLayer = {
  readonly class_name: string;
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly inbound_nodes: unknown[];
};

/**
 * Writes the network in TensorFlow.js Layers format.
 *
 * Quantised, every matrix W with more than a handful of rows is stored per output channel: W/f in uint8 with
 * f = max|W| of the channel, and a batch norm behind it that multiplies by f (mean 0, variance 1 − ε, so that its
 * square root is 1). Depthwise kernels and all vectors are float16. Exact before rounding, and still a folder that any
 * TensorFlow.js program loads.
 */
export function writeKeras(dump: Dump, isQuantized: boolean): LayersModel {
  const writer = new Writer(dump, isQuantized);
  for (const layer of dump.json.layers) writer.write(layer);
  return writer.finish();
}

class Writer {
  readonly #dump: Dump;
  readonly #isQuantized: boolean;
  readonly #layers: KerasLayer[] = [];
  readonly #stored: StoredWeight[] = [];
  /** Dumped layers end in different Keras layers once a batch norm or activation has been put behind them. */
  readonly #ends = new Map<string, string>([['input', 'input']]);

  constructor(dump: Dump, isQuantized: boolean) {
    this.#dump = dump;
    this.#isQuantized = isQuantized;
    const size = dump.json.input_size;
    this.#add('InputLayer', 'input', { batch_input_shape: [null, size, size, 3], dtype: 'float32', sparse: false }, []);
  }

  write(layer: Layer): void {
    const inputs = layer.inputs.map((name) => this.#ends.get(name) as string);
    this.#ends.set(layer.name, this.#writeLayer(layer, inputs));
  }

  finish(): LayersModel {
    const outputs = this.#dump.json.outputs.map((name) => [this.#ends.get(name), 0, 0]);
    const config = {
      name: 'fingerspell',
      layers: this.#layers,
      input_layers: [['input', 0, 0]],
      output_layers: outputs,
    };
    const specs = this.#stored.map(({ spec }) => spec);
    const bytes = new Uint8Array(this.#stored.reduce((sum, { bytes: part }) => sum + part.length, 0));
    let offset = 0;
    for (const { bytes: part } of this.#stored) {
      bytes.set(part, offset);
      offset += part.length;
    }
    return {
      modelJson: {
        format: 'layers-model',
        generatedBy: 'asl-fingerspell training/export.ts',
        convertedBy: null,
        modelTopology: {
          keras_version: '2.15.0',
          backend: 'tensorflow',
          model_config: { class_name: 'Functional', config },
        },
        weightsManifest: [{ paths: [SHARD], weights: specs }],
      },
      weights: bytes,
    };
  }

  /** Returns the name of the last Keras layer that the layer became. */
  #writeLayer(layer: Layer, inputs: readonly string[]): string {
    switch (layer.kind) {
      case 'conv':
      case 'depthwise':
      case 'dense':
        return this.#writeMatrix(layer, inputs);
      case 'maxpool': {
        const [pool_size, strides] = [layer.kernel, layer.stride].map((side) => [side, side]);
        const config = { pool_size, strides, padding: layer.padding, data_format: 'channels_last' };
        return this.#add('MaxPooling2D', layer.name, config, inputs);
      }
      case 'add':
        return this.#add('Add', layer.name, {}, inputs);
      case 'gap':
        return this.#add('GlobalAveragePooling2D', layer.name, { data_format: 'channels_last' }, inputs);
    }
  }

  #writeMatrix(layer: Layer, inputs: readonly string[]): string {
    const weight = this.#tensor(layer, layer.weight as string);
    const channels = weight.shape[layer.kind === 'depthwise' ? 2 : weight.shape.length - 1] as number;
    const { scale, bias } = this.#vectors(layer, channels);
    // The last layer's rounding is what moves probabilities most, and it is small.
    if (!this.#isQuantized || layer.kind === 'depthwise' || layer.activation === 'softmax') {
      const scaled = weight.values.map((value, i) => value * (scale[i % channels] as number));
      const name = this.#addMatrix(layer, inputs, true);
      this.#storePlain(`${name}/${kernelName(layer)}`, weight.shape, scaled);
      this.#storePlain(`${name}/bias`, [channels], bias);
      return this.#addActivation(layer, name);
    }
    const name = this.#addMatrix(layer, inputs, false);
    const factors = channelScales(weight.values, channels);
    const unit = weight.values.map((value, i) => value / (factors[i % channels] as number));
    this.#stored.push(storeUint8(`${name}/${kernelName(layer)}`, weight.shape, unit));
    const gamma = factors.map((factor, i) => factor * (scale[i] as number));
    return this.#addActivation(layer, this.#addNorm(layer, name, gamma, bias));
  }

  #addMatrix(layer: Layer, inputs: readonly string[], use_bias: boolean): string {
    const units = this.#dump.tensor(layer.weight as string).shape.at(-1);
    const shared = { use_bias, activation: 'linear' };
    if (layer.kind === 'dense') return this.#add('Dense', layer.name, { ...shared, units }, inputs);
    const [kernel_size, strides] = [layer.kernel, layer.stride].map((side) => [side, side]);
    const map = { kernel_size, strides, padding: layer.padding, data_format: 'channels_last', dilation_rate: [1, 1] };
    return layer.kind === 'conv'
      ? this.#add('Conv2D', layer.name, { ...shared, ...map, filters: units }, inputs)
      : this.#add('DepthwiseConv2D', layer.name, { ...shared, ...map, depth_multiplier: 1 }, inputs);
  }

  #addNorm(layer: Layer, input: string, gamma: Float32Array, beta: Float32Array): string {
    // Counted from the front, as Keras writes it: tfjs-layers cannot count `[-1]` from the back.
    const axis = layer.kind === 'dense' ? 1 : 3;
    const name = this.#add(
      'BatchNormalization',
      `${layer.name}_bn`,
      { axis: [axis], momentum: 0.99, epsilon: EPSILON, center: true, scale: true },
      [input],
    );
    this.#stored.push(
      storeFloat16(`${name}/gamma`, [gamma.length], gamma),
      storeFloat16(`${name}/beta`, [beta.length], beta),
      storeConstant(`${name}/moving_mean`, gamma.length, 0),
      storeConstant(`${name}/moving_variance`, gamma.length, 1 - EPSILON),
    );
    return name;
  }

  #addActivation(layer: Layer, input: string): string {
    if (layer.activation === 'linear') return input;
    const name = `${layer.name}_${layer.activation}`;
    if (layer.activation === 'softmax') return this.#add('Softmax', name, { axis: -1 }, [input]);
    return this.#add('ReLU', name, { max_value: layer.activation === 'relu6' ? 6 : null }, [input]);
  }

  /** What is done to a matrix's product: a factor and a shift per channel, from its bias and batch norm. */
  #vectors(layer: Layer, channels: number): { scale: Float32Array; bias: Float32Array } {
    const bias = layer.bias ? this.#tensor(layer, layer.bias).values : new Float32Array(channels);
    if (!layer.bn) return { scale: new Float32Array(channels).fill(1), bias };
    const { gamma, beta, mean, variance } = this.#normTensors(layer.bn);
    const scale = gamma.map((g, i) => g / Math.sqrt((variance[i] as number) + (layer.bn as BatchNorm).epsilon));
    const shift = beta.map((b, i) => b + ((bias[i] as number) - (mean[i] as number)) * (scale[i] as number));
    return { scale, bias: shift };
  }

  #normTensors(bn: BatchNorm): Record<'gamma' | 'beta' | 'mean' | 'variance', Float32Array> {
    const read = (name: string): Float32Array => this.#dump.tensor(name).values;
    return { gamma: read(bn.gamma), beta: read(bn.beta), mean: read(bn.mean), variance: read(bn.variance) };
  }

  /** A tensor of the dump, with what the folder's conventions change about the two heads. */
  #tensor(layer: Layer, name: string): Tensor {
    const tensor = this.#dump.tensor(name);
    const isBias = tensor.shape.length === 1;
    if (layer.activation === 'softmax') {
      // Calibration: logits divided by the temperature, for every program that loads the folder (Guo et al. 2017).
      return { shape: tensor.shape, values: tensor.values.map((value) => value / this.#dump.json.temperature) };
    }
    if (layer.name !== this.#dump.json.outputs[1]) return tensor;
    // Joints from −1…1 across the square to fractions of it; the last of the 64 is the logit of presence.
    const values = tensor.values.map((value, i) => {
      const unit = i % 64;
      if (unit === 63) return value;
      return value / 2 + (isBias && unit % 3 !== 2 ? 0.5 : 0);
    });
    return { shape: tensor.shape, values };
  }

  #storePlain(name: string, shape: readonly number[], values: Float32Array): void {
    this.#stored.push(this.#isQuantized ? storeFloat16(name, shape, values) : storeFloat32(name, shape, values));
  }

  #add(className: string, name: string, config: Readonly<Record<string, unknown>>, inputs: readonly string[]): string {
    const inbound = inputs.length > 0 ? [inputs.map((input) => [input, 0, 0, {}])] : [];
    const full = { name, trainable: true, dtype: 'float32', ...config };
    this.#layers.push({ class_name: className, name, config: full, inbound_nodes: inbound });
    return name;
  }
}

function kernelName(layer: Layer): string {
  return layer.kind === 'depthwise' ? 'depthwise_kernel' : 'kernel';
}
