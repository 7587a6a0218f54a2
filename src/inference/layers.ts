import { BeyondPlan, misfit } from './faults';
import type { Affine } from './fold';
import type { Node } from './graph';
import * as config from './layer-config';
import type { Constant, Operation } from './plan';
import type { Layer } from './topology';
import type { Weight } from './weights';

/** Finds the weight of a layer's variable; `null` if there is none, or no one in particular. */
export type LookUp = (layer: Pick<Layer, 'name' | 'ownName'>, variable: string) => Weight | null;

/** Turns one Keras layer into a node of the plan's graph. */
export function readNode(layer: Layer, lookUp: LookUp): Node {
  const inputs = [...layer.inputs];
  if (TRAINING_ONLY.has(layer.className)) {
    return { name: layer.name, inputs, operation: { kind: 'identity' }, head: 'linear' };
  }
  const read = Object.hasOwn(READERS, layer.className) ? READERS[layer.className] : undefined;
  if (!read) throw new BeyondPlan(`Layer "${layer.name}" is a ${layer.className}, which is not known.`);
  const { operation, head = 'linear' } = read(layer, lookUp);
  return { name: layer.name, inputs, operation, head };
}

type Read = (layer: Layer, lookUp: LookUp) => { operation: Node['operation']; head?: Node['head'] };

/** Layers that do nothing but in training. */
export const TRAINING_ONLY: ReadonlySet<string> = new Set([
  'Dropout',
  'SpatialDropout2D',
  'GaussianDropout',
  'GaussianNoise',
  'AlphaDropout',
  'ActivityRegularization',
  'RandomFlip',
  'RandomRotation',
  'RandomTranslation',
  'RandomZoom',
  'RandomContrast',
  'RandomBrightness',
]);

const READERS: Readonly<Record<string, Read>> = {
  InputLayer: () => ({ operation: { kind: 'input' } }),
  Conv2D: (layer, lookUp) => withActivation(layer, readConvolution(layer, lookUp, 'conv')),
  DepthwiseConv2D: (layer, lookUp) => withActivation(layer, readConvolution(layer, lookUp, 'depthwise')),
  Dense: (layer, lookUp) => withActivation(layer, readDense(layer, lookUp)),
  BatchNormalization: (layer, lookUp) => ({ operation: readBatchNorm(layer, lookUp) }),
  ReLU: (layer) => ({ operation: { kind: 'activation', activation: config.readReluActivation(layer) } }),
  Activation: (layer) => withActivation(layer, { kind: 'identity' }),
  Softmax: (layer) => ({ operation: { kind: 'identity' }, head: config.readSoftmax(layer) }),
  Add: () => ({ operation: { kind: 'add' } }),
  MaxPooling2D: (layer) => ({ operation: readPool(layer, 'max-pool') }),
  AveragePooling2D: (layer) => ({ operation: readPool(layer, 'avg-pool') }),
  GlobalMaxPooling2D: (layer) => ({ operation: readGlobalPool(layer, 'global-max-pool') }),
  GlobalAveragePooling2D: (layer) => ({ operation: readGlobalPool(layer, 'global-avg-pool') }),
  Flatten: (layer) => {
    config.refuseUnknownLayout(layer);
    return { operation: { kind: 'reshape', shape: [-1] } };
  },
  Reshape: (layer) => ({ operation: { kind: 'reshape', shape: config.readTargetShape(layer) } }),
  ZeroPadding2D: (layer) => {
    config.refuseUnknownLayout(layer);
    return { operation: { kind: 'pad', padding: config.readZeroPadding(layer) } };
  },
  Rescaling: (layer) => ({ operation: readRescaling(layer) }),
};

function withActivation(layer: Layer, operation: Node['operation']): ReturnType<Read> {
  const activation = config.readActivation(layer);
  switch (activation) {
    case 'linear':
      return { operation };
    case 'relu':
    case 'relu6':
      if (operation.kind === 'identity') return { operation: { kind: 'activation', activation } };
      return { operation: { ...operation, activation } as Operation };
    case 'softmax':
    case 'sigmoid':
      return { operation, head: activation };
    default:
      throw new BeyondPlan(`Layer "${layer.name}" has the activation ${activation}.`);
  }
}

function readConvolution(layer: Layer, lookUp: LookUp, kind: 'conv' | 'depthwise'): Operation {
  config.refuseUnknownLayout(layer);
  const kernel = (kind === 'depthwise' ? lookUp(layer, 'depthwise_kernel') : null) ?? lookUp(layer, 'kernel');
  const filter = required(kernel, layer, 'kernel', 4);
  const [height, width, inputs, outputs] = filter.shape as [number, number, number, number];
  const size = config.readPair(layer.config['kernel_size'], [height, width]);
  const wanted = [...size, inputs, kind === 'conv' ? config.readCount(layer, 'filters', outputs) : 1];
  if (String(filter.shape) !== String(wanted)) throw misfit(`${layer.name}/kernel`, `[${filter.shape}]`, `[${wanted}]`);
  return {
    kind,
    filter,
    bias: readBias(layer, lookUp, kind === 'conv' ? outputs : inputs),
    strides: config.readPair(layer.config['strides'], [1, 1]),
    dilations: config.readPair(layer.config['dilation_rate'], [1, 1]),
    padding: config.readPadding(layer),
    activation: 'linear',
  };
}

function readDense(layer: Layer, lookUp: LookUp): Operation {
  const weights = required(lookUp(layer, 'kernel'), layer, 'kernel', 2);
  const [, outputs] = weights.shape as [number, number];
  const units = config.readCount(layer, 'units', outputs);
  if (units !== outputs) throw misfit(`${layer.name}/kernel`, `${outputs} units`, units);
  return { kind: 'dense', weights, bias: readBias(layer, lookUp, outputs), activation: 'linear' };
}

function readBatchNorm(layer: Layer, lookUp: LookUp): Affine {
  const mean = required(lookUp(layer, 'moving_mean'), layer, 'moving_mean', 1).values;
  const vector = (variable: string) => readVector(layer, lookUp, variable, mean.length).values;
  const variance = vector('moving_variance');
  const gamma = layer.config['scale'] === false ? new Float32Array(mean.length).fill(1) : vector('gamma');
  const beta = layer.config['center'] === false ? new Float32Array(mean.length) : vector('beta');
  const epsilon = config.readScalar(layer.config['epsilon']) ?? 1e-3;
  const factor = gamma.map((g, i) => g / Math.sqrt((variance[i] as number) + epsilon));
  const shift = beta.map((b, i) => b - (mean[i] as number) * (factor[i] as number));
  if (!factor.every(Number.isFinite) || !shift.every(Number.isFinite)) {
    throw misfit(`batch norm "${layer.name}"`, 'values that are not finite', 'numbers');
  }
  return { kind: 'affine', factor, shift, axis: config.readAxis(layer) };
}

function readRescaling(layer: Layer): Affine {
  const factor = config.readScalars(layer, 'scale', 1);
  const shift = config.readScalars(layer, 'offset', 0);
  const length = Math.max(factor.length, shift.length);
  const spread = (values: readonly number[]): Float32Array =>
    Float32Array.from({ length }, (_, i) => values[values.length === 1 ? 0 : i] ?? Number.NaN);
  if ([factor, shift].some((values) => values.length !== 1 && values.length !== length)) {
    throw misfit(`layer "${layer.name}"`, 'a scale and an offset', 'as many values in each');
  }
  return { kind: 'affine', factor: spread(factor), shift: spread(shift), axis: -1 };
}

function readPool(layer: Layer, kind: 'max-pool' | 'avg-pool'): Operation {
  config.refuseUnknownLayout(layer);
  const size = config.readPair(layer.config['pool_size'], [2, 2]);
  return { kind, size, strides: config.readPair(layer.config['strides'], size), padding: config.readPadding(layer) };
}

function readGlobalPool(layer: Layer, kind: 'global-max-pool' | 'global-avg-pool'): Operation {
  config.refuseUnknownLayout(layer);
  return { kind, keepsDimensions: layer.config['keepdims'] === true };
}

function required(weight: Weight | null, layer: Layer, variable: string, rank: number): Weight {
  if (!weight) throw misfit(`layer "${layer.name}"`, 'no weight', `the weight "${variable}"`);
  if (weight.shape.length !== rank)
    throw misfit(`${layer.name}/${variable}`, `[${weight.shape}]`, `${rank} dimensions`);
  return weight;
}

function readBias(layer: Layer, lookUp: LookUp, size: number): Constant {
  if (layer.config['use_bias'] === false) return { shape: [size], values: new Float32Array(size) };
  return readVector(layer, lookUp, 'bias', size);
}

function readVector(layer: Layer, lookUp: LookUp, variable: string, size: number): Constant {
  const { values } = required(lookUp(layer, variable), layer, variable, 1);
  if (values.length !== size) throw misfit(`${layer.name}/${variable}`, values.length, size);
  return { shape: [size], values };
}
