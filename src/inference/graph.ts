import { BeyondPlan, unsupported } from './faults';
import { type Affine, affineAsStep, foldAffine } from './fold';
import type { Operation } from './plan';

/** A layer on its way to becoming a step; the passes below merge nodes into the ones before them. */
export interface Node {
  readonly name: string;
  inputs: string[];
  operation: Operation | { readonly kind: 'input' } | { readonly kind: 'identity' } | Affine;
  /** What the network does with a final output beyond the plan's own activations. */
  head: 'linear' | 'softmax' | 'sigmoid';
}

// Values multiplied while folding: a hostile file may put thousands of batch norms behind one large convolution.
const MAX_FOLDED = 1 << 27;

/** The nodes by name, with who reads whom. */
export class Graph {
  readonly #readers = new Map<string, Set<Node>>();
  readonly #nodes: Map<string, Node>;
  readonly outputs: string[];
  #folded = 0;

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
      throw new BeyondPlan(`Layer "${node.name}" puts a ${node.head} where others read too.`);
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

  mergeAffine(node: Node): void {
    const { operation } = node;
    if (operation.kind !== 'affine') return;
    const before = this.#soleInput(node);
    const isCheap = this.#folded < MAX_FOLDED;
    const merged = before && isCheap ? foldAffine(before.operation, operation) : null;
    if (before && merged && before.head === 'linear') {
      this.#folded += merged.cost;
      before.operation = merged.operation;
      this.#replace(node, before);
    } else {
      node.operation = affineAsStep(operation);
    }
  }

  mergeActivation(node: Node): void {
    const { operation } = node;
    const before = this.#soleInput(node);
    if (operation.kind !== 'activation' || !before || before.head !== 'linear') return;
    if (before.operation.kind === 'activation' || !('activation' in before.operation)) return;
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
