import { showJson } from '../../src/guards';
import {
  type BrokenFolder,
  breakFolder,
  EITHER,
  INVALID,
  type LayerJson,
  layersOf,
  nested,
  type Parts,
  specsOf,
  UNSUPPORTED,
} from './broken-folders';

type Config = LayerJson['config'];

const at = (parts: Parts, index: number): LayerJson => layersOf(parts)[index] as LayerJson;
const name = (parts: Parts, index: number): string => at(parts, index).name as string;
const reads = (...names: unknown[]): unknown => [names.map((from) => [from, 0, 0, {}])];
const config = (parts: Parts): Record<string, unknown> => parts.modelJson.modelTopology.model_config.config;

/** Graphs that are none. Layer 1 is a convolution, 2 its batch norm, 3 a ReLU. */
export function brokenGraphs(): BrokenFolder[] {
  const all: BrokenFolder[] = [];
  for (const i of [1, 2, 3, 10, 20]) {
    const set = (
      what: string,
      codes: BrokenFolder['codes'],
      change: (layer: LayerJson, parts: Parts) => void,
    ): void => {
      all.push(breakFolder(`layer ${i} ${what}`, codes, (parts) => change(at(parts, i), parts)));
    };
    set('reads nobody', EITHER, (layer) => (layer.inbound_nodes = []));
    set('reads a stranger', INVALID, (layer) => (layer.inbound_nodes = reads('nobody')));
    set('reads __proto__', INVALID, (layer) => (layer.inbound_nodes = reads('__proto__')));
    set('reads itself', INVALID, (layer) => (layer.inbound_nodes = reads(layer.name)));
    set('reads the last layer', INVALID, (layer, parts) => {
      layer.inbound_nodes = reads(name(parts, layersOf(parts).length - 1));
    });
    set('reads a number', INVALID, (layer) => (layer.inbound_nodes = reads(5)));
    set('reads two', EITHER, (layer, parts) => (layer.inbound_nodes = reads(name(parts, 0), name(parts, 0))));
    set('reads a million', INVALID, (layer, parts) => {
      layer.inbound_nodes = [Array(1_000_000).fill([name(parts, 0), 0, 0, {}])];
    });
    set('is called a thousand times', INVALID, (layer, parts) => {
      layer.inbound_nodes = Array(1000).fill([[name(parts, 0), 0, 0, {}]]);
    });
    set('has nodes that are a text', INVALID, (layer) => (layer.inbound_nodes = 'all'));
    set('has nodes of null', INVALID, (layer) => (layer.inbound_nodes = [null]));
    set('has a Keras 3 node without args', INVALID, (layer) => (layer.inbound_nodes = [{ kwargs: {} }]));
    set('has a Keras 3 node without history', INVALID, (layer) => (layer.inbound_nodes = [{ args: [{ config: {} }] }]));
    set('has no name', INVALID, (layer) => {
      layer.name = undefined;
      layer.config['name'] = undefined;
    });
    set('is named as another one', INVALID, (layer, parts) => (layer.name = name(parts, 0)));
    set('has no class', INVALID, (layer) => (layer.class_name = undefined));
    for (const other of ['Lambda', 'LSTM', '__proto__', 'constructor', 'toString', 'TimeDistributed', '']) {
      set(`is a ${other}`, EITHER, (layer) => (layer.class_name = other));
    }
    set('has no config', INVALID, (layer) => (layer.config = null as never));
    set('is null', INVALID, (_, parts) => (layersOf(parts)[i] = null as never));
    set('is gone', EITHER, (_, parts) => void layersOf(parts).splice(i, 1));
  }
  const put = (what: string, codes: BrokenFolder['codes'], change: (parts: Parts) => void): void => {
    all.push(breakFolder(what, codes, change));
  };
  put('no layers', INVALID, (it) => (config(it)['layers'] = []));
  put('layers that are a text', INVALID, (it) => (config(it)['layers'] = 'all'));
  put('no outputs', INVALID, (it) => (config(it)['output_layers'] = []));
  put('a strange output', INVALID, (it) => (config(it)['output_layers'] = [['nobody', 0, 0]]));
  put('outputs with names', UNSUPPORTED, (it) => (config(it)['output_layers'] = { letters: [name(it, 5), 0, 0] }));
  put('the input as output', EITHER, (it) => (config(it)['output_layers'] = [[name(it, 0), 0, 0]]));
  put('a million outputs', EITHER, (it) => (config(it)['output_layers'] = Array(1e6).fill([name(it, 5), 0, 0])));
  put('another output of a layer', INVALID, (it) => (config(it)['output_layers'] = [[name(it, 5), 0, 3]]));
  put('no topology', INVALID, (it) => (it.modelJson.modelTopology = {} as never));
  put('a topology of null', INVALID, (it) => (it.modelJson.modelTopology = null as never));
  put('a GraphModel', INVALID, (it) => (it.modelJson.modelTopology = { node: [], library: {} } as never));
  put('a layer named as one within a model', INVALID, (it) => {
    // Each is right in its own model: `m/relu` beside the `relu` of `m`.
    const relu = (called: string, from: string): LayerJson =>
      ({ class_name: 'ReLU', name: called, config: { name: called }, inbound_nodes: reads(from) }) as LayerJson;
    const inner = {
      name: 'm',
      layers: [
        { class_name: 'InputLayer', name: 'in', config: { batch_input_shape: [null, 24, 24, 3] } },
        relu('relu', 'in'),
      ],
      input_layers: [['in', 0, 0]],
      output_layers: [['relu', 0, 0]],
    };
    layersOf(it).push(relu('m/relu', name(it, 0)), {
      class_name: 'Functional',
      name: 'm',
      config: inner,
      inbound_nodes: reads('m/relu'),
    } as never);
    at(it, 1).inbound_nodes = reads('m');
  });
  put('ten thousand layers', INVALID, (it) => {
    const add = (_: unknown, i: number): LayerJson => ({
      class_name: 'ReLU',
      name: `r${i}`,
      config: {},
      inbound_nodes: reads(i === 0 ? name(it, 0) : `r${i - 1}`) as never,
    });
    layersOf(it).push(...Array.from({ length: 10_000 }, add));
  });
  put('models nested a thousand deep', INVALID, (it) => {
    let model: unknown = it.modelJson.modelTopology.model_config;
    for (let i = 0; i < 1000; i++) model = { class_name: 'Sequential', config: { name: `s${i}`, layers: [model] } };
    it.modelJson.modelTopology.model_config = model as never;
  });
  return all;
}

/** Layers whose settings do not fit their weights, or ask for more than a page can bear. */
export function brokenSettings(): BrokenFolder[] {
  const all: BrokenFolder[] = [];
  const set = (index: number, key: string, value: unknown, codes: BrokenFolder['codes'] = EITHER): void => {
    const text = `${key} ${showJson(value)}`;
    all.push(breakFolder(`layer ${index} with ${text}`, codes, (it) => (at(it, index).config[key] = value)));
  };
  const sizes = [0, -1, 1e9, [2], [1, 2, 3], 'x', {}, [0, 0], [1.5, 1], [null, null], Number.NaN];
  for (const value of sizes) for (const key of ['strides', 'kernel_size', 'dilation_rate']) set(1, key, value);
  for (const value of [0, -8, 9, 1e9]) set(1, 'filters', value, INVALID);
  for (const value of ['causal', 'SAME', 5, {}]) set(1, 'padding', value, UNSUPPORTED);
  for (const value of ['unknown', '__proto__', 5, [], {}]) set(1, 'activation', value, UNSUPPORTED);
  set(1, 'groups', 2, UNSUPPORTED);
  set(1, 'use_bias', true, INVALID);
  for (const value of [0, 2, 7, 'x', {}, [1, 2]]) set(2, 'axis', value);
  for (const value of [-1e9, -5]) set(2, 'epsilon', value, INVALID);
  set(3, 'threshold', 0.5, UNSUPPORTED);
  set(3, 'negative_slope', { type: 'ndarray', value: 0.1 }, UNSUPPORTED);
  const shape = (value: unknown, codes: BrokenFolder['codes'] = EITHER): void =>
    set(0, 'batch_input_shape', value, codes);
  for (const value of [null, 5, [], [null], [null, 24, 24], [null, 24, 24, 1], [null, 24, 24, 4]])
    shape(value, UNSUPPORTED);
  for (const value of [
    [null, 1e9, 1e9, 3],
    [null, -24, 24, 3],
    [null, 24.5, 24, 3],
    [null, 0, 0, 3],
  ])
    shape(value, INVALID);
  for (const value of [
    [null, 24, 32, 3],
    [null, 32, 32, 3],
    [null, 'x', 'y', 3],
  ])
    shape(value, INVALID);
  for (const key of ['strides', 'kernel_size', 'padding', 'axis', 'batch_input_shape']) {
    all.push(
      breakFolder(`lists in lists as ${key}`, EITHER, (it) => {
        for (const layer of layersOf(it)) if (layer.config[key] !== undefined) layer.config[key] = nested();
      }),
    );
  }
  shape(
    [null, 24, 24, 3].map((side) => (side === 3 ? nested() : side)),
    UNSUPPORTED,
  );
  all.push(...heavyFolders(), ...misreadFolders());
  return all;
}

/** Puts a layer between the input and layer 1. */
function insert(parts: Parts, layer: LayerJson): void {
  const first = name(parts, 0);
  const spliced = { ...layer, name: 'inserted', inbound_nodes: reads(first) as never };
  at(parts, 1).inbound_nodes = reads('inserted');
  layersOf(parts).push(spliced);
}

function withLayer(what: string, codes: BrokenFolder['codes'], class_name: string, config: Config): BrokenFolder {
  return breakFolder(what, codes, (it) => insert(it, { class_name, config }));
}

/** Layers that tfjs-layers would compute otherwise than Keras, and settings that it has no words for. */
function misreadFolders(): BrokenFolder[] {
  const rescaling = (scale: unknown, offset: unknown): BrokenFolder =>
    withLayer(`a Rescaling by ${showJson(scale)}, ${showJson(offset)}`, INVALID, 'Rescaling', { scale, offset });
  return [
    rescaling([1, 2], [1, 2, 3]),
    rescaling([1, 2], 0),
    withLayer('a ReLU with a cap below zero, for tfjs-layers', UNSUPPORTED, 'ReLU', { max_value: -1 }),
    withLayer('a negative cropping, for tfjs-layers', UNSUPPORTED, 'Cropping2D', {
      cropping: [
        [0, 0],
        [-1, -1],
      ],
    }),
    withLayer('settings of an unknown kind, for tfjs-layers', UNSUPPORTED, 'ELU', { alpha: { config: 1 } }),
    withLayer('more numbers than a layer takes, for tfjs-layers', UNSUPPORTED, 'ELU', { alpha: Array(5000).fill(1) }),
    breakFolder('a dilated depthwise convolution, for tfjs-layers', UNSUPPORTED, (it) => {
      insert(it, { class_name: 'ELU', config: { alpha: 1 } });
      const depthwise = layersOf(it).find((layer) => layer.class_name === 'DepthwiseConv2D') as LayerJson;
      depthwise.config['dilation_rate'] = [2, 2];
    }),
  ];
}

/** Few bytes that ask for much memory or time. */
function heavyFolders(): BrokenFolder[] {
  const heavy = (what: string, class_name: string, config: Config): BrokenFolder =>
    withLayer(what, EITHER, class_name, config);
  return [
    heavy('a picture blown up a thousand times', 'UpSampling2D', { size: [1000, 1000] }),
    heavy('a picture blown up a million times', 'UpSampling2D', { size: [1e6, 1e6] }),
    heavy('a gigantic margin', 'ZeroPadding2D', { padding: 1e8 }),
    heavy('a gigantic margin, unknown to the plan', 'Cropping2D', { cropping: -1e8 }),
    heavy('a Dense layer of 10 GB without weights', 'Dense', { units: 1e9 }),
    heavy('an Embedding of 10 GB', 'Embedding', { input_dim: 60_000, output_dim: 60_000 }),
    heavy('a convolution of 10 GB that only tfjs-layers knows', 'Conv2DTranspose', {
      filters: 60_000,
      kernel_size: 200,
    }),
    heavy('a repeated vector', 'RepeatVector', { n: 65_000 }),
    breakFolder('a picture far larger than its weights allow', EITHER, (it) => {
      at(it, 0).config['batch_input_shape'] = [null, 1024, 1024, 3];
      it.metadata['image_size'] = 1024;
      for (const spec of specsOf(it)) if (spec['name'] === `${name(it, 1)}/kernel`) spec.shape[3] = 8;
      at(it, 1).config['strides'] = [1, 1];
      at(it, 4).config['strides'] = [1, 1];
    }),
    breakFolder('three thousand paddings', EITHER, (it) => {
      const pad = (_: unknown, i: number): LayerJson => ({
        class_name: 'ZeroPadding2D',
        name: `p${i}`,
        config: { padding: 64 },
        inbound_nodes: reads(i === 0 ? name(it, 0) : `p${i - 1}`) as never,
      });
      layersOf(it).push(...Array.from({ length: 3000 }, pad));
      at(it, 1).inbound_nodes = reads('p2999');
    }),
  ];
}
