import type { ModelFiles } from 'asl-fingerspell';
import { asFunctional, asKeras3, asSequential, type BuiltLayer, NetBuilder } from './net-builder';
import { type Packing, pack } from './pack';

/** A folder that somebody may have, and the same network in a spelling that tfjs-layers reads. */
export interface Folder {
  readonly name: string;
  readonly files: ModelFiles;
  readonly reference: ModelFiles;
  /** Side of the input, px. */
  readonly side: number;
  /** What bytes 0 to 255 become before `mean` is subtracted. */
  readonly range: readonly [number, number];
  readonly mean: readonly [number, number, number];
  /** Whether the network's own first output is logits. */
  readonly isLogits: boolean;
}

interface Extra {
  readonly metadata?: object;
  readonly topology?: object;
  readonly packing?: Packing;
  readonly range?: readonly [number, number];
  readonly mean?: readonly [number, number, number];
  readonly isLogits?: boolean;
  readonly side?: number;
}

export const ALPHABET = 'abcdefghijklmnopqrstuvwxyz';
export const LETTERS_24 = ALPHABET.replace(/[jz]/g, '');

/** The tutorial's metadata. */
export function tutorialMetadata(letters: string, size?: number, mean?: readonly number[]): object {
  const all = [...letters];
  return {
    alphabet2int: Object.fromEntries(all.map((letter, i) => [letter, i])),
    int2alphabet: Object.fromEntries(all.map((letter, i) => [String(i), letter])),
    ...(size ? { image_size: size } : {}),
    ...(mean ? { RGB_mean: mean } : {}),
  };
}

export function folderOf(name: string, net: NetBuilder, extra: Extra = {}): Folder {
  const { side = 24, range = [0, 1], mean = [0, 0, 0], packing = {}, isLogits = false } = extra;
  const plain = asFunctional(net.layers);
  const metadata = extra.metadata ?? tutorialMetadata(LETTERS_24);
  const files = pack(
    extra.topology ?? { keras_version: '2.13.1', model_config: plain },
    net.entries,
    metadata,
    packing,
  );
  // The same rounding, in one file and with the names that tfjs-layers wants.
  const same = { ...packing, shards: 1, rename: (weight: string) => weight };
  const reference = pack({ model_config: plain }, net.entries, metadata, same);
  return { name, files, reference, side, range, mean, isLogits };
}

const RELU_1X = {
  max_value: null,
  negative_slope: { type: 'ndarray', value: 0 },
  threshold: { type: 'ndarray', value: 0 },
};

/** The tutorial's network in small, as its converter wrote it. */
function tutorialNet(seed: number, outputs: number, relu: object = RELU_1X, side = 24): NetBuilder {
  const net = new NetBuilder(seed, [side, side, 3]);
  net.conv(3, 8, { strides: [2, 2], use_bias: false });
  net.batchNorm(8);
  net.add('ReLU', { ...relu });
  net.inverted(8, 8, 1, { ...relu });
  net.inverted(8, 12, 2, { ...relu });
  net.conv(12, 32, { kernel_size: [1, 1], use_bias: false });
  net.batchNorm(32);
  net.add('ReLU', { ...relu });
  net.add('AveragePooling2D', { pool_size: [7, 7], strides: [7, 7], padding: 'same', data_format: 'channels_last' });
  net.add('Flatten', { data_format: 'channels_last' });
  net.dense(32 * Math.ceil(side / 28) ** 2, outputs);
  return net;
}

function modernNet(seed: number): NetBuilder {
  const net = new NetBuilder(seed);
  net.add('Rescaling', { scale: 2, offset: -1 });
  net.add('ZeroPadding2D', { padding: [[0, 1], [0, 1]] }); // biome-ignore format: a pair of pairs
  net.conv(3, 8, { strides: [2, 2], padding: 'valid', use_bias: false });
  net.batchNorm(8, { axis: -1 });
  net.add('Activation', { activation: 'relu6' });
  net.inverted(8, 8, 1, { max_value: 6 });
  net.add('GlobalAveragePooling2D', { data_format: 'channels_last', keepdims: false });
  net.add('Dropout', { rate: 0.3 });
  net.dense(8, 24, { activation: 'linear' });
  net.add('Activation', { activation: 'softmax' });
  return net;
}

function sequentialNet(seed: number): NetBuilder {
  const net = new NetBuilder(seed);
  net.conv(3, 6, { padding: 'valid', activation: 'relu' });
  net.add('MaxPooling2D', { pool_size: [2, 2], strides: [2, 2], padding: 'valid' });
  net.conv(6, 8, { padding: 'same', activation: 'relu' });
  net.add('MaxPooling2D', { pool_size: [3, 3], strides: [2, 2], padding: 'same' });
  net.add('Flatten');
  net.dense(8 * 6 * 6, 20, { activation: 'relu' });
  net.dense(20, 24);
  return net;
}

/** Teachable Machine's export: a Sequential of a Sequential that holds a Model, and of a Sequential with the head. */
function teachableMachine(seed: number): Folder {
  const net = new NetBuilder(seed);
  net.conv(3, 8, { strides: [2, 2], use_bias: false });
  net.batchNorm(8);
  net.add('ReLU', { max_value: 6 });
  net.inverted(8, 8, 1, { max_value: 6 });
  const base = net.layers.length;
  net.add('GlobalAveragePooling2D', { data_format: 'channels_last' });
  const head = net.layers.length;
  net.dense(8, 10, { activation: 'relu' });
  net.dense(10, 3, { use_bias: false });
  const model = asFunctional(net.layers.slice(0, base), undefined, 'Model') as { config: object };
  const pool = net.layers[base] as BuiltLayer;
  const features = {
    class_name: 'Sequential',
    config: { name: 'sequential_1', layers: [model, { class_name: pool.className, config: pool.config }] },
  };
  const input = { className: 'InputLayer', name: 'in', config: { batch_input_shape: [null, 8] }, inputs: [] };
  const classifier = asSequential([input, ...net.layers.slice(head)], 'sequential_3');
  const topology = {
    class_name: 'Sequential',
    config: { name: 'sequential_4', layers: [features, classifier] },
    keras_version: 'tfjs-layers 1.3.1',
    tensor_flow_version: 'tf-2.1',
  };
  const metadata = {
    tfjsVersion: '1.3.1',
    tmVersion: '2.4.5',
    packageVersion: '0.8.4-alpha2',
    packageName: '@teachablemachine/image',
    userMetadata: {},
    modelName: 'tm-my-image-model',
    labels: ['Class 1', 'Class 2', 'Class 3'],
    imageSize: 24,
  };
  return folderOf("Teachable Machine's export", net, { topology, metadata, range: [-1, 1] });
}

/** Folders of every kind that the compiled plan must run. */
export function planFolders(): Folder[] {
  const mean = [0.52, 0.47, 0.43] as const;
  const tutorial = (letters: string) => ({ metadata: tutorialMetadata(letters, 24, mean), mean });
  const net1 = tutorialNet(1, 24);
  const keras1 = {
    keras_version: '2.1.6-tf',
    backend: 'tensorflow',
    model_config: asFunctional(net1.layers, undefined, 'Model'),
  };
  const modern = modernNet(3);
  const sequential = sequentialNet(5);
  const odd = tutorialNet(7, 26, { max_value: 6 }, 39);
  const quantized = (encoding: 'float16' | 'uint8' | 'uint16', shards: number) =>
    folderOf(`${encoding} weights in ${shards} files`, tutorialNet(11, 24), { packing: { encoding, shards } });
  const logits = sequentialNet(9);
  (logits.layers.at(-1) as { config: Record<string, unknown> }).config['activation'] = 'linear';
  return [
    folderOf('converter 1.x, 24 letters', net1, { ...tutorial(LETTERS_24), topology: keras1 }),
    folderOf('the tutorial, 26 letters', tutorialNet(2, 26), tutorial(ALPHABET)),
    folderOf('sides that are odd', odd, { side: 39, metadata: tutorialMetadata(ALPHABET) }),
    folderOf('Functional of Keras 2', modern),
    folderOf('Functional of Keras 3', modern, {
      topology: { keras_version: '3.6.0', model_config: asKeras3(modern.layers) },
    }),
    folderOf('Sequential', sequential, { topology: { model_config: asSequential(sequential.layers) } }),
    folderOf('logits', logits, { isLogits: true }),
    teachableMachine(13),
    quantized('float16', 1),
    quantized('uint8', 1),
    quantized('uint16', 4),
    folderOf('float32 weights in 5 files', tutorialNet(12, 24), { packing: { shards: 5 } }),
    folderOf('weight names with prefixes', tutorialNet(14, 24), { packing: { rename: (name) => `model_1/${name}:0` } }),
  ];
}
