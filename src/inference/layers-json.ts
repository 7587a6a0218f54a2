import { unsupported } from './faults';
import type { Json } from './keras-json';
import { readActivation, readAxis, readPair, refuseMisread, unwrap } from './layer-config';
import { TRAINING_ONLY } from './layers';
import type { Layer, Topology } from './topology';

// tfjs-layers walks a model by recursion.
const MAX_DEPTH = 1_500;
const MAX_NUMBER = 65_536;
const UNUSED = /_(initializer|regularizer|constraint)$|^(name|dtype|trainable|build_config|__proto__)$|shape$/;

/**
 * A topology in the one spelling that every version of `@tensorflow/tfjs-layers` reads, that of Keras 2. Layers go by
 * their number, as any name is allowed in Keras but not in TensorFlow.js.
 *
 * Written anew rather than passed on: tfjs-layers never returns from a circle or a missing input.
 */
export function writeLayersJson({ layers, inputName, outputNames }: Topology, inputSize: number): Json {
  if (layers.length > MAX_DEPTH) throw unsupported(`It has ${layers.length} layers, some of them unknown.`);
  const numbers = new Map(layers.map((layer, i) => [layer.name, `layer${i}`]));
  const reference = (name: string): unknown[] => [numbers.get(name), 0, 0];
  const written = layers.map((layer) => {
    const name = numbers.get(layer.name);
    const input = { batch_input_shape: [null, inputSize, inputSize, 3], dtype: 'float32' };
    const config = layer.className === 'InputLayer' ? input : writeConfig(layer);
    return {
      class_name: TRAINING_ONLY.has(layer.className) ? 'Activation' : layer.className,
      name,
      config: { ...config, name },
      inbound_nodes: layer.inputs.length > 0 ? [layer.inputs.map((from) => [...reference(from), {}])] : [],
    };
  });
  const config = {
    name: 'model',
    layers: written,
    input_layers: [reference(inputName)],
    output_layers: outputNames.map(reference),
  };
  return { class_name: 'Model', config };
}

function writeConfig(layer: Layer): Record<string, unknown> {
  refuseMisread(layer);
  if (TRAINING_ONLY.has(layer.className)) return { activation: 'linear' };
  const isDilated = readPair(layer.config['dilation_rate'], [1, 1]).some((rate) => rate !== 1);
  if (layer.className === 'DepthwiseConv2D' && isDilated) {
    throw unsupported(`Layer "${layer.name}" is dilated, which TensorFlow.js would pass over.`);
  }
  const entries = Object.entries(layer.config)
    .filter(([key]) => key === 'target_shape' || !UNUSED.test(key))
    .map(([key, value]) => [key, plain(layer, unwrap(value), 0)] as const);
  const config: Record<string, unknown> = Object.fromEntries(entries);
  if (layer.config['activation'] !== undefined) config['activation'] = readActivation(layer);
  // Keras 3 has another word for it.
  if (layer.className === 'LeakyReLU') config['alpha'] ??= config['negative_slope'];
  // tfjs-layers would take the first of several.
  if (layer.className === 'BatchNormalization') config['axis'] = readAxis(layer);
  return config;
}

function plain(layer: Layer, value: unknown, depth: number): unknown {
  if (Array.isArray(value) && value.length <= 4096 && depth < 4) {
    return value.map((entry) => plain(layer, entry, depth + 1));
  }
  if (typeof value === 'number' && Math.abs(value) <= MAX_NUMBER) return value;
  if (value === null || value === undefined || typeof value === 'string' || typeof value === 'boolean') return value;
  // An activation is read by itself; a layer within a layer is none that classifies pictures.
  if (typeof value === 'object' && 'config' in value && typeof value.config === 'string') return value.config;
  throw unsupported(`Layer "${layer.name}", a ${layer.className}, has settings that are not known.`);
}
