import type { Node, Scale } from './compile';
import { misfit, unsupported } from './faults';
import * as config from './layer-config';
import type { Constant, Operation } from './plan';
import type { Layer } from './topology';
import type { Weight } from './weights';

type LookUp = (layer: string, variable: string) => Weight | null;

/** Turns one Keras layer into a node of the plan's graph. */
export function readNode(layer: Layer, lookUp: LookUp): Node {
  const read = READERS[layer.className];
  if (!read || !Object.hasOwn(READERS, layer.className)) {
    throw unsupported(`Layer "${layer.name}" is a ${layer.className}, which is not known.`);
  }
  const { operation, head = 'linear' } = read(layer, lookUp);
  return { name: layer.name, inputs: [...layer.inputs], operation, head };
}

type Read = (layer: Layer, lookUp: LookUp) => { operation: Node['operation']; head?: Node['head'] };

const READERS: Readonly<Record<string, Read>> = {
  InputLayer: () => ({ operation: { kind: 'input' } }),
  Dropout: () => ({ operation: { kind: 'identity' } }),
  SpatialDropout2D: () => ({ operation: { kind: 'identity' } }),
  Conv2D: (layer, lookUp) => withActivation(layer, readConvolution(layer, lookUp, 'conv')),
  DepthwiseConv2D: (layer, lookUp) => withActivation(layer, readConvolution(layer, lookUp, 'depthwise')),
  Dense: (layer, lookUp) => withActivation(layer, readDense(layer, lookUp)),
  BatchNormalization: (layer, lookUp) => ({ operation: readBatchNorm(layer, lookUp) }),
  ReLU: (layer) => ({ operation: { kind: 'activation', activation: config.readReluActivation(layer) } }),
  Activation: (layer) => withActivation(layer, { kind: 'identity' }),
  Softmax: () => ({ operation: { kind: 'identity' }, head: 'softmax' }),
  Add: () => ({ operation: { kind: 'add' } }),
  MaxPooling2D: (layer) => ({ operation: readPool(layer, 'max-pool') }),
  AveragePooling2D: (layer) => ({ operation: readPool(layer, 'avg-pool') }),
  GlobalAveragePooling2D: (layer) => ({ operation: readGlobalPool(layer) }),
  Flatten: () => ({ operation: { kind: 'reshape' } }),
  ZeroPadding2D: (layer) => ({ operation: { kind: 'pad', padding: config.readZeroPadding(layer) } }),
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
      throw unsupported(`Layer "${layer.name}" has the activation ${activation}.`);
  }
}

function readConvolution(layer: Layer, lookUp: LookUp, kind: 'conv' | 'depthwise'): Operation {
  config.refuseUnknownLayout(layer);
  const kernel = (kind === 'depthwise' ? lookUp(layer.name, 'depthwise_kernel') : null) ?? lookUp(layer.name, 'kernel');
  const filter = required(kernel, layer, 'kernel', 4);
  const channels = filter.shape[kind === 'conv' ? 3 : 2] as number;
  return {
    kind,
    filter,
    bias: readVector(layer, lookUp, 'bias', channels, 0),
    strides: config.readPair(layer.config['strides'], [1, 1]),
    dilations: config.readPair(layer.config['dilation_rate'], [1, 1]),
    padding: config.readPadding(layer),
    activation: 'linear',
  };
}

function readDense(layer: Layer, lookUp: LookUp): Operation {
  const weights = required(lookUp(layer.name, 'kernel'), layer, 'kernel', 2);
  const bias = readVector(layer, lookUp, 'bias', weights.shape[1] as number, 0);
  return { kind: 'dense', weights, bias, activation: 'linear' };
}

function readBatchNorm(layer: Layer, lookUp: LookUp): Scale {
  const mean = required(lookUp(layer.name, 'moving_mean'), layer, 'moving_mean', 1).values;
  const variance = readVector(layer, lookUp, 'moving_variance', mean.length, Number.NaN).values;
  const gamma = readVector(layer, lookUp, 'gamma', mean.length, 1).values;
  const beta = readVector(layer, lookUp, 'beta', mean.length, 0).values;
  const epsilon = config.readScalar(layer.config['epsilon']) ?? 1e-3;
  const factor = gamma.map((g, i) => g / Math.sqrt((variance[i] as number) + epsilon));
  const shift = beta.map((b, i) => b - (mean[i] as number) * (factor[i] as number));
  if (!factor.every(Number.isFinite) || !shift.every(Number.isFinite)) {
    throw misfit(`batch norm "${layer.name}"`, 'values that are not finite', 'numbers');
  }
  return { kind: 'scale', factor, shift };
}

function readRescaling(layer: Layer): Scale {
  const factor = config.readScalar(layer.config['scale']) ?? 1;
  const shift = config.readScalar(layer.config['offset']) ?? 0;
  return { kind: 'scale', factor: new Float32Array(3).fill(factor), shift: new Float32Array(3).fill(shift) };
}

function readPool(layer: Layer, kind: 'max-pool' | 'avg-pool'): Operation {
  config.refuseUnknownLayout(layer);
  const size = config.readPair(layer.config['pool_size'], [2, 2]);
  return { kind, size, strides: config.readPair(layer.config['strides'], size), padding: config.readPadding(layer) };
}

function readGlobalPool(layer: Layer): Operation {
  config.refuseUnknownLayout(layer);
  if (layer.config['keepdims'] === true) throw unsupported(`Layer "${layer.name}" keeps the pooled dimensions.`);
  return { kind: 'global-avg-pool' };
}

function required(weight: Weight | null, layer: Layer, variable: string, rank: number): Weight {
  if (!weight) throw misfit(`layer "${layer.name}"`, 'no weight', `the weight "${variable}"`);
  if (weight.shape.length !== rank)
    throw misfit(`${layer.name}/${variable}`, `[${weight.shape}]`, `${rank} dimensions`);
  return weight;
}

/** A vector weight of `size` values, or that many times `fallback` where the layer has none. */
function readVector(layer: Layer, lookUp: LookUp, variable: string, size: number, fallback: number): Constant {
  const weight = lookUp(layer.name, variable);
  if (!weight) return { shape: [size], values: new Float32Array(size).fill(fallback) };
  if (weight.values.length !== size) throw misfit(`${layer.name}/${variable}`, weight.values.length, size);
  return { shape: [size], values: weight.values };
}
