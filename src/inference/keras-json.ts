import { invalidTopology as invalid, unsupported } from './faults';

/** An object of a parsed JSON file. */
export type Json = Readonly<Record<string, unknown>>;

/** One output of one call of a layer; only models within models have more than one output. */
export interface Reference {
  readonly layer: string;
  readonly call: number;
  readonly output: number;
}

/** One call of a layer that `model.json` lists; `model` if it is a whole model itself. */
export interface ListedLayer {
  readonly name: string;
  /** The name of the layer, which another call of it shares. */
  readonly ownName: string;
  readonly className: string;
  readonly config: Json;
  readonly inputs: readonly Reference[];
  readonly model: ListedModel | null;
}

/** A model, or a model within one, as `model.json` lists it. */
export interface ListedModel {
  readonly layers: readonly ListedLayer[];
  readonly inputs: readonly Reference[];
  readonly outputs: readonly Reference[];
}

// Far above any image classifier; they keep a hostile file from keeping the page busy.
export const MAX_LAYERS = 5_000;
const MAX_DEPTH = 16;
const MAX_INPUTS = 1_000;
const MAX_CALLS = 100;
const MAX_ENDPOINTS = 100;
const MODEL_CLASSES: ReadonlySet<unknown> = new Set(['Model', 'Functional', 'Sequential']);

/** The part of a `model.json` that is the outermost model: `{ class_name, config }`. */
export function findModel(modelJson: object): Json {
  const root = asObject((modelJson as Json)['modelTopology'] ?? modelJson, 'modelTopology');
  return asObject(root['model_config'] ?? root, 'model_config');
}

/** Reads the layers of a model in the spelling of Keras 1, 2 or 3, functional or sequential. */
export function readModel(json: Json, depth = 0): ListedModel {
  if (depth > MAX_DEPTH) throw invalid(`its models are nested more than ${MAX_DEPTH} deep`);
  const config = json['config'];
  const list = Array.isArray(config) ? config : asObject(config, 'config')['layers'];
  if (!Array.isArray(list) || list.length === 0) throw invalid('it lists no layers');
  if (list.length > MAX_LAYERS) throw invalid(`it has ${list.length} layers, more than the ${MAX_LAYERS} allowed`);
  if (json['class_name'] === 'Sequential') return readSequential(list, depth);
  const { output_layers: outputs, input_layers: inputs } = config as Json;
  const calls = list.flatMap((layer) => readCalls(layer, depth));
  return nameCalls({
    layers: calls,
    inputs: inputs === undefined || inputs === null ? [] : readEndpoints(inputs, 'input_layers'),
    outputs: readEndpoints(outputs, 'output_layers'),
  });
}

/** A layer's batch shape: Keras 1 and 2 say `batch_input_shape`, Keras 3 `batch_shape` or, of a model, `build_input_shape`. */
export function readBatchShape(config: Json): unknown {
  return (
    config['batch_input_shape'] ?? config['batchInputShape'] ?? config['batch_shape'] ?? config['build_input_shape']
  );
}

function readSequential(list: readonly unknown[], depth: number): ListedModel {
  const layers: ListedLayer[] = [];
  for (const json of list) {
    const layer = readLayer(json, depth);
    if (layers.length === 0 && layer.className !== 'InputLayer') {
      const { config } = layer;
      const name = `${layer.name}_input`;
      layers.push({ name, ownName: name, className: 'InputLayer', config, inputs: [], model: null });
    }
    layers.push({ ...layer, inputs: end(layers.at(-1)) });
  }
  return { layers, inputs: end(layers[0]), outputs: end(layers.at(-1)) };
}

function end(layer: ListedLayer | undefined): Reference[] {
  return layer ? [{ layer: layer.name, call: 0, output: 0 }] : [];
}

function readLayer(json: unknown, depth: number): ListedLayer {
  const layer = asObject(json, 'a layer');
  const className = layer['class_name'];
  // Keras 1 writes a Sequential's layers as a bare list.
  const config = Array.isArray(layer['config']) ? {} : asObject(layer['config'], 'a layer config');
  const name = layer['name'] ?? config['name'];
  if (typeof name !== 'string') throw invalid('a layer has no name');
  if (typeof className !== 'string') throw invalid(`layer "${name}" has no class_name`);
  const model = MODEL_CLASSES.has(className) ? readModel(layer, depth + 1) : null;
  return { name, ownName: name, className, config, inputs: [], model };
}

/** A layer once for each time that it is called: calls share its weights. */
function readCalls(json: unknown, depth: number): ListedLayer[] {
  const layer = readLayer(json, depth);
  const nodes = (json as Json)['inbound_nodes'] ?? [];
  if (!Array.isArray(nodes)) throw invalid(`the inbound_nodes of layer "${layer.name}" are not a list`);
  if (nodes.length > MAX_CALLS) throw invalid(`layer "${layer.name}" is called more than ${MAX_CALLS} times`);
  if (nodes.length === 0) return [layer];
  return nodes.map((node, call) => {
    const inputs = readInbound(node, layer.name);
    if (inputs.length > MAX_INPUTS) throw invalid(`layer "${layer.name}" has more than ${MAX_INPUTS} inputs`);
    return { ...layer, name: nameCall(layer.name, call), inputs };
  });
}

/** Makes references name calls. Some Keras versions count calls of a model from 1, so a sole call is always meant. */
function nameCalls(model: ListedModel): ListedModel {
  const counts = new Map<string, number>();
  for (const { ownName } of model.layers) counts.set(ownName, (counts.get(ownName) ?? 0) + 1);
  const name = (reference: Reference): Reference => {
    const call = (counts.get(reference.layer) ?? 0) > 1 ? reference.call : 0;
    return { ...reference, layer: nameCall(reference.layer, call) };
  };
  const layers = model.layers.map((layer) => ({ ...layer, inputs: layer.inputs.map(name) }));
  return { layers, inputs: model.inputs.map(name), outputs: model.outputs.map(name) };
}

function nameCall(layer: string, call: number): string {
  return call === 0 ? layer : `${layer}#${call}`;
}

/** Keras 1 and 2 write `[[name, node, tensor, kwargs], …]`, Keras 3 `{ args: [tensor | tensor[]], kwargs }`. */
function readInbound(node: unknown, layerName: string): Reference[] {
  if (Array.isArray(node)) {
    return node.map((entry) => readReference(entry, () => invalid(`layer "${layerName}" has an input without a name`)));
  }
  const args = asObject(node, 'an inbound node')['args'];
  if (!Array.isArray(args)) throw invalid(`layer "${layerName}" has an input without args`);
  return args.flat().map((tensor) => {
    const history = asObject(asObject(tensor, 'a tensor')['config'], 'a tensor config')['keras_history'];
    return readReference(history, () => invalid(`layer "${layerName}" has an input without keras_history`));
  });
}

function readEndpoints(endpoints: unknown, key: string): Reference[] {
  // A model with named outputs; their order is not in the file in a way that all versions agree on.
  if (typeof endpoints === 'object' && endpoints !== null && !Array.isArray(endpoints)) {
    throw unsupported(`Its ${key} are a dictionary.`);
  }
  if (!Array.isArray(endpoints) || endpoints.length === 0) throw invalid(`it names no ${key}`);
  // Keras 3 writes a single output as `[name, 0, 0]` without the list around it.
  const list = typeof endpoints[0] === 'string' ? [endpoints] : endpoints;
  if (list.length > MAX_ENDPOINTS)
    throw invalid(`it names ${list.length} ${key}, more than the ${MAX_ENDPOINTS} allowed`);
  return list.map((entry) => readReference(entry, () => invalid(`an entry of ${key} has no name`)));
}

function readReference(entry: unknown, fault: () => Error): Reference {
  if (!Array.isArray(entry) || typeof entry[0] !== 'string') throw fault();
  const [layer, call = 0, output = 0] = entry as [string, unknown, unknown];
  if (!isIndex(call) || !isIndex(output)) throw fault();
  return { layer, call, output };
}

function isIndex(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0;
}

export function asObject(value: unknown, what: string): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid(`${what} is missing`);
  return value as Json;
}
