import { createRequire } from 'node:module';
import path from 'node:path';
import type { Constant, Operation, Plan, Step } from '../src/inference/plan';

// What is used of onnx.proto3 of ONNX 1.18 (https://github.com/onnx/onnx): field numbers and types.
const repeated = (type: string, id: number): object => ({ rule: 'repeated', type, id });
const one = (type: string, id: number): object => ({ type, id });
const SCHEMA = {
  nested: {
    Model: {
      fields: {
        irVersion: one('int64', 1),
        producerName: one('string', 2),
        graph: one('Graph', 7),
        opsetImport: repeated('Opset', 8),
      },
    },
    Opset: { fields: { domain: one('string', 1), version: one('int64', 2) } },
    Graph: {
      fields: {
        node: repeated('Node', 1),
        name: one('string', 2),
        initializer: repeated('Tensor', 5),
        input: repeated('ValueInfo', 11),
        output: repeated('ValueInfo', 12),
      },
    },
    Node: {
      fields: {
        input: repeated('string', 1),
        output: repeated('string', 2),
        name: one('string', 3),
        opType: one('string', 4),
        attribute: repeated('Attribute', 5),
      },
    },
    Attribute: {
      fields: { name: one('string', 1), i: one('int64', 3), ints: repeated('int64', 8), type: one('int32', 20) },
    },
    Tensor: {
      fields: {
        dims: repeated('int64', 1),
        dataType: one('int32', 2),
        name: one('string', 8),
        rawData: one('bytes', 9),
      },
    },
    ValueInfo: { fields: { name: one('string', 1), type: one('Type', 2) } },
    Type: { fields: { tensorType: one('TensorType', 1) } },
    TensorType: { fields: { elemType: one('int32', 1), shape: one('Shape', 2) } },
    Shape: { fields: { dim: repeated('Dimension', 1) } },
    Dimension: { fields: { dimValue: one('int64', 1) } },
  },
};
const FLOAT = 1;
const INT = 2;
const INTS = 7;
const OPSET = 13;

interface Node {
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly name: string;
  readonly opType: string;
  readonly attribute: readonly object[];
}

/**
 * Writes a compiled network as ONNX: the same folded weights, the same steps. It takes the same array as ours, height ×
 * width × RGB, and gives the outputs in the same order.
 */
export function writeOnnx(plan: Plan): Uint8Array {
  const [height, width, channels] = plan.inputShape;
  const graph = new GraphWriter();
  graph.node('Transpose', ['input'], 'v0', { perm: [0, 3, 1, 2] });
  for (const step of plan.steps) graph.step(step, plan);
  return graph.finish(
    [1, height, width, channels],
    plan.outputs.map(({ slot, size }) => ({ name: `v${slot}`, size })),
  );
}

class GraphWriter {
  readonly #nodes: Node[] = [];
  readonly #constants: object[] = [];

  step({ layer, operation, inputs, output, shape }: Step, plan: Plan): void {
    const names = inputs.map((slot) => `v${slot}`);
    const sides = shapeOf(plan, inputs[0] as number);
    const to = `v${output}`;
    switch (operation.kind) {
      case 'conv':
      case 'depthwise': {
        const isDepthwise = operation.kind === 'depthwise';
        const filter = isDepthwise ? toDepthwise(operation.filter) : toOIHW(operation.filter);
        this.#activated(to, operation.activation, (name) =>
          this.node(
            'Conv',
            [...names, this.#constant(`${layer}/filter`, filter), this.#constant(`${layer}/bias`, operation.bias)],
            name,
            {
              strides: operation.strides,
              dilations: operation.dilations,
              kernel_shape: filter.shape.slice(2),
              pads: padsOf(operation, sides, shape),
              group: isDepthwise ? (filter.shape[0] as number) : 1,
            },
          ),
        );
        return;
      }
      case 'dense':
        this.#activated(to, operation.activation, (name) =>
          this.node(
            'Gemm',
            [
              ...names,
              this.#constant(`${layer}/weights`, operation.weights),
              this.#constant(`${layer}/bias`, operation.bias),
            ],
            name,
          ),
        );
        return;
      case 'max-pool':
        if (operation.padding !== 'valid') break;
        this.node('MaxPool', names, to, { kernel_shape: operation.size, strides: operation.strides });
        return;
      case 'global-avg-pool':
        this.node('GlobalAveragePool', names, `${to}/map`);
        this.node('Flatten', [`${to}/map`], to);
        return;
      case 'add':
        this.node('Add', names, to);
        return;
    }
    throw new Error(`Layer "${layer}" is a ${operation.kind}, which is not written to ONNX.`);
  }

  node(
    opType: string,
    input: readonly string[],
    output: string,
    values: Record<string, number | readonly number[]> = {},
  ): void {
    const attribute = Object.entries(values).map(([name, value]) =>
      typeof value === 'number' ? { name, i: value, type: INT } : { name, ints: value, type: INTS },
    );
    this.#nodes.push({ input, output: [output], name: output, opType, attribute });
  }

  #activated(to: string, activation: string, write: (name: string) => void): void {
    if (activation === 'linear') {
      write(to);
      return;
    }
    write(`${to}/raw`);
    if (activation === 'relu') {
      this.node('Relu', [`${to}/raw`], to);
      return;
    }
    const scalar = (name: string, value: number): string =>
      this.#constant(`${to}/${name}`, { shape: [], values: Float32Array.of(value) });
    this.node('Clip', [`${to}/raw`, scalar('min', 0), scalar('max', 6)], to);
  }

  #constant(name: string, { shape, values }: Constant): string {
    const rawData = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    this.#constants.push({ dims: shape, dataType: FLOAT, name, rawData });
    return name;
  }

  finish(inputShape: readonly number[], outputs: readonly { name: string; size: number }[]): Uint8Array {
    const info = (name: string, dims: readonly number[]): object => ({
      name,
      type: { tensorType: { elemType: FLOAT, shape: { dim: dims.map((dimValue) => ({ dimValue })) } } },
    });
    const graph = {
      name: 'network',
      node: this.#nodes,
      initializer: this.#constants,
      input: [info('input', inputShape)],
      output: outputs.map(({ name, size }) => info(name, [1, size])),
    };
    return encode({
      irVersion: 7,
      producerName: 'asl-fingerspell',
      graph,
      opsetImport: [{ domain: '', version: OPSET }],
    });
  }
}

function encode(model: object): Uint8Array {
  const require = createRequire(path.resolve('bench/peers/package.json'));
  const { Root } = require('protobufjs/light') as {
    Root: {
      fromJSON(schema: object): { lookupType(name: string): { encode(value: object): { finish(): Uint8Array } } };
    };
  };
  return Root.fromJSON(SCHEMA).lookupType('Model').encode(model).finish();
}

function shapeOf({ steps, inputShape }: Plan, slot: number): readonly number[] {
  return slot === 0 ? inputShape : (steps.find(({ output }) => output === slot) as Step).shape;
}

/** Top, left, bottom, right, as TensorFlow divides what `same` needs: the odd row and column below and to the right. */
function padsOf(
  { padding, strides, dilations, filter }: Extract<Operation, { padding: unknown; dilations: unknown }>,
  input: readonly number[],
  output: readonly number[],
): number[] {
  if (padding === 'valid') return [0, 0, 0, 0];
  if (padding !== 'same') {
    const [top, bottom, left, right] = padding;
    return [top, left, bottom, right];
  }
  const missing = [0, 1].map((axis) => {
    const reach = ((filter.shape[axis] as number) - 1) * (dilations[axis] as number) + 1;
    return Math.max(0, ((output[axis] as number) - 1) * (strides[axis] as number) + reach - (input[axis] as number));
  }) as [number, number];
  return [...missing.map((all) => all >> 1), ...missing.map((all) => all - (all >> 1))];
}

/** Height × width × in × out to out × in × height × width. */
function toOIHW({ shape, values }: Constant): Constant {
  const [height, width, inputs, outputs] = shape as [number, number, number, number];
  const moved = new Float32Array(values.length);
  const area = height * width;
  for (let at = 0; at < area; at++) {
    for (let i = 0; i < inputs; i++) {
      for (let o = 0; o < outputs; o++) {
        moved[(o * inputs + i) * area + at] = values[(at * inputs + i) * outputs + o] as number;
      }
    }
  }
  return { shape: [outputs, inputs, height, width], values: moved };
}

/** Height × width × channels × 1 to channels × 1 × height × width. */
function toDepthwise({ shape, values }: Constant): Constant {
  const [height, width, channels] = shape as [number, number, number, number];
  return toOIHW({ shape: [height, width, 1, channels], values });
}
