import { invalidTopology as invalid, unsupported } from './faults';

/** One layer of a Keras model, with its inputs resolved to layer names. */
export interface Layer {
  readonly name: string;
  readonly className: string;
  readonly config: Readonly<Record<string, unknown>>;
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

type Json = Readonly<Record<string, unknown>>;

// Far above any image classifier; keeps a hostile file from keeping the page busy.
const MAX_LAYERS = 5_000;

/**
 * Reads the topology of a `model.json` in TensorFlow.js Layers format: Keras 1.x to 3.x spelling, functional or
 * sequential.
 */
export function readTopology(modelJson: object): Topology {
  const root = asObject((modelJson as Json)['modelTopology'] ?? modelJson, 'modelTopology');
  const model = asObject(root['model_config'] ?? root, 'model_config');
  const className = model['class_name'];
  const config = model['config'];
  const list = Array.isArray(config) ? config : asObject(config, 'config')['layers'];
  if (!Array.isArray(list) || list.length === 0) throw invalid('it lists no layers');
  if (list.length > MAX_LAYERS) throw invalid(`it has ${list.length} layers, more than the ${MAX_LAYERS} allowed`);
  const layers =
    className === 'Sequential' ? readSequential(list) : sortByInputs(list.map((layer) => readFunctionalLayer(layer)));
  const outputNames =
    className === 'Sequential' ? [lastOf(layers).name] : readEndpoints((config as Json)['output_layers']);
  const input = findInput(layers);
  const known = new Set(layers.map((layer) => layer.name));
  for (const name of outputNames) if (!known.has(name)) throw invalid(`its output "${name}" is not one of its layers`);
  return { layers, outputNames, inputName: input.name, inputShape: readInputShape(layers, input) };
}

function readFunctionalLayer(json: unknown): Layer {
  const layer = asObject(json, 'a layer');
  const config = asObject(layer['config'], 'a layer config');
  const name = layer['name'] ?? config['name'];
  if (typeof name !== 'string') throw invalid('a layer has no name');
  if (typeof layer['class_name'] !== 'string') throw invalid(`layer "${name}" has no class_name`);
  const nodes = layer['inbound_nodes'] ?? [];
  if (!Array.isArray(nodes)) throw invalid(`the inbound_nodes of layer "${name}" are not a list`);
  if (nodes.length > 1) throw unsupported(`Layer "${name}" is used more than once (shared layers).`);
  return {
    name,
    className: layer['class_name'],
    config,
    inputs: nodes.length === 1 ? readInbound(nodes[0], name) : [],
  };
}

/** Keras 1 and 2 write `[[name, node, tensor, kwargs], …]`, Keras 3 `{ args: [tensor | tensor[]], kwargs }`. */
function readInbound(node: unknown, layerName: string): string[] {
  if (Array.isArray(node)) {
    return node.map((entry) => {
      if (Array.isArray(entry) && typeof entry[0] === 'string') return entry[0];
      throw invalid(`layer "${layerName}" has an input without a name`);
    });
  }
  const args = asObject(node, 'an inbound node')['args'];
  if (!Array.isArray(args)) throw invalid(`layer "${layerName}" has an input without args`);
  return args.flat().map((tensor) => {
    const history = asObject(asObject(tensor, 'a tensor')['config'], 'a tensor config')['keras_history'];
    if (Array.isArray(history) && typeof history[0] === 'string') return history[0];
    throw invalid(`layer "${layerName}" has an input without keras_history`);
  });
}

function readSequential(list: readonly unknown[]): Layer[] {
  const layers: Layer[] = [];
  for (const json of list) {
    const layer = asObject(json, 'a layer');
    const config = asObject(layer['config'], 'a layer config');
    const name = config['name'] ?? layer['name'];
    const className = layer['class_name'];
    if (typeof name !== 'string' || typeof className !== 'string') throw invalid('a layer has no name or class_name');
    if (layers.length === 0 && className !== 'InputLayer') {
      layers.push({ name: `${name}_input`, className: 'InputLayer', config, inputs: [] });
    }
    const previous = layers.at(-1);
    layers.push({ name, className, config, inputs: previous ? [previous.name] : [] });
  }
  return layers;
}

/** Depth-first, without recursion: a hostile file may nest thousands of layers. */
function sortByInputs(layers: readonly Layer[]): Layer[] {
  const byName = new Map(layers.map((layer) => [layer.name, layer]));
  if (byName.size !== layers.length) throw invalid('two layers have the same name');
  const state = new Map<string, 'open' | 'done'>();
  const sorted: Layer[] = [];
  for (const start of layers) {
    const stack = [start];
    while (stack.length > 0) {
      const layer = lastOf(stack);
      if (state.get(layer.name) === 'done') {
        stack.pop();
        continue;
      }
      state.set(layer.name, 'open');
      const open = layer.inputs.filter((name) => state.get(name) !== 'done');
      if (open.length === 0) {
        state.set(layer.name, 'done');
        sorted.push(layer);
        stack.pop();
        continue;
      }
      for (const name of open) {
        const input = byName.get(name);
        if (!input) throw invalid(`layer "${layer.name}" takes its input from "${name}", which does not exist`);
        if (state.get(name) === 'open') throw invalid(`its layers form a circle at "${name}"`);
        stack.push(input);
      }
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

function readInputShape(layers: readonly Layer[], input: Layer): Topology['inputShape'] {
  const first = layers.find((layer) => layer.inputs.includes(input.name));
  const shape = shapeOf(input.config) ?? (first && shapeOf(first.config));
  if (!Array.isArray(shape) || shape.length !== 4)
    throw unsupported('Its input is not a batch of images (4 dimensions).');
  const [height, width, channels] = shape.slice(1) as unknown[];
  if (channels !== 3) throw unsupported(`Its input has ${String(channels)} channels instead of 3 (RGB).`);
  return [readSide(height), readSide(width), 3];
}

// Keras 1 and 2 say `batch_input_shape`, Keras 3 `batch_shape`.
function shapeOf(config: Json): unknown {
  return config['batch_input_shape'] ?? config['batchInputShape'] ?? config['batch_shape'] ?? undefined;
}

function readSide(side: unknown): number | null {
  if (side === null || side === undefined) return null;
  if (typeof side === 'number' && Number.isInteger(side) && side > 0 && side <= 4096) return side;
  throw invalid(`its input has a side of ${String(side)}`);
}

function readEndpoints(endpoints: unknown): string[] {
  if (!Array.isArray(endpoints) || endpoints.length === 0) throw invalid('it names no output_layers');
  // Keras 3 writes a single output as `[name, 0, 0]` without the list around it.
  const list = typeof endpoints[0] === 'string' ? [endpoints] : endpoints;
  return list.map((entry: unknown) => {
    if (Array.isArray(entry) && typeof entry[0] === 'string') return entry[0];
    throw invalid('an entry of output_layers has no name');
  });
}

function asObject(value: unknown, what: string): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid(`${what} is missing`);
  return value as Json;
}

function lastOf<T>(list: readonly T[]): T {
  const last = list.at(-1);
  if (last === undefined) throw invalid('it lists no layers');
  return last;
}
