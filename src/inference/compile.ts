import { misfit, unsupported } from './faults';
import { readNode } from './layers';
import type { Constant, Operation, Plan, PlanOutput, Shape, Step } from './plan';
import { inferShape } from './shapes';
import type { Topology } from './topology';
import type { Weight } from './weights';

/** A layer on its way to becoming a step; the passes below merge nodes into the ones before them. */
export interface Node {
  readonly name: string;
  inputs: string[];
  operation: Operation | { readonly kind: 'input' } | { readonly kind: 'identity' } | Scale;
  /** What the network does with a final output beyond the plan's own activations. */
  head: 'linear' | 'softmax' | 'sigmoid';
}

/** A factor and a shift per channel: what a batch norm is once it is trained. */
export interface Scale {
  readonly kind: 'scale';
  readonly factor: Float32Array;
  readonly shift: Float32Array;
}

/**
 * Compiles a Keras topology and its weights into a {@link Plan}: batch norms are folded into the convolution before
 * them, ReLU and ReLU6 fused, zero paddings merged into the convolution after them, dropouts removed.
 *
 * Folding: with k = γ / √(σ² + ε), `BN(W∗x + b)` = `(k·W)∗x + β + k·(b − μ)` (Jacob et al. 2018, arXiv 1712.05877,
 * section 3.2).
 *
 * @throws FingerspellError `model-unsupported` for a layer that the plan has no words for, `asset-invalid` for weights
 * that do not fit their layer
 */
export function compile(topology: Topology, weights: ReadonlyMap<string, Weight>, inputSize: number): Plan {
  const lookUp = indexWeights(weights);
  const nodes = new Map(topology.layers.map((layer) => [layer.name, readNode(layer, lookUp)]));
  const graph = new Graph(nodes, topology.outputNames);
  for (const node of [...nodes.values()]) {
    graph.removeIdentity(node);
    graph.mergePadding(node);
    graph.mergeScale(node);
    graph.mergeActivation(node);
  }
  return schedule(graph, inputSize);
}

/** Weights by `layer/variable`: converters put other prefixes in front, and Keras a `:0` behind. */
function indexWeights(weights: ReadonlyMap<string, Weight>): (layer: string, variable: string) => Weight | null {
  const index = new Map<string, Weight>();
  for (const weight of weights.values()) {
    const parts = weight.name.replace(/:\d+$/, '').split('/');
    index.set(parts.slice(-2).join('/'), weight);
    index.set(parts.join('/'), weight);
  }
  return (layer, variable) => index.get(`${layer}/${variable}`) ?? null;
}

/** The nodes by name, with who reads whom. */
class Graph {
  readonly #readers = new Map<string, Set<Node>>();
  readonly #nodes: Map<string, Node>;
  readonly outputs: string[];

  constructor(nodes: Map<string, Node>, outputs: readonly string[]) {
    this.#nodes = nodes;
    this.outputs = [...outputs];
    for (const node of nodes.values()) for (const input of node.inputs) this.#readersOf(input).add(node);
  }

  get nodes(): Iterable<Node> {
    return this.#nodes.values();
  }

  find(name: string): Node {
    const node = this.#nodes.get(name);
    if (!node) throw unsupported(`Layer "${name}" is missing.`);
    return node;
  }

  removeIdentity(node: Node): void {
    const [input] = node.inputs;
    if (node.operation.kind !== 'identity' || input === undefined) return;
    if (node.head !== 'linear' && this.#soleInput(node)?.head !== 'linear') {
      throw unsupported(`Layer "${node.name}" puts a ${node.head} where others read too.`);
    }
    this.#replace(node, this.find(input));
  }

  mergePadding(node: Node): void {
    const { operation } = node;
    if ((operation.kind !== 'conv' && operation.kind !== 'depthwise') || operation.padding !== 'valid') return;
    const before = this.#soleInput(node);
    if (before?.operation.kind !== 'pad') return;
    node.operation = { ...operation, padding: before.operation.padding };
    this.#bypass(before, node);
  }

  mergeScale(node: Node): void {
    const { operation } = node;
    if (operation.kind !== 'scale') return;
    const before = this.#soleInput(node);
    const merged = before && scaleOperation(before.operation, operation);
    if (before && merged && before.head === 'linear') {
      before.operation = merged;
      this.#replace(node, before);
    } else {
      node.operation = scaleAsDepthwise(operation);
    }
  }

  mergeActivation(node: Node): void {
    const { operation } = node;
    const before = this.#soleInput(node);
    if (operation.kind === 'identity' || !before || before.head !== 'linear') return;
    if (operation.kind !== 'activation' || !('activation' in before.operation)) return;
    if (before.operation.activation !== 'linear') return;
    before.operation = { ...before.operation, activation: operation.activation };
    this.#replace(node, before);
  }

  /** The node's only input, if the node is its only reader and the network does not give it out. */
  #soleInput(node: Node): Node | null {
    const [input] = node.inputs;
    if (node.inputs.length !== 1 || input === undefined) return null;
    return this.#readersOf(input).size === 1 && !this.outputs.includes(input) ? this.find(input) : null;
  }

  /** Everybody who read `node` now reads `other`, and `node` is gone. */
  #replace(node: Node, other: Node): void {
    this.#readersOf(other.name).delete(node);
    for (const reader of this.#readersOf(node.name)) {
      reader.inputs = reader.inputs.map((name) => (name === node.name ? other.name : name));
      this.#readersOf(other.name).add(reader);
    }
    for (const [i, name] of this.outputs.entries()) if (name === node.name) this.outputs[i] = other.name;
    if (node.head !== 'linear') other.head = node.head;
    this.#nodes.delete(node.name);
  }

  /** `node` reads what `before` read, and `before` is gone. */
  #bypass(before: Node, node: Node): void {
    for (const input of before.inputs) {
      this.#readersOf(input).delete(before);
      this.#readersOf(input).add(node);
    }
    node.inputs = before.inputs;
    this.#nodes.delete(before.name);
  }

  #readersOf(name: string): Set<Node> {
    const readers = this.#readers.get(name) ?? new Set<Node>();
    this.#readers.set(name, readers);
    return readers;
  }
}

/** `operation` with a factor and shift per output channel built in, or `null` if it has no weights to take them. */
function scaleOperation(operation: Node['operation'], scale: Scale): Operation | null {
  if (operation.kind === 'conv' || operation.kind === 'depthwise') {
    if (operation.activation !== 'linear') return null;
    return { ...operation, filter: scaleLast(operation, scale), bias: scaleBias(operation.bias, scale) };
  }
  if (operation.kind === 'dense' && operation.activation === 'linear') {
    const weights = scaleChannels(operation.weights, scale.factor);
    return { ...operation, weights, bias: scaleBias(operation.bias, scale) };
  }
  return null;
}

function scaleLast(operation: { readonly filter: Constant }, scale: Scale): Constant {
  return scaleChannels(operation.filter, scale.factor);
}

// A depthwise filter is [height, width, channels, 1]: its channels, too, are what varies fastest.
function scaleChannels(constant: Constant, factor: Float32Array): Constant {
  const values = new Float32Array(constant.values.length);
  for (let i = 0; i < values.length; i++) {
    values[i] = (constant.values[i] as number) * (factor[i % factor.length] as number);
  }
  return { shape: constant.shape, values };
}

function scaleBias(bias: Constant, { factor, shift }: Scale): Constant {
  if (bias.values.length !== factor.length) throw misfit('batch norm', bias.values.length, factor.length);
  return { shape: bias.shape, values: bias.values.map((b, i) => b * (factor[i] as number) + (shift[i] as number)) };
}

/** A scale with no convolution to hide in is a depthwise convolution of one pixel. */
function scaleAsDepthwise({ factor, shift }: Scale): Operation {
  return {
    kind: 'depthwise',
    filter: { shape: [1, 1, factor.length, 1], values: factor },
    bias: { shape: [shift.length], values: shift },
    strides: [1, 1],
    dilations: [1, 1],
    padding: 'valid',
    activation: 'linear',
  };
}

/** Numbers the values, infers their shapes and finds out when each may be freed. */
function schedule(graph: Graph, inputSize: number): Plan {
  const slots = new Map<string, { slot: number; shape: Shape }>();
  const lastUse = new Map<number, number>();
  const steps: Omit<Step, 'frees'>[] = [];
  for (const node of graph.nodes) {
    if (node.operation.kind === 'input') {
      slots.set(node.name, { slot: 0, shape: [inputSize, inputSize, 3] });
      continue;
    }
    if (node.operation.kind === 'identity' || node.operation.kind === 'scale')
      throw unsupported('A layer is left over.');
    const inputs = node.inputs.map((name) => {
      const value = slots.get(name);
      if (!value) throw unsupported(`Layer "${name}" comes after its reader.`);
      if (graph.find(name).head !== 'linear') throw unsupported(`Layer "${node.name}" reads a softmax or sigmoid.`);
      return value;
    });
    const shape = inferShape(
      node.name,
      node.operation,
      inputs.map((input) => input.shape),
    );
    const output = steps.length + 1;
    for (const { slot } of inputs) lastUse.set(slot, steps.length);
    slots.set(node.name, { slot: output, shape });
    steps.push({ layer: node.name, operation: node.operation, inputs: inputs.map(({ slot }) => slot), output, shape });
  }
  const outputs = graph.outputs.map((name) => readOutput(graph.find(name), slots.get(name)));
  const kept = new Set(outputs.map(({ slot }) => slot));
  return {
    inputShape: [inputSize, inputSize, 3],
    outputs,
    steps: steps.map((step, i) => ({
      ...step,
      frees: [...new Set(step.inputs)].filter((slot) => lastUse.get(slot) === i && !kept.has(slot)),
    })),
  };
}

function readOutput(node: Node, value: { slot: number; shape: Shape } | undefined): PlanOutput {
  if (!value || value.slot === 0) throw unsupported('An output of it is its input.');
  return { slot: value.slot, size: value.shape.reduce((a, b) => a * b, 1), activation: node.head };
}
