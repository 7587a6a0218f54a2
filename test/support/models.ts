import { seededRandom } from './pictures';

/** A weight of a folder that a test makes: its values as the network sees them. */
export interface WeightEntry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** Random values with a spread that keeps activations in range. */
export function randomWeight(name: string, shape: readonly number[], random: () => number, scale = 1): WeightEntry {
  const size = shape.reduce((a, b) => a * b, 1);
  return { name, shape, values: Float32Array.from({ length: size }, () => (random() * 2 - 1) * scale) };
}

/** Weights in float32, one shard. */
export function packWeights(entries: readonly WeightEntry[]): { manifest: object[]; weights: ArrayBuffer[] } {
  const all = new Float32Array(entries.flatMap(({ values }) => [...values]));
  const specs = entries.map(({ name, shape }) => ({ name, shape, dtype: 'float32' }));
  return { manifest: [{ paths: ['group1-shard1of1.bin'], weights: specs }], weights: [all.buffer] };
}

export interface TestNet {
  readonly modelJson: object;
  readonly entries: readonly WeightEntry[];
}

/** How a block of {@link randomNet} is made. */
export interface Block {
  readonly kind: 'conv' | 'depthwise';
  readonly stride: 1 | 2;
  readonly kernel: 1 | 3 | 5;
  readonly activation: 'relu' | 'relu6' | 'linear' | 'fused-relu';
  readonly batchNorm: boolean;
  readonly bias: boolean;
  readonly padding: 'same' | 'valid' | 'zero';
  readonly residual: boolean;
}

const CHANNELS = 6;

/** A small functional Keras 2 network of the given blocks with random weights: `[side, side, 3]` to five classes. */
export function randomNet(blocks: readonly Block[], side: number, seed: number): TestNet {
  const random = seededRandom(seed);
  const entries: WeightEntry[] = [];
  const layers: object[] = [];
  let last = '';
  const add = (className: string, name: string, config: object, inputs: string[] = [last]): string => {
    const nodes = inputs[0] === '' ? [] : [inputs.map((input) => [input, 0, 0, {}])];
    layers.push({ class_name: className, name, config: { name, ...config }, inbound_nodes: nodes });
    last = name;
    return name;
  };
  const batchNorm = (name: string, channels: number): void => {
    add('BatchNormalization', name, { axis: [3], epsilon: 0.001, scale: true, center: true, momentum: 0.99 });
    entries.push(randomWeight(`${name}/gamma`, [channels], random), randomWeight(`${name}/beta`, [channels], random));
    entries.push(randomWeight(`${name}/moving_mean`, [channels], random));
    const variance = Float32Array.from({ length: channels }, () => 0.2 + random());
    entries.push({ name: `${name}/moving_variance`, shape: [channels], values: variance });
  };
  add('InputLayer', 'input', { batch_input_shape: [null, side, side, 3], dtype: 'float32', sparse: false });
  add('Conv2D', 'stem', { filters: CHANNELS, kernel_size: [3, 3], strides: [1, 1], padding: 'same', use_bias: false });
  entries.push(randomWeight('stem/kernel', [3, 3, 3, CHANNELS], random, 0.5));
  for (const [i, block] of blocks.entries()) {
    const before = last;
    const isResidual = block.residual && block.stride === 1 && block.padding === 'same';
    if (block.padding === 'zero')
      add('ZeroPadding2D', `pad${i}`, {
        padding: [
          [1, 2],
          [2, 1],
        ],
      });
    const config = {
      kernel_size: [block.kernel, block.kernel],
      strides: [block.stride, block.stride],
      padding: block.padding === 'same' ? 'same' : 'valid',
      use_bias: block.bias,
      activation: block.activation === 'fused-relu' && !block.batchNorm ? 'relu' : 'linear',
    };
    const name = `block${i}`;
    if (block.kind === 'conv') {
      add('Conv2D', name, { filters: CHANNELS, ...config });
      entries.push(randomWeight(`${name}/kernel`, [block.kernel, block.kernel, CHANNELS, CHANNELS], random, 0.3));
    } else {
      add('DepthwiseConv2D', name, { depth_multiplier: 1, ...config });
      entries.push(randomWeight(`${name}/depthwise_kernel`, [block.kernel, block.kernel, CHANNELS, 1], random, 0.6));
    }
    if (block.bias) entries.push(randomWeight(`${name}/bias`, [CHANNELS], random));
    if (block.batchNorm) batchNorm(`bn${i}`, CHANNELS);
    if (block.activation === 'relu') add('Activation', `act${i}`, { activation: 'relu' });
    if (block.activation === 'relu6') add('ReLU', `act${i}`, { max_value: 6 });
    if (isResidual) add('Add', `add${i}`, {}, [before, last]);
  }
  add('GlobalAveragePooling2D', 'pool', { data_format: 'channels_last' });
  add('Dropout', 'dropout', { rate: 0.2 });
  add('Dense', 'letters', { units: 5, activation: 'softmax', use_bias: true });
  entries.push(randomWeight('letters/kernel', [CHANNELS, 5], random, 2), randomWeight('letters/bias', [5], random));
  const config = { name: 'net', layers, input_layers: [['input', 0, 0]], output_layers: [['letters', 0, 0]] };
  const modelTopology = { keras_version: '2.13.1', model_config: { class_name: 'Functional', config } };
  return { modelJson: { format: 'layers-model', modelTopology }, entries };
}
