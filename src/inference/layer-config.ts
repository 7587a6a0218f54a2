import { showJson } from '../guards';
import { BeyondPlan, unsupported } from './faults';
import type { Layer } from './topology';

/** Reads a number that some converters wrap, as in `{ "type": "ndarray", "value": 0 }`; `null` if it is absent. */
export function readScalar(value: unknown): number | null {
  const plain = unwrap(value);
  return typeof plain === 'number' && Number.isFinite(plain) ? plain : null;
}

/** The value itself of one that a converter wrapped. */
export function unwrap(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'value' in value ? value.value : value;
}

/** A number for all channels or one for each. */
export function readScalars(layer: Layer, key: string, fallback: number): readonly number[] {
  const value = unwrap(layer.config[key]) ?? fallback;
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.length === 0 || list.length > 4096 || !list.every((n) => Number.isFinite(n))) {
    throw unsupported(`Layer "${layer.name}" has a ${key} that is not a number.`);
  }
  return list as number[];
}

/** A whole number that must agree with the weights; `fallback` where the layer does not say. */
export function readCount(layer: Layer, key: string, fallback: number): number {
  return readScalar(layer.config[key]) ?? fallback;
}

/** The axis of a batch norm, which some Keras versions write as a list of one. */
export function readAxis(layer: Layer): number {
  const axis = layer.config['axis'] ?? -1;
  const plain: unknown = Array.isArray(axis) && axis.length === 1 ? axis[0] : axis;
  if (Number.isInteger(plain)) return plain as number;
  throw unsupported(`Layer "${layer.name}" has the axis ${showJson(axis)}.`);
}

/** The shape that a Reshape layer gives, without the batch. */
export function readTargetShape(layer: Layer): readonly number[] {
  const shape = layer.config['target_shape'];
  const isSide = (side: unknown): boolean => side === -1 || (Number.isInteger(side) && (side as number) > 0);
  if (!Array.isArray(shape) || !shape.every(isSide) || shape.filter((side) => side === -1).length > 1) {
    throw unsupported(`Layer "${layer.name}" has the shape ${showJson(shape)}.`);
  }
  return shape as number[];
}

/** A Softmax layer works along the last axis unless it says otherwise. */
export function readSoftmax(layer: Layer): 'softmax' {
  const axis = layer.config['axis'] ?? -1;
  if (axis === -1 || axis === 1 || (Array.isArray(axis) && axis.length === 1 && axis[0] === -1)) return 'softmax';
  throw new BeyondPlan(`Layer "${layer.name}" is a softmax along the axis ${showJson(axis)}.`);
}

/** A pair that Keras also writes as one number. */
export function readPair(value: unknown, fallback: readonly [number, number]): readonly [number, number] {
  if (value === undefined || value === null) return fallback;
  const pair = Array.isArray(value) ? value : [value, value];
  const [first, second] = pair as unknown[];
  if (pair.length !== 2 || !isSmallCount(first) || !isSmallCount(second)) {
    throw unsupported(`A layer has the size ${showJson(value)}.`);
  }
  return [first, second];
}

export function readPadding(layer: Layer): 'same' | 'valid' {
  const padding = layer.config['padding'] ?? 'valid';
  if (padding === 'same' || padding === 'valid') return padding;
  throw unsupported(`Layer "${layer.name}" has the padding ${showJson(padding)}.`);
}

/** The zeros that a ZeroPadding2D layer adds: a number, a pair, or a pair of pairs in Keras. */
export function readZeroPadding(layer: Layer): readonly [number, number, number, number] {
  const padding = layer.config['padding'];
  const [rows, columns] = (Array.isArray(padding) ? padding : [padding, padding]) as unknown[];
  const [top, bottom] = Array.isArray(rows) ? rows : [rows, rows];
  const [left, right] = Array.isArray(columns) ? columns : [columns, columns];
  const all = [top, bottom, left, right];
  if (all.some((side) => !Number.isInteger(side) || side < 0 || side > 64)) {
    throw unsupported(`Layer "${layer.name}" has the padding ${showJson(padding)}.`);
  }
  return all as [number, number, number, number];
}

/** The cap of a ReLU layer as an activation; leaky and thresholded forms are unknown to the plan. */
export function readReluActivation(layer: Layer): 'relu' | 'relu6' {
  refuseMisread(layer);
  const cap = readScalar(layer.config['max_value']);
  if (cap !== null && cap !== 6) throw new BeyondPlan(`Layer "${layer.name}" is a ReLU with the cap ${cap}.`);
  return cap === 6 ? 'relu6' : 'relu';
}

/** The `activation` of a layer; absent means linear. Keras 3 may write `{ config: 'relu' }`. */
export function readActivation(layer: Layer): string {
  const written = layer.config['activation'] ?? 'linear';
  const activation = typeof written === 'object' && 'config' in written ? written.config : written;
  if (typeof activation === 'string') return activation;
  throw unsupported(`Layer "${layer.name}" has an activation that is not a name.`);
}

/** Refuses what neither the plan nor tfjs-layers computes: the latter would compute something else without a word. */
export function refuseMisread({ name, className, config }: Layer): void {
  const says = (key: string, usual: number): boolean =>
    [config[key] ?? usual].flat().some((value) => (readScalar(value) ?? usual) !== usual);
  if (says('groups', 1)) throw unsupported(`Layer "${name}" has groups.`);
  if (className === 'ReLU' && (says('negative_slope', 0) || says('threshold', 0))) {
    throw unsupported(`Layer "${name}" is a ReLU with a slope or a threshold.`);
  }
}

/** Refuses what would silently compute something else. */
export function refuseUnknownLayout(layer: Layer): void {
  const { data_format, groups, depth_multiplier } = layer.config as Readonly<Record<string, unknown>>;
  if (data_format === 'channels_first' || data_format === 'channelsFirst') {
    throw new BeyondPlan(`Layer "${layer.name}" keeps channels first.`);
  }
  if ((groups ?? 1) !== 1) refuseMisread(layer);
  if ((depth_multiplier ?? 1) !== 1) throw new BeyondPlan(`Layer "${layer.name}" has a depth multiplier.`);
}

function isSmallCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= 1024;
}
