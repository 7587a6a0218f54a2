import { PRODUCT_TILE } from '../../kernels/fields';
import type { FusedActivation, Operation, Plan, Shape, Step } from '../plan';
import { sizeOf } from '../shapes';

/** A step of a plan, and what is computed with it. */
export interface Work {
  readonly operation: Operation;
  readonly inputs: readonly number[];
  readonly output: number;
  readonly shape: Shape;
  /** A pointwise convolution whose result only this depthwise step reads, never kept as a whole. */
  readonly feed: Convolution | null;
  /** Slot that is added to the result, with an activation after it. */
  readonly addend: number | null;
}

export type Convolution = Extract<Operation, { kind: 'conv' | 'dense' }>;

/**
 * Joins steps: a pointwise convolution with the depthwise one after it, block by block of channels, so that the widest
 * maps stay in the processor's nearest memory; a sum with the convolution before it.
 */
export function fuse(plan: Plan): Work[] {
  const makers = new Map(plan.steps.map((step) => [step.output, step]));
  const readers = countReaders(plan);
  const gone = new Set<Step>();
  /** The step that made `slot`, if it can be done later, by its only reader. */
  const makerOf = (slot: number): Step | null => (readers.get(slot) === 1 ? (makers.get(slot) ?? null) : null);
  const works = new Map<Step, Work>();
  for (const step of plan.steps) {
    const { operation, inputs, output, shape } = step;
    const work: Work = { operation, inputs, output, shape, feed: null, addend: null };
    const [first = 0, second = 0] = inputs;
    works.set(step, work);
    if (operation.kind === 'depthwise') {
      const maker = makerOf(first);
      if (maker && isPointwise(maker.operation) && sizeOf(maker.shape.slice(0, 2)) >= PRODUCT_TILE) {
        works.set(step, { ...work, inputs: maker.inputs, feed: maker.operation });
        gone.add(maker);
      }
    } else if (operation.kind === 'add' && first !== second) {
      // The later one of the two: what it reads is still there, or is kept a little longer.
      for (const [slot, other] of [
        [Math.max(first, second), Math.min(first, second)] as const,
        [Math.min(first, second), Math.max(first, second)] as const,
      ]) {
        const maker = makerOf(slot);
        const made = maker && works.get(maker);
        if (!made || made.addend !== null || !isLinearConvolution(made.operation)) continue;
        works.set(step, { ...made, output, addend: other });
        gone.add(maker);
        break;
      }
    }
  }
  return plan.steps.filter((step) => !gone.has(step)).map((step) => works.get(step) as Work);
}

/** A convolution that sees one pixel at a time: the same as a Dense layer on each. */
export function isPointwise(operation: Operation): operation is Convolution {
  if (operation.kind === 'dense') return true;
  if (operation.kind !== 'conv') return false;
  const { filter, strides, padding } = operation;
  const isUnpadded = typeof padding === 'string' || padding.every((side) => side === 0);
  return filter.shape[0] === 1 && filter.shape[1] === 1 && strides[0] === 1 && strides[1] === 1 && isUnpadded;
}

function isLinearConvolution(operation: Operation): operation is Convolution & { activation: FusedActivation } {
  return (operation.kind === 'conv' || operation.kind === 'dense') && operation.activation === 'linear';
}

function countReaders({ steps, outputs }: Plan): Map<number, number> {
  const counts = new Map<number, number>();
  const count = (slot: number): void => void counts.set(slot, (counts.get(slot) ?? 0) + 1);
  for (const { inputs } of steps) for (const slot of new Set(inputs)) count(slot);
  for (const { slot } of outputs) count(slot);
  return counts;
}
