import { FingerspellError } from '../errors';
import type { Normalization } from '../frame/preprocess';
import { isRateTable, showJson } from '../guards';
import type { ConfusionMatrix } from '../types';

/** What `metadata.json` says about a model, checked against its topology. */
export interface Metadata {
  /** Letters in output order, without the no-hand class. */
  readonly labels: readonly string[];
  /** For each letter its place in the network's first output, ascending. */
  readonly outputs: readonly number[];
  readonly noHandIndex: number | null;
  /** Side of the input, px; `null` if the file does not say. */
  readonly imageSize: number | null;
  readonly normalization: Normalization;
  /** Which output of the network holds the joints, if any. */
  readonly handOutput: number | null;
  readonly confusion: ConfusionMatrix | null;
  /** SHA-256 of the weight file, as hexadecimal digits. */
  readonly weightsSha256: string | null;
}

type Json = Readonly<Record<string, unknown>>;

/**
 * Reads the tutorial's metadata (`alphabet2int`, `int2alphabet`, `image_size`, `RGB_mean`) with our optional keys, or
 * that of Teachable Machine's image export (`labels`, `imageSize`).
 *
 * Optional keys: `no_hand_index` (place of the class that means "no letter"), `input_range` (`[0, 1]` unless given:
 * what bytes 0 and 255 become before `RGB_mean` is subtracted), `hand_output` (number of the output with 63 joint
 * coordinates and a presence logit), `confusion` (rates, row by true letter), `weights_sha256`.
 */
export function readMetadata(json: object): Metadata {
  const metadata = json as Json;
  const noHandIndex = readIndex(metadata, 'no_hand_index');
  const { labels, outputs } = readLabels(metadata, noHandIndex);
  const sha = metadata['weights_sha256'];
  return {
    labels,
    outputs,
    noHandIndex,
    imageSize: readSize(metadata['image_size'] ?? metadata['imageSize']),
    normalization: readNormalization(metadata),
    handOutput: readIndex(metadata, 'hand_output'),
    confusion: readConfusion(metadata['confusion'], labels),
    weightsSha256: typeof sha === 'string' ? sha.toLowerCase() : null,
  };
}

function readLabels(metadata: Json, noHandIndex: number | null): Pick<Metadata, 'labels' | 'outputs'> {
  const indexed = readIndexedLabels(metadata);
  const byIndex = new Map(indexed);
  if (byIndex.size !== indexed.length) throw invalid('two of its labels have the same index');
  const outputs = [...byIndex.keys()].sort((a, b) => a - b).filter((index) => index !== noHandIndex);
  const labels = outputs.map((index) => byIndex.get(index) as string);
  if (labels.length === 0) throw invalid('it names no labels');
  if (new Set(labels).size !== labels.length) throw invalid('two of its labels are the same');
  return { labels, outputs };
}

function readIndexedLabels(metadata: Json): (readonly [index: number, label: string])[] {
  const { labels, int2alphabet, alphabet2int } = metadata;
  if (Array.isArray(labels)) return labels.map((label, index) => [index, asLabel(label)]);
  if (isRecord(int2alphabet)) {
    return Object.entries(int2alphabet).map(([index, label]) => [asIndex(index), asLabel(label)]);
  }
  if (isRecord(alphabet2int)) {
    return Object.entries(alphabet2int).map(([label, index]) => [asIndex(index), asLabel(label)]);
  }
  throw invalid('it has neither int2alphabet, alphabet2int nor labels');
}

function readNormalization(metadata: Json): Normalization {
  // Teachable Machine's networks are trained on −1 to 1 and its files do not say so.
  const isTeachableMachine = metadata['packageName'] === '@teachablemachine/image';
  const range = metadata['input_range'] ?? (isTeachableMachine ? [-1, 1] : [0, 1]);
  const mean = metadata['RGB_mean'] ?? [0, 0, 0];
  if (!isNumbers(range, 2)) throw invalid('its input_range is not a pair of numbers');
  if (!isNumbers(mean, 3)) throw invalid('its RGB_mean is not a list of three numbers');
  const [low, high] = range as unknown as readonly [number, number];
  const [r, g, b] = mean as unknown as readonly [number, number, number];
  return { factor: high - low, shift: [low - r, low - g, low - b] };
}

function readConfusion(value: unknown, labels: readonly string[]): ConfusionMatrix | null {
  if (value === undefined || value === null) return null;
  if (!isRateTable(value, labels.length)) {
    throw invalid(`its confusion is not a table of ${labels.length} × ${labels.length} rates, which are 0 to 1`);
  }
  return { labels, rates: value };
}

function readIndex(metadata: Json, key: string): number | null {
  const value = metadata[key];
  return value === undefined || value === null ? null : asIndex(value);
}

function readSize(value: unknown): number | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 8 && value <= 1024) return value;
  throw invalid(`its image_size is ${showJson(value)}`);
}

function asIndex(value: unknown): number {
  const index = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  if (typeof index === 'number' && Number.isInteger(index) && index >= 0) return index;
  throw invalid(`it has the index ${showJson(value)}`);
}

function asLabel(value: unknown): string {
  if (typeof value === 'string' && value.trim() !== '') return value;
  throw invalid('one of its labels is not a string, or empty');
}

function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null;
}

function isNumbers(value: unknown, length: number): value is readonly number[] {
  return Array.isArray(value) && value.length === length && value.every((n) => Number.isFinite(n));
}

/** The error for a `metadata.json` that is broken or does not fit its model. */
export function invalid(what: string): FingerspellError {
  return new FingerspellError(
    'asset-invalid',
    `The metadata.json cannot be used: ${what}. It needs int2alphabet (or alphabet2int), image_size and RGB_mean, as ` +
      'in the tutorial.',
  );
}
