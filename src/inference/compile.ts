import { BeyondPlan, misfit, unsupported } from './faults';
import type { Affine } from './fold';
import { Graph, type Node } from './graph';
import { type LookUp, readNode } from './layers';
import type { Plan, Shape } from './plan';
import { schedule } from './schedule';
import { inferShape } from './shapes';
import type { Topology } from './topology';
import type { Weight } from './weights';

/**
 * Compiles a Keras topology and its weights into a {@link Plan}: batch norms are folded into the convolution before
 * them, ReLU and ReLU6 fused, zero paddings merged into the convolution after them, dropouts removed.
 *
 * @throws FingerspellError `model-unsupported` for a layer that the plan has no words for, `asset-invalid` for weights
 * that do not fit their layer
 */
export function compile(topology: Topology, weights: ReadonlyMap<string, Weight>, inputSize: number): Plan {
  const lookUp = indexWeights(weights);
  const nodes = new Map(topology.layers.map((layer) => [layer.name, readNode(layer, lookUp)]));
  settleShapes(nodes, inputSize);
  const graph = new Graph(nodes, topology.outputNames);
  for (const node of [...nodes.values()]) {
    graph.removeIdentity(node);
    graph.mergePadding(node);
    graph.mergeAffine(node);
    graph.mergeActivation(node);
  }
  return schedule(graph, inputSize);
}

/**
 * Weights by `layer/variable`: converters put other prefixes in front, and Keras a `:0` behind. A short name that fits
 * several weights, as in models within models, fits none.
 */
export function indexWeights(weights: ReadonlyMap<string, Weight>): LookUp {
  const index = new Map<string, Weight | null>();
  for (const weight of weights.values()) {
    const parts = weight.name.replace(/:\d+$/, '').split('/');
    for (let length = Math.min(parts.length, 6); length >= 2; length--) {
      const name = parts.slice(-length).join('/');
      index.set(name, index.has(name) ? null : weight);
    }
  }
  for (const weight of weights.values()) index.set(weight.name.replace(/:\d+$/, ''), weight);
  return ({ name, ownName }, variable) =>
    index.get(`${name}/${variable}`) ?? index.get(`${ownName}/${variable}`) ?? null;
}

/** Infers what every layer gives before any are merged, so that each is checked against its own weights. */
function settleShapes(nodes: ReadonlyMap<string, Node>, inputSize: number): void {
  const shapes = new Map<string, Shape>();
  for (const node of nodes.values()) {
    const inputs = node.inputs.map((name) => shapes.get(name) as Shape);
    const [input] = inputs;
    const { operation } = node;
    if (operation.kind === 'input') {
      shapes.set(node.name, [inputSize, inputSize, 3]);
    } else if (operation.kind === 'identity' || operation.kind === 'affine') {
      if (!input || inputs.length !== 1) throw new BeyondPlan(`Layer "${node.name}" has ${inputs.length} inputs.`);
      if (operation.kind === 'affine') node.operation = settleAffine(node.name, operation, input);
      shapes.set(node.name, input);
    } else {
      shapes.set(node.name, inferShape(node.name, operation, inputs));
    }
  }
}

function settleAffine(layer: string, affine: Affine, input: Shape): Affine {
  const channels = input.at(-1) as number;
  if (affine.axis !== -1 && affine.axis !== input.length) {
    // tfjs-layers would take the factors for those of the channels, and say nothing.
    throw unsupported(`Layer "${layer}" is a batch norm along the axis ${affine.axis}, which is not the last.`);
  }
  if (affine.factor.length === channels) return affine;
  if (affine.factor.length !== 1) throw misfit(`layer "${layer}"`, `${affine.factor.length} channels`, channels);
  const [factor, shift] = [affine.factor, affine.shift].map(([value]) => new Float32Array(channels).fill(value ?? 0));
  return { ...affine, factor: factor as Float32Array, shift: shift as Float32Array };
}
