import { FingerspellError } from '../errors';
import { showJson } from '../guards';

/** A weight as the network uses it: decoded to float32. */
export interface Weight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

interface WeightSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly size: number;
  readonly encoding: Encoding;
}

type Encoding =
  | { readonly kind: 'float32' | 'float16' | 'int32' }
  | { readonly kind: 'uint8' | 'uint16'; readonly scale: number; readonly min: number };

const BYTES = { float32: 4, float16: 2, int32: 4, uint8: 1, uint16: 2 } as const;

// 256 MB of float32 in all: no classifier for a web page comes near it, and a hostile shape must not ask for it.
const MAX_VALUES = 1 << 26;
const MAX_SHARDS = 1_000;

/** The shard files that a `model.json` names, in order. */
export function readShardPaths(modelJson: object): string[] {
  const all = readManifest(modelJson).flatMap((group) => {
    const paths = group['paths'];
    if (!Array.isArray(paths) || paths.some((path) => typeof path !== 'string')) throw invalid('a group has no paths');
    return paths as string[];
  });
  if (all.length > MAX_SHARDS) throw invalid(`model.json names ${all.length} weight files, more than ${MAX_SHARDS}`);
  return all;
}

/** How many bytes the shard files of a `model.json` hold together. */
export function countWeightBytes(modelJson: object): number {
  return sumBytes(readSpecs(modelJson));
}

/**
 * Decodes the weights of a TensorFlow.js Layers model: float32 as it is, float16, and the affine uint8 and uint16
 * quantisation of the TensorFlow.js converter (value = q · scale + min).
 *
 * @param shards - the files that {@link readShardPaths} names, in that order; a value may straddle two of them
 */
export function decodeWeights(modelJson: object, shards: readonly ArrayBuffer[]): Map<string, Weight> {
  const specs = readSpecs(modelJson);
  const needed = sumBytes(specs);
  const given = shards.reduce((sum, shard) => sum + shard.byteLength, 0);
  if (given !== needed) throw invalid(`the weight files hold ${given} bytes where model.json asks for ${needed}`);
  const bytes = concatenate(shards);
  const weights = new Map<string, Weight>();
  let offset = 0;
  for (const spec of specs) {
    const length = spec.size * BYTES[spec.encoding.kind];
    // A copy starts at offset 0, as multi-byte views need.
    const values = decode(bytes.slice(offset, offset + length).buffer, spec.encoding);
    if (!values.every(Number.isFinite)) throw invalid(`the weight "${spec.name}" holds values that are not finite`);
    if (weights.has(spec.name)) throw invalid(`the weight "${spec.name}" is listed twice`);
    weights.set(spec.name, { name: spec.name, shape: spec.shape, values });
    offset += length;
  }
  return weights;
}

function readManifest(modelJson: object): Readonly<Record<string, unknown>>[] {
  const manifest = (modelJson as Record<string, unknown>)['weightsManifest'];
  if (!Array.isArray(manifest) || manifest.some((group) => typeof group !== 'object' || group === null)) {
    throw invalid('it has no weightsManifest');
  }
  return manifest as Readonly<Record<string, unknown>>[];
}

function readSpecs(modelJson: object): WeightSpec[] {
  const specs = readManifest(modelJson).flatMap(readGroup);
  if (specs.reduce((sum, { size }) => sum + size, 0) > MAX_VALUES) {
    throw invalid(`they would have more than ${MAX_VALUES} values in all`);
  }
  return specs;
}

function sumBytes(specs: readonly WeightSpec[]): number {
  return specs.reduce((sum, spec) => sum + spec.size * BYTES[spec.encoding.kind], 0);
}

function readGroup(group: Readonly<Record<string, unknown>>): WeightSpec[] {
  const weights = group['weights'];
  if (!Array.isArray(weights)) throw invalid('a group of the weightsManifest lists no weights');
  return weights.map(readSpec);
}

function readSpec(entry: unknown): WeightSpec {
  const { name, shape, dtype, quantization } = (entry ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof name !== 'string' || !Array.isArray(shape)) throw invalid('a weight has no name or shape');
  let size = 1;
  for (const side of shape) {
    if (!Number.isInteger(side) || side < 0)
      throw invalid(`the shape of weight "${name}" is not a list of whole numbers`);
    size *= side as number;
    if (size > MAX_VALUES) throw invalid(`the weight "${name}" would have more than ${MAX_VALUES} values`);
  }
  return { name, shape: shape as number[], size, encoding: readEncoding(name, dtype, quantization) };
}

function readEncoding(name: string, dtype: unknown, quantization: unknown): Encoding {
  if (quantization === undefined || quantization === null) {
    if (dtype === 'float32' || dtype === 'int32') return { kind: dtype };
    throw invalid(`the weight "${name}" has the type ${showJson(dtype)}, which is not supported`);
  }
  const { dtype: kind, scale, min } = quantization as Readonly<Record<string, unknown>>;
  if (kind === 'float16') return { kind };
  if (kind !== 'uint8' && kind !== 'uint16') throw invalid(`the weight "${name}" is quantised to ${showJson(kind)}`);
  if (!Number.isFinite(scale) || !Number.isFinite(min)) {
    throw invalid(`the weight "${name}" is quantised without a finite scale and min`);
  }
  return { kind, scale: scale as number, min: min as number };
}

function decode(buffer: ArrayBuffer, encoding: Encoding): Float32Array {
  switch (encoding.kind) {
    case 'float32':
      return new Float32Array(buffer);
    case 'int32':
      return Float32Array.from(new Int32Array(buffer));
    case 'float16':
      return Float32Array.from(new Uint16Array(buffer), float16ToNumber);
    default: {
      const { kind, scale, min } = encoding;
      const codes = kind === 'uint8' ? new Uint8Array(buffer) : new Uint16Array(buffer);
      const values = new Float32Array(codes.length);
      for (let i = 0; i < codes.length; i++) values[i] = (codes[i] as number) * scale + min;
      return values;
    }
  }
}

/** IEEE 754 binary16 to a number: sign, 5 bits of exponent, 10 bits of fraction. */
export function float16ToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The files one after the other. Of a buffer that was given away nothing is left, and one that can be resized is not hashed. */
export function concatenate(shards: readonly ArrayBuffer[]): Uint8Array<ArrayBuffer> {
  const filled = shards.filter(({ byteLength }) => byteLength > 0);
  const [only] = filled;
  if (only && filled.length === 1 && !(only as { resizable?: boolean }).resizable) return new Uint8Array(only);
  const all = new Uint8Array(filled.reduce((sum, shard) => sum + shard.byteLength, 0));
  let offset = 0;
  for (const shard of filled) {
    all.set(new Uint8Array(shard), offset);
    offset += shard.byteLength;
  }
  return all;
}

function invalid(what: string): FingerspellError {
  return new FingerspellError(
    'asset-invalid',
    `The model's weights cannot be used: ${what}. Make sure that the files are complete and belong together.`,
  );
}
