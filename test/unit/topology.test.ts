import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compile } from '../../src/inference/compile';
import { readTopology, type Topology } from '../../src/inference/topology';
import { codeOf } from '../support/errors';
import { runNaively } from '../support/naive-plan';

type Json = Record<string, unknown>;

const input = { class_name: 'InputLayer', config: { name: 'in', batch_input_shape: [null, 32, 32, 3] } };
const keras2 = (name: string, inputs: string[], className = 'Add'): Json => ({
  class_name: className,
  name,
  config: { name },
  inbound_nodes: [inputs.map((from) => [from, 0, 0, {}])],
});
const tensor = (from: string): Json => ({
  class_name: '__keras_tensor__',
  config: { shape: [null, 32, 32, 3], dtype: 'float32', keras_history: [from, 0, 0] },
});
const functional = (name: string, layers: unknown[], inputs: string[], outputs: string[]) => {
  const tensors = (names: string[]) => names.map((from) => [from, 0, 0]);
  const config = { name, layers, input_layers: tensors(inputs), output_layers: tensors(outputs) };
  return { class_name: 'Functional', name, config };
};
const model = (layers: unknown[], outputs: unknown, className = 'Functional'): Json => ({
  modelTopology: { model_config: { class_name: className, config: { layers, output_layers: outputs } } },
});

describe('readTopology', () => {
  it('reads a functional model as Keras 2 writes it', () => {
    const layers = [{ ...input, name: 'in', inbound_nodes: [] }, keras2('a', ['in']), keras2('b', ['in', 'a'])];
    const topology = readTopology(model(layers, [['b', 0, 0]], 'Model'));
    expect(topology.layers.map(({ name }) => name)).toEqual(['in', 'a', 'b']);
    expect(topology.layers[2]?.inputs).toEqual(['in', 'a']);
    expect(topology).toMatchObject({ inputName: 'in', inputShape: [32, 32, 3], outputNames: ['b'] });
  });

  it('reads the same model as Keras 3 writes it', () => {
    const layers = [
      {
        class_name: 'InputLayer',
        config: { name: 'in', batch_shape: [null, 32, 32, 3] },
        name: 'in',
        inbound_nodes: [],
      },
      { class_name: 'ReLU', config: { name: 'a' }, name: 'a', inbound_nodes: [{ args: [tensor('in')], kwargs: {} }] },
      {
        class_name: 'Add',
        config: { name: 'b' },
        name: 'b',
        inbound_nodes: [{ args: [[tensor('in'), tensor('a')]], kwargs: {} }],
      },
    ];
    for (const outputs of [['b', 0, 0], [['b', 0, 0]]]) {
      const topology = readTopology(model(layers, outputs));
      expect(topology.layers.map(({ inputs }) => inputs)).toEqual([[], ['in'], ['in', 'a']]);
      expect(topology).toMatchObject({ inputShape: [32, 32, 3], outputNames: ['b'] });
    }
  });

  it('reads a Sequential model with and without its own input layer', () => {
    const conv = { class_name: 'Conv2D', config: { name: 'conv', batch_input_shape: [null, null, null, 3] } };
    const dense = { class_name: 'Dense', config: { name: 'dense' } };
    const bare = readTopology(model([conv, dense], undefined, 'Sequential'));
    expect(bare.layers.map(({ className }) => className)).toEqual(['InputLayer', 'Conv2D', 'Dense']);
    expect(bare).toMatchObject({ inputShape: [null, null, 3], outputNames: ['dense'] });
    const whole = readTopology(model([input, { ...conv, config: { name: 'conv' } }, dense], undefined, 'Sequential'));
    expect(whole.layers.map(({ inputs }) => inputs)).toEqual([[], ['in'], ['conv']]);
    expect(whole.inputShape).toEqual([32, 32, 3]);
    // Keras 3 may say it of the model alone.
    const first = { ...conv, config: { name: 'conv' } };
    const config = { layers: [first, dense], build_input_shape: [null, 32, 32, 3] };
    const built = readTopology({ modelTopology: { model_config: { class_name: 'Sequential', config } } });
    expect(built.inputShape).toEqual([32, 32, 3]);
  });

  it('puts every layer after its inputs, whatever the order in the file', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), fc.infiniteStream(fc.nat()), (count, numbers) => {
        const next = (below: number): number => (numbers.next().value as number) % below;
        const names = Array.from({ length: count }, (_, i) => `l${i}`);
        const layers = names.map((name, i) => keras2(name, [i === 0 ? 'in' : (names[next(i)] as string), 'in']));
        const shuffled = [{ ...input, name: 'in' }, ...layers].sort(() => next(3) - 1);
        const topology = readTopology(model(shuffled, [[names.at(-1), 0, 0]]));
        const seen = new Set<string>();
        for (const layer of topology.layers) {
          for (const name of layer.inputs) expect(seen.has(name)).toBe(true);
          seen.add(layer.name);
        }
        expect(seen.size).toBe(count + 1);
      }),
      { numRuns: 50 },
    );
  });

  it('refuses circles, strangers, doubles and missing parts as a broken file', () => {
    const first = { ...input, name: 'in' };
    const broken: Record<string, unknown[]> = {
      circle: [first, keras2('a', ['b']), keras2('b', ['a'])],
      'circle of one': [first, keras2('a', ['a'])],
      stranger: [first, keras2('a', ['nobody'])],
      double: [first, keras2('a', ['in']), keras2('a', ['in'])],
      nameless: [first, { class_name: 'Add', config: {} }],
      classless: [first, { name: 'a', config: {} }],
      empty: [],
    };
    for (const [what, layers] of Object.entries(broken)) {
      expect(
        codeOf(() => readTopology(model(layers, [['a', 0, 0]]))),
        what,
      ).toBe('asset-invalid');
    }
    expect(codeOf(() => readTopology(model([first], [['out', 0, 0]])))).toBe('asset-invalid');
    expect(codeOf(() => readTopology(model(Array(5001).fill(first), [['in', 0, 0]])))).toBe('asset-invalid');
  });

  it('refuses what is well-formed but no classifier of pictures as unsupported', () => {
    const shaped = (shape: unknown): Json => ({
      class_name: 'InputLayer',
      name: 'in',
      config: { name: 'in', batch_input_shape: shape },
    });
    for (const shape of [[null, 32, 32, 1], [null, 32], undefined]) {
      expect(codeOf(() => readTopology(model([shaped(shape)], [['in', 0, 0]])))).toBe('model-unsupported');
    }
    const two = [
      { ...input, name: 'in' },
      { ...input, name: 'in2' },
    ];
    expect(codeOf(() => readTopology(model(two, [['in', 0, 0]])))).toBe('model-unsupported');
  });

  it('reads a layer that is called twice as two layers with one name for their weights', () => {
    const nodes = [[['in', 0, 0, {}]], [['a', 0, 0, {}]]];
    const shared = { ...keras2('a', ['in']), inbound_nodes: nodes };
    const topology = readTopology(model([{ ...input, name: 'in' }, shared], [['a', 1, 0]]));
    expect(topology.layers.map(({ name, ownName, inputs }) => ({ name, ownName, inputs }))).toEqual([
      { name: 'in', ownName: 'in', inputs: [] },
      { name: 'a', ownName: 'a', inputs: ['in'] },
      { name: 'a#1', ownName: 'a', inputs: ['a'] },
    ]);
    expect(topology.outputNames).toEqual(['a#1']);
  });

  it('dissolves models within models', () => {
    const layers = [{ ...input, name: 'in' }, keras2('a', ['in']), keras2('b', ['a'])];
    const inner = {
      ...functional('base', layers, ['in'], ['a', 'b']),
      // Some Keras versions count a model's own making as its first call.
      inbound_nodes: [[['in', 0, 0, {}]]],
    };
    const last = { ...keras2('c', ['base']), inbound_nodes: [[['base', 1, 1, {}]]] };
    const topology = readTopology(model([{ ...input, name: 'in' }, last, inner], [['c', 0, 0]]));
    expect(topology.layers.map(({ name, inputs }) => `${name} < ${inputs}`)).toEqual([
      'in < ',
      'base/a < in',
      'base/b < base/a',
      'c < base/b',
    ]);
    const { name: _, inbound_nodes: __, ...model1 } = inner;
    const one = { ...model1, config: { ...model1.config, output_layers: [['b', 0, 0]] } };
    const head = {
      class_name: 'Sequential',
      config: { name: 'head', layers: [{ class_name: 'Dense', config: { name: 'd' } }] },
    };
    const sequential = readTopology(
      model([{ class_name: 'Sequential', config: { name: 's', layers: [one] } }, head], null, 'Sequential'),
    );
    expect(sequential.layers.map(({ name, inputs }) => `${name} < ${inputs}`)).toEqual([
      's/base/in < ',
      's/base/a < s/base/in',
      's/base/b < s/base/a',
      'head/d < s/base/b',
    ]);
    expect(sequential.inputShape).toEqual([32, 32, 3]);
  });

  it('feeds each input of a model within a model with its own', () => {
    // Not in the order of the inputs.
    const layers = [{ ...input, name: 'y' }, { ...input, name: 'x' }, keras2('a', ['x']), keras2('b', ['a', 'y'])];
    const inner = {
      ...functional('base', layers, ['x', 'y'], ['b']),
      inbound_nodes: [
        [
          ['in', 0, 0, {}],
          ['relu', 0, 0, {}],
        ],
      ],
    };
    const topology = readTopology(
      model([{ ...input, name: 'in' }, keras2('relu', ['in'], 'ReLU'), inner], [['base', 0, 0]]),
    );
    expect(topology.layers.map(({ name, inputs }) => `${name} < ${inputs}`)).toEqual([
      'in < ',
      'relu < in',
      'base/a < in',
      'base/b < base/a,relu',
    ]);
  });

  it('refuses models within models that are called ever more often, though they hold nothing but an input', () => {
    const at = (level: number): object => {
      const calls = Array.from({ length: level === 0 ? 0 : 100 }, () => [['in', 0, 0, {}]]);
      const inner = level === 0 ? [] : [{ ...at(level - 1), inbound_nodes: calls }];
      const layers = [{ ...input, name: 'in' }, ...inner];
      return functional(`level${level}`, layers, ['in'], ['in']);
    };
    const begin = performance.now();
    const read = () => readTopology({ modelTopology: { model_config: at(6) } });
    expect(read).toThrow(
      expect.objectContaining({ code: 'asset-invalid', message: expect.stringMatching(/layers allowed/) }),
    );
    expect(performance.now() - begin).toBeLessThan(2000);
  });

  it('survives a chain of thousands of layers, listed backwards', () => {
    const layers = Array.from({ length: 4000 }, (_, i) => keras2(`l${i}`, [i === 0 ? 'in' : `l${i - 1}`])).reverse();
    expect(readTopology(model([...layers, { ...input, name: 'in' }], [['l3999', 0, 0]])).layers).toHaveLength(4001);
  });

  it('throws only coded errors, whatever JSON it is given', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (json) => {
        if (typeof json !== 'object' || json === null) return;
        expect(codeOf(() => readTopology(json))).toMatch(/^(asset-invalid|model-unsupported|none)$/);
      }),
      { numRuns: 300 },
    );
  });

  it('throws only coded errors for a real model.json in which any one value was replaced', () => {
    const whole = model([{ ...input, name: 'in' }, keras2('a', ['in']), keras2('b', ['in', 'a'])], [['b', 0, 0]]);
    const paths: (string | number)[][] = [];
    const walk = (value: unknown, path: (string | number)[]): void => {
      if (path.length > 0) paths.push(path);
      if (Array.isArray(value)) for (const [i, entry] of value.entries()) walk(entry, [...path, i]);
      else if (typeof value === 'object' && value !== null) {
        for (const [key, entry] of Object.entries(value)) walk(entry, [...path, key]);
      }
    };
    walk(whole, []);
    const side = ['modelTopology', 'model_config', 'config', 'layers', 0, 'config', 'batch_input_shape', 2];
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.jsonValue({ maxDepth: 2 }), (path, value) => {
        const copy = structuredClone(whole);
        let place = copy as Record<string | number, unknown>;
        for (const key of path.slice(0, -1)) place = place[key] as Record<string | number, unknown>;
        place[path.at(-1) as string] = value;
        expect(codeOf(() => readTopology(copy))).toMatch(/^(asset-invalid|model-unsupported|none)$/);
      }),
      // No text can be made of an object that hides how.
      { numRuns: 500, examples: [[side, { toString: null }]] },
    );
  });
});

describe('compile', () => {
  const layer = (name: string, className: string, config: Json, ...inputs: string[]) => {
    return { name, ownName: name, className, config, inputs };
  };
  const weights = (all: Record<string, readonly number[]>) =>
    new Map(
      Object.entries(all).map(([name, shape]) => {
        const length = shape.reduce((a, b) => a * b, 1);
        return [name, { name, shape, values: new Float32Array(length).fill(1) }] as const;
      }),
    );
  const topologyOf = (layers: Topology['layers'], side: number, ...outputNames: string[]): Topology => {
    return {
      layers: [layer('in', 'InputLayer', {}), ...layers],
      inputName: 'in',
      inputShape: [side, side, 3],
      outputNames,
    };
  };

  it('refuses maps that need too much memory at one time, though each alone has room', () => {
    const pad = { padding: 64 };
    const compileBranches = (count: number) => {
      const names = Array.from({ length: count }, (_, i) => `branch${i}`);
      const layers = [
        ...Array.from({ length: 9 }, (_, i) => layer(`pad${i}`, 'ZeroPadding2D', pad, i === 0 ? 'in' : `pad${i - 1}`)),
        ...names.map((name) => layer(name, 'ReLU', {}, 'pad8')),
        ...names.map((name, i) => layer(`sum${i}`, 'Add', {}, i === 0 ? 'pad8' : `sum${i - 1}`, name)),
      ];
      return compile(topologyOf(layers, 1024, `sum${count - 1}`), new Map(), 1024);
    };
    expect(compileBranches(2).outputs).toHaveLength(1);
    expect(() => compileBranches(6)).toThrow('too much memory at one time');
  });

  it('refuses a window that takes too many operations a frame, though its map is small', () => {
    const compilePool = (side: number) => {
      const config = { pool_size: side, strides: 1, padding: 'same' };
      return compile(topologyOf([layer('pool', 'AveragePooling2D', config, 'in')], 1024, 'pool'), new Map(), 1024);
    };
    expect(compilePool(100).steps).toHaveLength(1);
    expect(() => compilePool(110)).toThrow('too many operations');
  });

  it('does not fold batch norms into a large convolution for ever', () => {
    const count = 200;
    const norms = Array.from({ length: count }, (_, i) =>
      layer(`norm${i}`, 'BatchNormalization', { scale: false, center: false }, i === 0 ? 'conv' : `norm${i - 1}`),
    );
    const shapes = norms.flatMap(({ name }) => [`${name}/moving_mean`, `${name}/moving_variance`]);
    const plan = compile(
      topologyOf([layer('conv', 'Conv2D', { use_bias: false }, 'in'), ...norms], 16, `norm${count - 1}`),
      weights({ 'conv/kernel': [16, 16, 3, 1024], ...Object.fromEntries(shapes.map((name) => [name, [1024]])) }),
      16,
    );
    expect(plan.steps.length).toBeGreaterThan(1);
  });

  it('gives out what another layer reads as it is, and keeps it until then', () => {
    const layers = [
      layer('map', 'Conv2D', { use_bias: false }, 'in'),
      layer('positive', 'ReLU', {}, 'map'),
      layer('mean', 'GlobalAveragePooling2D', {}, 'positive'),
    ];
    const plan = compile(topologyOf(layers, 4, 'map', 'mean'), weights({ 'map/kernel': [1, 1, 3, 2] }), 4);
    const [map, mean] = runNaively(plan, new Float32Array(48).fill(-1)).map((values) => [...values]);
    expect([map, mean]).toEqual([Array(32).fill(-3), [0, 0]]);
    const freed = plan.steps.flatMap(({ frees }) => frees);
    for (const { slot } of plan.outputs) expect(freed).not.toContain(slot);
  });
});
