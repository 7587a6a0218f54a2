import { unsupported } from './faults';
import type { Layer } from './topology';

/** Reads a number that some converters wrap, as in `{ "type": "ndarray", "value": 0 }`; `null` if it is absent. */
export function readScalar(value: unknown): number | null {
  const plain = typeof value === 'object' && value !== null ? (value as { value?: unknown }).value : value;
  return typeof plain === 'number' && Number.isFinite(plain) ? plain : null;
}

/** A pair that Keras also writes as one number. */
export function readPair(value: unknown, fallback: readonly [number, number]): readonly [number, number] {
  if (value === undefined || value === null) return fallback;
  const pair = Array.isArray(value) ? value : [value, value];
  const [first, second] = pair as unknown[];
  if (pair.length !== 2 || !isSmallCount(first) || !isSmallCount(second)) {
    throw unsupported(`A layer has the size ${JSON.stringify(value)}.`);
  }
  return [first, second];
}

export function readPadding(layer: Layer): 'same' | 'valid' {
  const padding = layer.config['padding'] ?? 'valid';
  if (padding === 'same' || padding === 'valid') return padding;
  throw unsupported(`Layer "${layer.name}" has the padding ${JSON.stringify(padding)}.`);
}

/** The zeros that a ZeroPadding2D layer adds: a number, a pair, or a pair of pairs in Keras. */
export function readZeroPadding(layer: Layer): readonly [number, number, number, number] {
  const padding = layer.config['padding'];
  const [rows, columns] = (Array.isArray(padding) ? padding : [padding, padding]) as unknown[];
  const [top, bottom] = Array.isArray(rows) ? rows : [rows, rows];
  const [left, right] = Array.isArray(columns) ? columns : [columns, columns];
  const all = [top, bottom, left, right];
  if (all.some((side) => !Number.isInteger(side) || side < 0 || side > 64)) {
    throw unsupported(`Layer "${layer.name}" has the padding ${JSON.stringify(padding)}.`);
  }
  return all as [number, number, number, number];
}

/** The cap of a ReLU layer as an activation; leaky and thresholded forms are unknown to the plan. */
export function readReluActivation(layer: Layer): 'relu' | 'relu6' {
  const { max_value, negative_slope, threshold } = layer.config as Readonly<Record<string, unknown>>;
  const cap = readScalar(max_value);
  if ((readScalar(negative_slope) ?? 0) !== 0 || (readScalar(threshold) ?? 0) !== 0 || (cap !== null && cap !== 6)) {
    throw unsupported(`Layer "${layer.name}" is a ReLU with a slope, a threshold or a cap other than 6.`);
  }
  return cap === 6 ? 'relu6' : 'relu';
}

/** The `activation` of a layer; absent means linear. */
export function readActivation(layer: Layer): string {
  const activation = layer.config['activation'] ?? 'linear';
  if (typeof activation === 'string') return activation;
  throw unsupported(`Layer "${layer.name}" has an activation that is not a name.`);
}

/** Refuses what would silently compute something else. */
export function refuseUnknownLayout(layer: Layer): void {
  const { data_format, groups, depth_multiplier } = layer.config as Readonly<Record<string, unknown>>;
  if (data_format === 'channels_first' || data_format === 'channelsFirst') {
    throw unsupported(`Layer "${layer.name}" keeps channels first.`);
  }
  if ((groups ?? 1) !== 1) throw unsupported(`Layer "${layer.name}" has groups.`);
  if ((depth_multiplier ?? 1) !== 1) throw unsupported(`Layer "${layer.name}" has a depth multiplier.`);
}

function isSmallCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= 1024;
}
