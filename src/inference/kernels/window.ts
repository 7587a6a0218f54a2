import { Field } from '../../kernels/fields';
import type { Operation, Padding } from '../plan';
import type { Layout } from './layout';

type Pair = readonly [down: number, across: number];

/** A window and how it moves over a map. */
export interface Window {
  readonly size: Pair;
  readonly strides: Pair;
  readonly dilations: Pair;
  readonly padding: Padding;
}

/** What a window touches: so much before the map's first pixel, so many rows and columns in all. */
export interface Reach {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

export function windowOf(operation: Operation): Window {
  switch (operation.kind) {
    case 'conv':
    case 'depthwise':
      return { ...operation, size: operation.filter.shape.slice(0, 2) as unknown as Pair };
    case 'max-pool':
    case 'avg-pool':
      return { ...operation, dilations: [1, 1] };
    default:
      return { size: [1, 1], strides: [1, 1], dilations: [1, 1], padding: 'valid' };
  }
}

/** As TensorFlow pads: with `'same'` half of what is missing comes before the map, or the smaller half. */
export function reachOf({ size, strides, dilations, padding }: Window, source: Layout, target: Layout): Reach {
  const spans = [target.height, target.width].map(
    (length, i) => (length - 1) * (strides[i] as number) + ((size[i] as number) - 1) * (dilations[i] as number) + 1,
  ) as unknown as Pair;
  const before = (span: number, length: number): number => (padding === 'same' ? Math.max(0, span - length) >> 1 : 0);
  const isExplicit = typeof padding !== 'string';
  const top = isExplicit ? padding[0] : before(spans[0], source.height);
  const left = isExplicit ? padding[2] : before(spans[1], source.width);
  return {
    top,
    left,
    height: Math.max(spans[0], top + source.height),
    width: Math.max(spans[1], left + source.width),
  };
}

/** The words that tell a kernel of a window. */
export function windowFields(window: Window, source: Layout, target: Layout): Partial<Record<Field, number>> {
  const { size, strides, dilations } = window;
  const { top, left } = reachOf(window, source, target);
  return {
    [Field.WindowHeight]: size[0],
    [Field.WindowWidth]: size[1],
    [Field.StrideY]: strides[0],
    [Field.StrideX]: strides[1],
    [Field.StepY]: dilations[0],
    [Field.StepX]: dilations[1],
    [Field.Top]: top,
    [Field.Left]: left,
  };
}
