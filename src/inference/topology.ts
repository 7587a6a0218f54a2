import { showJson } from '../guards';
import { invalidTopology as invalid, unsupported } from './faults';
import {
  asObject,
  findModel,
  type Json,
  type ListedLayer,
  type ListedModel,
  MAX_LAYERS,
  type Reference,
  readBatchShape,
  readModel,
} from './keras-json';

/** One layer of a Keras model, with its inputs resolved to layer names. */
export interface Layer {
  /** Unique: within a model within a model, with the names of those in front. */
  readonly name: string;
  /** The name by which its own model calls it. */
  readonly ownName: string;
  readonly className: string;
  readonly config: Json;
  readonly inputs: readonly string[];
}

/** A Keras model as a graph in which every layer comes after its inputs. */
export interface Topology {
  readonly layers: readonly Layer[];
  /** `[height, width, channels]`; an unknown side is `null`. */
  readonly inputShape: readonly [number | null, number | null, number];
  readonly inputName: string;
  readonly outputNames: readonly string[];
}

const MAX_SIDE = 1024;

/**
 * Reads the topology of a `model.json` in TensorFlow.js Layers format: Keras 1.x to 3.x spelling, functional or
 * sequential. Models within the model, as Teachable Machine nests them, are dissolved into it.
 */
export function readTopology(modelJson: object): Topology {
  const json = findModel(modelJson);
  const layers: Layer[] = [];
  const outputNames = dissolve(readModel(json), '', null, layers, { count: 0 });
  // `a/b` may also be the layer b of a model a within it.
  indexByName(layers);
  const input = findInput(layers);
  return { layers, outputNames, inputName: input.name, inputShape: readInputShape(input, json) };
}

/**
 * Appends a model's layers to `layers`, each after its inputs.
 *
 * @param feeds - what a model within a model reads, in the order of its inputs; `null` for the outermost one, and for
 * the first of a Sequential, which may bring the input itself
 * @param visits - how many layers were looked at so far
 * @returns the names of the layers that are the model's outputs
 */
function dissolve(
  model: ListedModel,
  prefix: string,
  feeds: readonly string[] | null,
  layers: Layer[],
  visits: { count: number },
): string[] {
  /** For each layer of this model its outputs, as layers of the whole. */
  const outputsOf = new Map<string, readonly string[]>();
  const resolve = ({ layer, output }: Reference): string => {
    const outputs = outputsOf.get(layer);
    if (!outputs) throw invalid(`its output "${layer}" is not one of its layers`);
    const name = outputs[output];
    if (name === undefined) throw invalid(`layer "${layer}" has no output ${output}`);
    return name;
  };
  const first = model.layers[0];
  for (const layer of sortByInputs(model.layers)) {
    // Not only those that stay: models within models may be called ever more often and hold nothing but inputs.
    if (++visits.count > MAX_LAYERS) throw invalid(`it has more than the ${MAX_LAYERS} layers allowed`);
    const inputs = layer.inputs.map(resolve);
    const feed = feeds?.[model.inputs.findIndex((input) => input.layer === layer.name)];
    if (layer.className === 'InputLayer' && feeds) {
      if (feed === undefined) throw invalid(`the input "${layer.name}" of a model within it is not fed`);
      outputsOf.set(layer.name, [feed]);
    } else if (layer.model) {
      // The first layer of the outermost Sequential, with nothing in front but the input made up for it: its own counts.
      const isHead = feeds === null && layer.inputs[0]?.layer === first?.name && first?.config === layer.config;
      if (isHead) layers.pop();
      outputsOf.set(
        layer.name,
        dissolve(layer.model, `${prefix}${layer.name}/`, isHead ? null : inputs, layers, visits),
      );
    } else {
      const { className, config } = layer;
      // tfjs-layers would wait for the input of such a layer for ever.
      if (inputs.length === 0 && className !== 'InputLayer') throw invalid(`layer "${layer.name}" reads nothing`);
      const name = `${prefix}${layer.name}`;
      layers.push({ name, ownName: layer.ownName, className, config, inputs });
      outputsOf.set(layer.name, [name]);
    }
  }
  return model.outputs.map(resolve);
}

/** Refuses two of one name. */
function indexByName<L extends { readonly name: string }>(layers: readonly L[]): Map<string, L> {
  const byName = new Map(layers.map((layer) => [layer.name, layer]));
  if (byName.size !== layers.length) throw invalid('two layers have the same name');
  return byName;
}

/** Depth-first, without recursion: a hostile file may chain thousands of layers. */
function sortByInputs(layers: readonly ListedLayer[]): ListedLayer[] {
  const byName = indexByName(layers);
  const state = new Map<string, 'open' | 'done'>();
  const sorted: ListedLayer[] = [];
  for (const start of layers) {
    const stack = [start];
    for (let layer = stack.at(-1); layer; layer = stack.at(-1)) {
      if (state.get(layer.name) === 'done') {
        stack.pop();
        continue;
      }
      state.set(layer.name, 'open');
      const open = layer.inputs.filter((input) => state.get(input.layer) !== 'done');
      if (open.length === 0) {
        state.set(layer.name, 'done');
        sorted.push(layer);
        stack.pop();
        continue;
      }
      // One at a time: a layer may list the same stranger a million times.
      const { layer: name } = open[0] as Reference;
      const input = byName.get(name);
      if (!input) throw invalid(`layer "${layer.name}" takes its input from "${name}", which does not exist`);
      if (state.get(name) === 'open') throw invalid(`its layers form a circle at "${name}"`);
      stack.push(input);
    }
  }
  return sorted;
}

function findInput(layers: readonly Layer[]): Layer {
  const inputs = layers.filter((layer) => layer.className === 'InputLayer');
  const [input] = inputs;
  if (!input || inputs.length !== 1) throw unsupported(`It has ${inputs.length} inputs instead of one.`);
  return input;
}

function readInputShape(input: Layer, model: Json): Topology['inputShape'] {
  const config = model['config'];
  const shape =
    readBatchShape(input.config) ?? (Array.isArray(config) ? undefined : readBatchShape(asObject(config, 'config')));
  if (!Array.isArray(shape) || shape.length !== 4)
    throw unsupported('Its input is not a batch of images (4 dimensions).');
  const [height, width, channels] = shape.slice(1) as unknown[];
  if (channels !== 3) throw unsupported(`Its input has ${showJson(channels)} channels instead of 3 (RGB).`);
  return [readSide(height), readSide(width), 3];
}

function readSide(side: unknown): number | null {
  if (side === null || side === undefined) return null;
  if (typeof side === 'number' && Number.isInteger(side) && side > 0 && side <= MAX_SIDE) return side;
  throw invalid(`its input has a side of ${showJson(side)} px instead of 1 to ${MAX_SIDE}`);
}
