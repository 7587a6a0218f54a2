import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { Layer as TfLayer } from '@tensorflow/tfjs-layers/dist/engine/topology';
// Each makes its layers known; recurrent ones and wrappers classify no pictures.
import '@tensorflow/tfjs-layers/dist/engine/training';
import '@tensorflow/tfjs-layers/dist/engine/input_layer';
import '@tensorflow/tfjs-layers/dist/layers/advanced_activations';
import '@tensorflow/tfjs-layers/dist/layers/convolutional';
import '@tensorflow/tfjs-layers/dist/layers/convolutional_depthwise';
import '@tensorflow/tfjs-layers/dist/layers/core';
import '@tensorflow/tfjs-layers/dist/layers/embeddings';
import '@tensorflow/tfjs-layers/dist/layers/merge';
import '@tensorflow/tfjs-layers/dist/layers/noise';
import '@tensorflow/tfjs-layers/dist/layers/normalization';
import '@tensorflow/tfjs-layers/dist/layers/padding';
import '@tensorflow/tfjs-layers/dist/layers/pooling';
import '@tensorflow/tfjs-layers/dist/layers/preprocessing/center_crop';
import '@tensorflow/tfjs-layers/dist/layers/preprocessing/image_preprocessing';
import '@tensorflow/tfjs-layers/dist/layers/preprocessing/image_resizing';
import { deserialize } from '@tensorflow/tfjs-layers/dist/layers/serialization';
import { convertPythonicToTs } from '@tensorflow/tfjs-layers/dist/utils/serialization_utils';
import { type Guest, openGuest } from '../backend/guest';
import type { LoadWasm } from '../backend/select';
import type { BackendName } from '../types';
import { indexWeights } from './compile';
import { misfit, quoteTfjs, unsupported } from './faults';
import type { Json } from './keras-json';
import type { LookUp } from './layers';
import { writeLayersJson } from './layers-json';
import type { Output } from './plan';
import type { Outputs, Runner } from './run';
import { MAX_OPERATIONS } from './schedule';
import { MAX_VALUES, sizeOf } from './shapes';
import type { Topology } from './topology';
import type { Weight } from './weights';

interface Variable {
  readonly shape: readonly (number | null)[];
  dispose(): void;
}
type AddWeight = (this: { name: string }, name: string, shape: number[], ...rest: unknown[]) => Variable;

/** A model made by tfjs-layers, with its weights on a backend of our own. */
export async function startLayersRunner(
  topology: Topology,
  weights: ReadonlyMap<string, Weight>,
  inputSize: number,
  backend: BackendName,
  loadWasm: LoadWasm,
): Promise<Runner> {
  const json = writeLayersJson(topology, inputSize);
  const { value: guest, release } = await openGuest(backend, loadWasm);
  const made: Variable[] = [];
  const dispose = (): void => {
    for (const variable of made.splice(0)) variable.dispose();
    release();
  };
  try {
    guest.activate();
    const model = build(json, topology, indexWeights(weights), made);
    checkSizes(model);
    checkNorms(model);
    return {
      outputs: model.outputLayers.map(readOutput),
      whyAlone: 'TensorFlow.js computes this model',
      run: (input) => run(model, guest, inputSize, input),
      dispose,
    };
  } catch (error) {
    dispose();
    throw error;
  }
}

/** All kernels are queued before this returns its promise. */
async function run(model: LayersModel, guest: Guest, inputSize: number, input: Float32Array): Promise<Outputs> {
  guest.activate();
  const outputs = predict(model, inputSize, input);
  try {
    return await Promise.all(outputs.map((output) => guest.read(output)));
  } finally {
    tf.dispose(outputs);
  }
}

/** Some settings are refused by nothing before a kernel: a cap below zero, say. */
function predict(model: LayersModel, inputSize: number, input: Float32Array): tf.Tensor[] {
  try {
    return tf.tidy(() => [model.predict(tf.tensor4d(input, [1, inputSize, inputSize, 3]))].flat());
  } catch (cause) {
    throw unsupported(quoteTfjs(cause), cause);
  }
}

/** Layers ask for their weights while they are built, and get those of the file, if they are of the right shape. */
function build(json: Json, topology: Topology, lookUp: LookUp, made: Variable[]): LayersModel {
  const prototype = TfLayer.prototype as unknown as { addWeight: AddWeight };
  const original = prototype.addWeight;
  prototype.addWeight = function (name, shape, dtype, _initializer, _regularizer, trainable) {
    const layer = topology.layers[Number(this.name.slice('layer'.length))];
    const weight = layer && (lookUp(layer, name) ?? (name === 'depthwise_kernel' ? lookUp(layer, 'kernel') : null));
    const where = `${layer?.name ?? this.name}/${name}`;
    if (!weight) throw misfit(where, 'no weight', `[${shape}]`);
    if (String(weight.shape) !== String(shape)) throw misfit(where, `[${weight.shape}]`, `[${shape}]`);
    const initializer = { apply: () => tf.tensor(weight.values, shape) };
    const variable = original.call(this, name, shape, dtype, initializer, null, trainable, null);
    made.push(variable);
    return variable;
  };
  try {
    // What building computes besides weights is not kept.
    let model: LayersModel | null = null;
    tf.tidy(() => {
      model = deserialize(convertPythonicToTs(json as never) as never) as unknown as LayersModel;
    });
    return model as unknown as LayersModel;
  } finally {
    prototype.addWeight = original;
  }
}

/** Refuses maps and work that no page could bear; tfjs-layers knows both before it computes. */
function checkSizes(model: LayersModel): void {
  let operations = 0;
  for (const layer of model.layers) {
    const shapes = listShapes(layer.outputShape);
    const values = Math.max(...shapes.map(countValues));
    if (!(values > 0) || values > MAX_VALUES) throw unsupported(`A ${layer.getClassName()} gives ${values} values.`);
    const pool = (layer as unknown as { poolSize?: unknown }).poolSize;
    const window = Array.isArray(pool) ? sizeOf(pool as number[]) : 1;
    const weights = layer.weights.reduce((sum, weight) => sum + countValues(weight.shape), 0);
    const channels = shapes[0]?.at(-1) ?? 1;
    operations += Math.max(values * window, (values / Math.max(1, channels)) * weights);
    if (operations > MAX_OPERATIONS) throw unsupported('It takes too many operations a frame.');
  }
}

/** Refuses batch norms along another axis than the channels': tfjs-layers takes their factors for the channels' own. */
function checkNorms(model: LayersModel): void {
  for (const layer of model.layers) {
    if (layer.getClassName() !== 'BatchNormalization') continue;
    const { axis } = layer as unknown as { axis: number };
    const [shape = []] = listShapes(layer.outputShape);
    if (axis !== -1 && axis !== shape.length - 1) {
      throw unsupported(`It has a batch norm along the axis ${axis}, which is not the last.`);
    }
  }
}

/** One shape or several: tfjs-layers gives a list of them for some layers of one output, too. */
function listShapes(shape: unknown): (number | null)[][] {
  if (!Array.isArray(shape)) return [];
  return shape.some(Array.isArray) ? shape.flatMap(listShapes) : [shape];
}

function countValues(shape: readonly (number | null)[]): number {
  return shape.reduce<number>((product, side) => product * (side ?? 1), 1);
}

function readOutput(layer: TfLayer): Output {
  const [shape = []] = listShapes(layer.outputShape);
  const { className, config } = { className: layer.getClassName(), config: layer.getConfig() };
  // Probabilities already, of all letters together or of each by itself.
  const isDone = className === 'Softmax' || config['activation'] === 'softmax' || config['activation'] === 'sigmoid';
  return { size: countValues(shape), activation: isDone ? 'none' : 'linear' };
}
