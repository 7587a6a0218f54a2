import { BeyondPlan, unsupported } from './faults';
import type { Graph, Node } from './graph';
import type { Plan, PlanOutput, Shape, Step } from './plan';
import { countOperations, inferShape, sizeOf } from './shapes';

// VGG16 takes 15 thousand million multiplications a frame; what takes more keeps a page busy for many seconds.
export const MAX_OPERATIONS = 2 ** 35;
// 256 MB of float32 at one time.
const MAX_ALIVE = 1 << 26;

/** A value of the network: where it lives and what it looks like. */
interface Place {
  readonly slot: number;
  readonly shape: Shape;
}

/** Numbers the values, infers their shapes and finds out when each may be freed. */
export function schedule(graph: Graph, inputSize: number): Plan {
  const places = new Map<string, Place>();
  const lastUse = new Map<number, number>();
  const steps: Omit<Step, 'frees'>[] = [];
  const inputShape = [inputSize, inputSize, 3] as const;
  const shapes: Shape[] = [inputShape];
  let operations = 0;
  for (const node of graph.nodes) {
    const { operation } = node;
    if (operation.kind === 'input') {
      places.set(node.name, { slot: 0, shape: inputShape });
      continue;
    }
    if (operation.kind === 'identity' || operation.kind === 'affine') throw unsupported('A layer is left over.');
    const inputs = node.inputs.map((name) => findPlace(graph, places, node, name));
    const inputShapes = inputs.map((input) => input.shape);
    const shape = inferShape(node.name, operation, inputShapes);
    operations += countOperations(operation, inputShapes, shape);
    if (operations > MAX_OPERATIONS) throw unsupported('It takes too many operations a frame.');
    const output = steps.length + 1;
    for (const { slot } of inputs) lastUse.set(slot, steps.length);
    places.set(node.name, { slot: output, shape });
    shapes[output] = shape;
    steps.push({ layer: node.name, operation, inputs: inputs.map(({ slot }) => slot), output, shape });
  }
  const outputs = graph.outputs.map((name) => readOutput(graph.find(name), places.get(name)));
  const kept = new Set(outputs.map(({ slot }) => slot));
  const freed = steps.map((step, i) => ({
    ...step,
    frees: [...new Set(step.inputs)].filter((slot) => lastUse.get(slot) === i && !kept.has(slot)),
  }));
  checkMemory(freed, shapes);
  return { inputShape, outputs, steps: freed };
}

function findPlace(graph: Graph, places: ReadonlyMap<string, Place>, reader: Node, name: string): Place {
  const place = places.get(name);
  if (!place) throw unsupported(`Layer "${name}" comes after its reader.`);
  if (graph.find(name).head !== 'linear') throw new BeyondPlan(`Layer "${reader.name}" reads a softmax or sigmoid.`);
  return place;
}

function checkMemory(steps: readonly Step[], shapes: readonly Shape[]): void {
  const size = (slot: number): number => sizeOf(shapes[slot] as Shape);
  let alive = size(0);
  for (const { output, frees } of steps) {
    alive += size(output);
    if (alive > MAX_ALIVE) throw unsupported('Its maps need too much memory at one time.');
    for (const slot of frees) alive -= size(slot);
  }
}

function readOutput(node: Node, place: Place | undefined): PlanOutput {
  if (!place || place.slot === 0) throw unsupported('An output of it is its input.');
  return { slot: place.slot, size: sizeOf(place.shape), activation: node.head };
}
