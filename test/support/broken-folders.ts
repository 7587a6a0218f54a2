import type { FingerspellErrorCode, ModelFiles } from 'asl-fingerspell';
import { planFolders } from './folders';

/** A folder that must be refused, and how. */
export interface BrokenFolder {
  readonly name: string;
  readonly files: ModelFiles;
  readonly codes: readonly FingerspellErrorCode[];
}

type Json = Record<string, unknown>;
export interface LayerJson {
  class_name: unknown;
  name?: unknown;
  config: Json;
  inbound_nodes?: unknown;
}
export interface Parts {
  modelJson: {
    modelTopology: { model_config: { class_name: string; config: Json & { layers: LayerJson[] } } };
    weightsManifest: { paths: unknown; weights: (Json & { shape: number[] })[] }[];
  };
  metadata: Json & { int2alphabet: Json; alphabet2int: Json };
  weights: ArrayBuffer[];
}

const INVALID = ['asset-invalid'] as const;
const UNSUPPORTED = ['model-unsupported'] as const;
const EITHER = ['asset-invalid', 'model-unsupported'] as const;

const good = planFolders().find(({ name }) => name === 'the tutorial, 26 letters')?.files as ModelFiles;

/** A whole folder, to be broken. */
export function wholeParts(): Parts {
  return structuredClone(good) as unknown as Parts;
}

export function layersOf(parts: Parts): LayerJson[] {
  return parts.modelJson.modelTopology.model_config.config.layers;
}

export function specsOf(parts: Parts): (Json & { shape: number[] })[] {
  return (parts.modelJson.weightsManifest[0] as Parts['modelJson']['weightsManifest'][number]).weights;
}

export function breakFolder(
  name: string,
  codes: readonly FingerspellErrorCode[],
  change: (parts: Parts) => void,
): BrokenFolder {
  const parts = wholeParts();
  change(parts);
  return { name, codes, files: parts as unknown as ModelFiles };
}

/** Weights cut at the ends of values and within them, or of the wrong number, or with values that are none. */
export function brokenWeights(): BrokenFolder[] {
  const all: BrokenFolder[] = [];
  const { weights, ...parts } = wholeParts();
  const [whole] = weights as [ArrayBuffer];
  const ends: number[] = [];
  for (const { shape } of specsOf({ ...parts, weights })) {
    ends.push((ends.at(-1) ?? 0) + 4 * shape.reduce((a, b) => a * b, 1));
  }
  const lengths = new Set([0, 1, 2, 3, ...ends.flatMap((end) => [end - 4, end - 1, end, end + 1])]);
  lengths.delete(whole.byteLength);
  for (const length of lengths) {
    const bytes = new Uint8Array(length);
    bytes.set(new Uint8Array(whole).subarray(0, length));
    all.push(breakFolder(`weights of ${length} bytes`, INVALID, (it) => (it.weights = [bytes.buffer])));
  }
  all.push(
    breakFolder('no weight files', INVALID, (it) => (it.weights = [])),
    breakFolder('the weight file twice', INVALID, (it) => (it.weights = [whole, whole])),
    breakFolder('64 MB of weights', INVALID, (it) => (it.weights = [new ArrayBuffer(1 << 26)])),
  );
  for (const [i, value] of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].entries()) {
    for (const place of [0, 100 + i, whole.byteLength / 4 - 1]) {
      const values = new Float32Array(whole.slice(0));
      values[place] = value;
      all.push(breakFolder(`${value} at ${place}`, INVALID, (it) => (it.weights = [values.buffer])));
    }
  }
  return all;
}

/** A manifest that asks for what is not there, or for what nobody has. */
export function brokenManifests(): BrokenFolder[] {
  const shapes: readonly unknown[] = [
    [-1],
    [1e5, 1e5],
    [2 ** 31, 2 ** 31, 2 ** 31],
    [Number.NaN],
    [Number.POSITIVE_INFINITY],
    [1.5],
    ['3'],
    [null],
    null,
    {},
    'all',
    12,
    [],
    [0],
  ];
  const codings: readonly unknown[] = [
    { dtype: 'uint8', scale: Number.NaN, min: 0 },
    { dtype: 'uint16', scale: 1, min: Number.POSITIVE_INFINITY },
    { dtype: 'uint8', scale: null, min: 0 },
    { dtype: 'uint8' },
    { dtype: 'uint4', scale: 1, min: 0 },
    { dtype: '__proto__', scale: 1, min: 0 },
    {},
    [],
    5,
    'uint8',
  ];
  const all = [0, 7, 20].flatMap((at) => [
    ...shapes.map((shape) =>
      breakFolder(`weight ${at} of shape ${JSON.stringify(shape)}`, INVALID, (it) => {
        (specsOf(it)[at] as Json)['shape'] = shape;
      }),
    ),
    ...codings.map((quantization) =>
      breakFolder(`weight ${at} quantised ${JSON.stringify(quantization)}`, INVALID, (it) => {
        (specsOf(it)[at] as Json)['quantization'] = quantization;
      }),
    ),
    ...['string', 'bool', 'float64', 'complex64', null, 4].map((dtype) =>
      breakFolder(`weight ${at} of type ${dtype}`, INVALID, (it) => {
        (specsOf(it)[at] as Json)['dtype'] = dtype;
      }),
    ),
    ...[null, 5, '', '__proto__', 'constructor/prototype', 'kernel'].map((name) =>
      breakFolder(`weight ${at} named ${name}`, INVALID, (it) => {
        (specsOf(it)[at] as Json)['name'] = name;
      }),
    ),
  ]);
  all.push(
    ...['shape', 'dtype', 'quantization', 'name'].map((key) =>
      breakFolder(`a weight with lists in lists as ${key}`, INVALID, (it) => {
        (specsOf(it)[0] as Json)[key] = nested();
      }),
    ),
    breakFolder('no manifest', INVALID, (it) => Reflect.deleteProperty(it.modelJson, 'weightsManifest')),
    breakFolder('a manifest of null', INVALID, (it) => (it.modelJson.weightsManifest = [null] as never)),
    breakFolder('a manifest that is no list', INVALID, (it) => (it.modelJson.weightsManifest = {} as never)),
    breakFolder('an empty manifest', INVALID, (it) => (it.modelJson.weightsManifest = [])),
    breakFolder('a weight twice', INVALID, (it) => {
      specsOf(it).push(structuredClone(specsOf(it)[0] as never));
      it.weights.push((it.weights[0] as ArrayBuffer).slice(0, 4 * 216));
    }),
    // Of no one in particular: to take the first, or the last, would be a guess.
    breakFolder('the weights of one layer from two models', INVALID, (it) => {
      const [spec] = specsOf(it) as [Json & { shape: number[] }];
      specsOf(it).push({ ...structuredClone(spec), name: `b/${spec['name']}` });
      spec['name'] = `a/${spec['name']}`;
      it.weights.push((it.weights[0] as ArrayBuffer).slice(0, 4 * 216));
    }),
    breakFolder('a batch norm of half as many channels', INVALID, (it) => {
      const one = specsOf(it).find(({ name }) => String(name).endsWith('/gamma'));
      const layer = String(one?.['name']).replace(/gamma$/, '');
      for (const spec of specsOf(it).filter(({ name }) => String(name).startsWith(layer))) {
        const half = (spec.shape[0] as number) / 2;
        spec.shape = [half];
        // The other half of its bytes, so that all weights stay where they are.
        const rest = { name: `rest/${spec['name']}`, shape: [half], dtype: 'float32' };
        specsOf(it).splice(specsOf(it).indexOf(spec) + 1, 0, rest);
      }
    }),
    breakFolder('ten thousand weights of 60 million values', INVALID, (it) => {
      for (let i = 0; i < 10_000; i++) specsOf(it).push({ name: `w${i}/kernel`, shape: [6e7], dtype: 'float32' });
    }),
    breakFolder('kernels turned around', INVALID, (it) => {
      for (const spec of specsOf(it)) spec.shape.reverse();
    }),
    breakFolder('names exchanged', INVALID, (it) => {
      const names = specsOf(it).map(({ name }) => name);
      for (const [i, spec] of specsOf(it).entries()) spec['name'] = names[(i + 1) % names.length];
    }),
  );
  return all;
}

/** Lists in lists, deeper than any program can put into words. */
function nested(): unknown {
  return JSON.parse('['.repeat(100_000) + ']'.repeat(100_000));
}

/** Metadata that is broken or of another model. */
export function brokenMetadata(): BrokenFolder[] {
  const set = (key: string, value: unknown): BrokenFolder =>
    breakFolder(`metadata with ${key} ${JSON.stringify(value)?.slice(0, 60)}`, INVALID, (it) => {
      it.metadata[key] = value;
    });
  const letters = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [i, `letter ${i}`]));
  return [
    ...[0, -1, 7, 23, 25, 224, 1e9, '24', 24.5, [24], {}].map((size) => set('image_size', size)),
    ...[0.5, [0.5], [0.5, 0.5], [1, 2, 3, 4], [1, 2, null], ['a', 'b', 'c'], {}, 'mean'].map((m) => set('RGB_mean', m)),
    ...[[0], [0, null], [0, 1, 2], 1, 'range', {}].map((range) => set('input_range', range)),
    ...[-1, 26, 1.5, 'x', {}, 1e9, true].map((index) => set('no_hand_index', index)),
    ...[0, 1, 2, -1, 'x'].map((output) => set('hand_output', output)),
    ...[[[1]], 'x', {}, [[]], Array(26).fill([]), Array(26).fill(Array(26).fill('1'))].map((c) => set('confusion', c)),
    ...[letters(0), letters(1), letters(25), letters(27), letters(5000)].map((table) => set('int2alphabet', table)),
    ...[{ x: 'a' }, { '-1': 'a' }, { 1e9: 'a' }, { 0: '' }, { 0: 5 }, { 0: 'a', 1: 'a' }].map((t) =>
      set('int2alphabet', t),
    ),
    set('int2alphabet', { ...letters(25), 99: 'z' }),
    set('int2alphabet', JSON.parse('{"__proto__":"a"}')),
    set('labels', []),
    set('labels', ['a', 'b']),
    set(
      'labels',
      Array.from({ length: 300_000 }, (_, i) => `letter ${i}`),
    ),
    set('labels', Array(26).fill('a')),
    set('labels', Array(26).fill(null)),
    set('weights_sha256', 'a'.repeat(64)),
    ...['image_size', 'no_hand_index', 'hand_output', 'RGB_mean', 'confusion', 'labels'].map((key) =>
      breakFolder(`metadata with lists in lists as ${key}`, INVALID, (it) => {
        it.metadata[key] = nested();
      }),
    ),
    breakFolder('metadata without letters', INVALID, (it) => {
      it.metadata = { image_size: 24 } as unknown as Parts['metadata'];
    }),
    breakFolder('no size of a picture anywhere', INVALID, (it) => {
      Reflect.deleteProperty(it.metadata, 'image_size');
      (layersOf(it)[0] as LayerJson).config['batch_input_shape'] = [null, null, null, 3];
    }),
    breakFolder('metadata that is a list', INVALID, (it) => {
      it.metadata = [] as unknown as Parts['metadata'];
    }),
  ];
}

export { EITHER, INVALID, nested, UNSUPPORTED };
