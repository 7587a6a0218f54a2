import { ALPHABET, type Folder, folderOf, tutorialMetadata } from './folders';
import { asFunctional, NetBuilder } from './net-builder';

const metadata = tutorialMetadata(ALPHABET.slice(0, 5));

function batchNorms(): NetBuilder {
  const net = new NetBuilder(21);
  net.batchNorm(3, { scale: false });
  net.conv(3, 8, { activation: 'relu' });
  net.batchNorm(8, { center: false, epsilon: 1e-5 });
  net.add('ReLU', { max_value: null });
  net.batchNorm(8, { scale: false, center: false });
  net.depthwise(8, { use_bias: true, activation: 'relu6' });
  net.batchNorm(8);
  net.batchNorm(8);
  net.add('GlobalAveragePooling2D');
  net.batchNorm(8, { axis: [1] });
  net.dense(8, 12, { activation: 'relu' });
  net.batchNorm(12, { axis: -1 });
  net.add('Activation', { activation: 'relu' });
  net.dense(12, 5, { activation: 'linear' });
  net.batchNorm(5, { axis: 1 });
  net.add('Softmax', { axis: -1 });
  return net;
}

function pools(): NetBuilder {
  const net = new NetBuilder(22, [23, 23, 3]);
  net.conv(3, 8, { padding: 'valid', activation: 'relu' });
  net.add('AveragePooling2D', { pool_size: [3, 2], strides: [2, 1], padding: 'same' });
  net.add('MaxPooling2D', { pool_size: [2, 3], strides: null, padding: 'same' });
  net.add('AveragePooling2D', { pool_size: [2, 2], strides: [1, 1], padding: 'valid' });
  net.add('MaxPooling2D', { pool_size: [5, 5], strides: [3, 3], padding: 'same' });
  net.add('GlobalMaxPooling2D');
  net.dense(8, 5);
  return net;
}

function strides(): NetBuilder {
  const net = new NetBuilder(23);
  net.conv(3, 8, { kernel_size: [1, 7], strides: [1, 2], activation: 'relu' });
  net.depthwise(8, { strides: [2, 2] });
  net.add('ReLU', { max_value: 6 });
  net.conv(8, 8, { kernel_size: [5, 2], strides: [2, 1], padding: 'valid' });
  net.depthwise(8, { kernel_size: [5, 5], padding: 'same' });
  net.conv(8, 8, { dilation_rate: [2, 2] });
  net.add('ZeroPadding2D', { padding: [2, 1] });
  net.add('MaxPooling2D', { pool_size: [2, 2], padding: 'valid' });
  net.add('ZeroPadding2D', { padding: 1 });
  net.depthwise(8, { strides: [2, 2], padding: 'valid' });
  net.add('GlobalAveragePooling2D');
  net.dense(8, 5);
  return net;
}

/** MobileNet v1's head: pooled, reshaped to a map of one pixel, classified by a convolution. */
function reshapes(): NetBuilder {
  const net = new NetBuilder(24);
  net.conv(3, 8, { strides: [2, 2] });
  net.add('GlobalAveragePooling2D');
  net.add('Reshape', { target_shape: [1, 1, 8] });
  net.add('Dropout', { rate: 0.001 });
  net.conv(8, 5, { kernel_size: [1, 1] });
  net.add('Reshape', { target_shape: [-1] });
  net.add('Activation', { activation: 'softmax' });
  return net;
}

function denseOnMap(): NetBuilder {
  const net = new NetBuilder(25);
  net.conv(3, 8, { strides: [2, 2], activation: 'relu' });
  net.dense(8, 6, { activation: 'relu6' });
  net.add('GaussianNoise', { stddev: 0.1 });
  net.add('GlobalMaxPooling2D');
  net.dense(6, 5);
  return net;
}

/** One layer of weights called twice. */
function shared(): Folder {
  const net = new NetBuilder(26);
  net.conv(3, 6, { activation: 'relu' });
  const twice = net.conv(6, 6, { activation: 'relu' });
  net.add('MaxPooling2D', { pool_size: [2, 2] });
  const pool = net.last;
  net.add('GlobalAveragePooling2D');
  const mean = net.last;
  net.dense(6, 5);
  const model = asFunctional(net.layers) as { config: { layers: { name: string; inbound_nodes: unknown[][] }[] } };
  for (const layer of model.config.layers) {
    if (layer.name === twice) layer.inbound_nodes.push([[pool, 0, 0, {}]]);
    if (layer.name === mean) layer.inbound_nodes = [[[twice, 1, 0, {}]]];
  }
  const folder = folderOf('a layer called twice', net, { metadata, topology: { model_config: model } });
  return { ...folder, reference: { ...folder.files } };
}

function wide(): NetBuilder {
  const net = new NetBuilder(27, [40, 40, 3]);
  net.conv(3, 16, { activation: 'relu' });
  net.add('Flatten');
  net.dense(40 * 40 * 16, 16, { activation: 'relu' });
  net.dense(16, 5);
  return net;
}

/** Layers that others read as well, and pairs that look as if one could be merged into the other. */
function kept(): NetBuilder {
  const net = new NetBuilder(28);
  const map = net.conv(3, 8);
  const positive = net.add('ReLU', {}, [map]);
  const norm = net.from(map).batchNorm(8);
  const sum = net.add('Add', {}, [map, positive]);
  net.add('Add', {}, [sum, norm]);
  net.add('Add', {}, [net.last, net.last]);
  const padded = net.add('ZeroPadding2D', { padding: 1 });
  const left = net.conv(8, 8, { padding: 'valid' });
  const right = net.from(padded).conv(8, 8, { padding: 'valid' });
  net.add('Add', {}, [left, right]);
  net.add('ZeroPadding2D', { padding: 1 });
  net.conv(8, 8, { padding: 'same' });
  // Far above 6, so that the first of the two caps it and the second leaves it there.
  net.add('Rescaling', { scale: 20, offset: 0 });
  net.add('Activation', { activation: 'relu6' });
  net.add('Activation', { activation: 'relu' });
  net.add('GlobalAveragePooling2D');
  net.dense(8, 5);
  return net;
}

/** What a file leaves out is as Keras has it. */
function defaults(): NetBuilder {
  const net = new NetBuilder(29);
  // EfficientNets scale each channel by itself.
  net.add('Rescaling', { scale: [2, 1, 0.5], offset: [-1, 0, 0.25] });
  const silent = { strides: undefined, padding: undefined, use_bias: undefined, activation: undefined };
  net.conv(3, 8, silent);
  net.weight('bias', [8], 0.3);
  net.batchNorm(8, { epsilon: undefined });
  // A variance so small that the epsilon counts, and a gamma that keeps activations in range.
  net.entries.at(-1)?.values.fill(1e-3);
  net.entries.at(-4)?.values.fill(0.04);
  net.add('ReLU');
  net.add('MaxPooling2D');
  net.depthwise(8, { ...silent, use_bias: false });
  net.add('AveragePooling2D');
  net.add('GlobalAveragePooling2D');
  net.dense(8, 5);
  for (const { config } of net.layers) {
    for (const key of Object.keys(config)) if (config[key] === undefined) Reflect.deleteProperty(config, key);
  }
  return net;
}

/** The head of Keras' MobileNets since 2.6; tfjs-layers does not know `keepdims`. */
function keepsDimensions(): Folder {
  const net = reshapes();
  const layers = net.layers.map((layer) => {
    if (layer.className === 'GlobalAveragePooling2D') return { ...layer, config: { ...layer.config, keepdims: true } };
    const isNeedless = layer.className === 'Reshape' && String(layer.config['target_shape']) === '1,1,8';
    return isNeedless ? { ...layer, className: 'Dropout', config: { name: layer.name, rate: 0 } } : layer;
  });
  return folderOf('a global pool that keeps its dimensions', net, {
    metadata,
    topology: { model_config: asFunctional(layers) },
  });
}

// With settings as Keras has them, which nothing may read.
const TRAINING_ONLY: Readonly<Record<string, Record<string, unknown>>> = {
  Dropout: { rate: 0.5, noise_shape: null, seed: null },
  SpatialDropout2D: { rate: 0.5 },
  GaussianDropout: { rate: 0.5 },
  GaussianNoise: { stddev: 3 },
  AlphaDropout: { rate: 0.5 },
  ActivityRegularization: { l1: 1, l2: 1 },
  RandomFlip: { mode: 'horizontal' },
  RandomRotation: { factor: 0.5, fill_mode: 'reflect', value_range: { low: 0, high: 1 } },
  RandomTranslation: { height_factor: 0.5, width_factor: 0.5 },
  RandomZoom: { height_factor: 0.5 },
  RandomContrast: { factor: 0.5 },
  RandomBrightness: { factor: 0.5 },
};

/** All layers that do nothing but in training; the reference, which does not know them all, has layers that do nothing. */
function trainingOnly(name: string, seed: number, middle: (net: NetBuilder) => void): Folder {
  const classes = new Map<string, string>();
  const net = new NetBuilder(seed);
  const addAll = (): void => {
    for (const className of Object.keys(TRAINING_ONLY)) {
      classes.set(net.add('Activation', { activation: 'linear' }), className);
    }
  };
  addAll();
  net.conv(3, 8, { activation: 'relu' });
  addAll();
  middle(net);
  net.add('GlobalAveragePooling2D');
  net.dense(8, 5);
  const layers = net.layers.map((layer) => {
    const className = classes.get(layer.name);
    return className ? { ...layer, className, config: { name: layer.name, ...TRAINING_ONLY[className] } } : layer;
  });
  return folderOf(name, net, { metadata, topology: { model_config: asFunctional(layers) } });
}

/** Folders with what is rarer, which the plan must run all the same. */
export function oddFolders(): Folder[] {
  const five = { metadata };
  return [
    folderOf('batch norms of every form', batchNorms(), five),
    folderOf('pools of every form', pools(), { ...five, side: 23 }),
    folderOf('strides, dilations, paddings', strides(), five),
    folderOf('Reshape and a convolution as head', reshapes(), five),
    folderOf('Dense on a map', denseOnMap(), five),
    shared(),
    keepsDimensions(),
    folderOf('layers that cannot be merged', kept(), five),
    folderOf('settings that are left out', defaults(), five),
    folderOf('Flatten of a large map', wide(), { ...five, side: 40 }),
    trainingOnly('layers of training alone', 50, () => {}),
  ];
}

function block(seed: number, middle: (net: NetBuilder) => void, channels = 8): NetBuilder {
  const net = new NetBuilder(seed);
  net.conv(3, 8, { strides: [2, 2] });
  middle(net);
  net.add('GlobalAveragePooling2D');
  net.dense(channels, 5);
  return net;
}

/** Folders with layers that only tfjs-layers knows. */
export function fallbackFolders(): Folder[] {
  const make = (name: string, net: NetBuilder): Folder => folderOf(`tfjs-layers: ${name}`, net, { metadata });
  const activations = ['elu', 'selu', 'tanh', 'sigmoid', 'swish', 'softplus', 'hard_sigmoid'];
  return [
    make(
      'activations',
      block(31, (net) => {
        for (const activation of activations) net.add('Activation', { activation });
        net.add('LeakyReLU', { alpha: 0.2 });
        net.add('ELU', { alpha: 1 });
        net.add('ReLU', { max_value: 0.4 });
        net.add('PReLU', { shared_axes: [1, 2] });
        net.weight('alpha', [1, 1, 8], 0.3);
      }),
    ),
    make(
      'squeeze and excite',
      block(32, (net) => {
        const map = net.last;
        net.add('GlobalAveragePooling2D');
        net.add('Reshape', { target_shape: [1, 1, 8] });
        net.conv(8, 4, { kernel_size: [1, 1], activation: 'swish' });
        const gate = net.conv(4, 8, { kernel_size: [1, 1], activation: 'sigmoid' });
        net.add('Multiply', {}, [map, gate]);
      }),
    ),
    make(
      'branches',
      block(
        33,
        (net) => {
          const map = net.last;
          const left = net.conv(8, 4, { activation: 'relu' });
          const right = net.from(map).conv(8, 4);
          const average = net.add('Average', {}, [left, right]);
          const most = net.add('Maximum', {}, [left, right]);
          net.add('Add', {}, [left, right, most]);
          net.add('Concatenate', { axis: -1 }, [net.last, average]);
        },
        8,
      ),
    ),
    make(
      'other convolutions',
      block(34, (net) => {
        net.add('SeparableConv2D', { filters: 8, kernel_size: [3, 3], padding: 'same', depth_multiplier: 1 });
        net.weight('depthwise_kernel', [3, 3, 8, 1], 0.5);
        net.weight('pointwise_kernel', [1, 1, 8, 8], 0.5);
        net.weight('bias', [8], 0.2);
        net.depthwise(8, { depth_multiplier: 2 });
        net.conv(16, 8);
        net.add('UpSampling2D', { size: [2, 2], interpolation: 'nearest' });
        net.add('Cropping2D', { cropping: [[1, 2], [3, 1]] }); // biome-ignore format: a pair of pairs
        net.add('Conv2DTranspose', {
          filters: 8,
          kernel_size: [2, 2],
          strides: [2, 2],
          padding: 'same',
          use_bias: true,
        });
        net.weight('kernel', [2, 2, 8, 8], 0.4);
        net.weight('bias', [8], 0.2);
      }),
    ),
    make(
      'a sum of other shapes',
      block(36, (net) => {
        const map = net.last;
        net.add('GlobalAveragePooling2D');
        const mean = net.add('Reshape', { target_shape: [1, 1, 8] });
        net.add('Add', {}, [map, mean]);
      }),
    ),
    make(
      'channels first',
      block(37, (net) => net.add('MaxPooling2D', { pool_size: [2, 2], data_format: 'channels_first' }), 4),
    ),
    // The plan leaves a softmax to the end: nothing may come after it.
    ...[
      ['a softmax of a softmax', 'Softmax', {}] as const,
      ['a ReLU of a softmax', 'ReLU', {}] as const,
      ['smoothed probabilities', 'Rescaling', { scale: 0.5, offset: 0.1 }] as const,
      ['a Dense layer of a softmax', 'Dense', null] as const,
    ].map(([name, className, settings], i) => {
      const net = block(38 + i, () => {});
      // So sure of itself that it still has an opinion after a second softmax.
      for (const { values } of net.entries.slice(-2)) values.set(values.map((value) => 10 * value));
      if (settings) net.add(className, settings);
      else net.dense(5, 5);
      return make(name, net);
    }),
    make(
      'layer norm',
      block(35, (net) => {
        net.add('LayerNormalization', { axis: [3], epsilon: 0.001, center: true, scale: true });
        net.weight('gamma', [8]);
        net.weight('beta', [8]);
      }),
    ),
    trainingOnly('tfjs-layers: layers of training alone', 51, (net) => net.add('ELU', { alpha: 1 })),
  ];
}
