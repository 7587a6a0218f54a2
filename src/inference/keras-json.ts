import { BeyondPlan, invalidTopology as invalid, unsupported } from './faults';

/** An object of a parsed JSON file. */
export type Json = Readonly<Record<string, unknown>>;

/** One output of a layer; only models within models have more than one. */
export interface Reference {
  readonly layer: string;
  readonly output: number;
}

/** A layer as `model.json` lists it; `model` if it is a whole model itself. */
export interface ListedLayer {
  readonly name: string;
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
const MAX_LAYERS = 5_000;
const MAX_DEPTH = 16;
const MAX_INPUTS = 1_000;
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
  return {
    layers: list.map((layer) => ({ ...readLayer(layer, depth), inputs: readInputs(layer) })),
    inputs: inputs === undefined || inputs === null ? [] : readEndpoints(inputs, 'input_layers'),
    outputs: readEndpoints(outputs, 'output_layers'),
  };
}

/** A layer's batch shape: Keras 1 and 2 say `batch_input_shape`, Keras 3 `batch_shape` or, of a model, `build_input_shape`. */
export function readBatchShape(config: Json): unknown {
  return (
    config['batch_input_shape'] ??
    config['batchInputShape'] ??
    config['batch_shape'] ??
    config['build_input_shape'] ??
    undefined
  );
}

function readSequential(list: readonly unknown[], depth: number): ListedModel {
  const layers: ListedLayer[] = [];
  for (const json of list) {
    const layer = readLayer(json, depth);
    if (layers.length === 0 && layer.className !== 'InputLayer') {
      const { config } = layer;
      layers.push({ name: `${layer.name}_input`, className: 'InputLayer', config, inputs: [], model: null });
    }
    const previous = layers.at(-1);
    layers.push({ ...layer, inputs: previous ? [{ layer: previous.name, output: 0 }] : [] });
  }
  const end = (layer: ListedLayer | undefined): Reference[] => (layer ? [{ layer: layer.name, output: 0 }] : []);
  return { layers, inputs: end(layers[0]), outputs: end(layers.at(-1)) };
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
  return { name, className, config, inputs: [], model };
}

function readInputs(json: unknown): Reference[] {
  const layer = asObject(json, 'a layer');
  const name = String(layer['name'] ?? asObject(layer['config'], 'a layer config')['name']);
  const nodes = layer['inbound_nodes'] ?? [];
  if (!Array.isArray(nodes)) throw invalid(`the inbound_nodes of layer "${name}" are not a list`);
  if (nodes.length > 1) throw new BeyondPlan(`Layer "${name}" is used more than once (shared layers).`);
  const inputs = nodes.length === 1 ? readInbound(nodes[0], name) : [];
  if (inputs.length > MAX_INPUTS) throw invalid(`layer "${name}" has more than ${MAX_INPUTS} inputs`);
  return inputs;
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
  return list.map((entry) => readReference(entry, () => invalid(`an entry of ${key} has no name`)));
}

function readReference(entry: unknown, fault: () => Error): Reference {
  if (!Array.isArray(entry) || typeof entry[0] !== 'string') throw fault();
  const output: unknown = entry[2] ?? 0;
  if (!Number.isInteger(output) || (output as number) < 0) throw fault();
  return { layer: entry[0], output: output as number };
}

export function asObject(value: unknown, what: string): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid(`${what} is missing`);
  return value as Json;
}
