import type { ModelFiles } from 'asl-fingerspell';
import type { WeightEntry } from './models';

/** How {@link pack} writes weights. */
export interface Packing {
  readonly encoding?: 'float32' | 'float16' | 'uint8' | 'uint16';
  /** Into how many files; values straddle them. */
  readonly shards?: number;
  /** What a converter makes of a name. */
  readonly rename?: (name: string) => string;
}

/** A model folder as files. */
export function pack(
  modelTopology: object,
  entries: readonly WeightEntry[],
  metadata: object,
  packing: Packing = {},
): ModelFiles {
  const { encoding = 'float32', shards = 1, rename = (name) => name } = packing;
  const coded = entries.map(({ name, shape, values }) => ({ name, shape, ...encode(values, encoding) }));
  const all = new Uint8Array(coded.reduce((sum, { bytes }) => sum + bytes.byteLength, 0));
  let offset = 0;
  for (const { bytes } of coded) {
    all.set(bytes, offset);
    offset += bytes.byteLength;
  }
  // An odd length, so that the cuts fall inside values.
  const length = shards === 1 ? all.length : Math.ceil(all.length / shards) | 1;
  const weights = Array.from({ length: shards }, (_, i) => all.slice(i * length, (i + 1) * length).buffer);
  const specs = coded.map(({ name, shape, quantization }) => ({
    name: rename(name),
    shape,
    dtype: 'float32',
    ...(quantization ? { quantization } : {}),
  }));
  const paths = weights.map((_, i) => `group1-shard${i + 1}of${shards}.bin`);
  const modelJson = { format: 'layers-model', modelTopology, weightsManifest: [{ paths, weights: specs }] };
  return { modelJson, metadata, weights };
}

function encode(
  values: Float32Array,
  encoding: NonNullable<Packing['encoding']>,
): { bytes: Uint8Array; quantization?: object } {
  if (encoding === 'float32') return { bytes: new Uint8Array(values.slice().buffer) };
  if (encoding === 'float16') {
    const halves = Uint16Array.from(values, toFloat16);
    return { bytes: new Uint8Array(halves.buffer), quantization: { dtype: 'float16', original_dtype: 'float32' } };
  }
  const steps = encoding === 'uint8' ? 255 : 65535;
  const [min, max] = [Math.min(...values), Math.max(...values)];
  const scale = (max - min) / steps || 1;
  const codes = Array.from(values, (value) => Math.round((value - min) / scale));
  const packed = encoding === 'uint8' ? Uint8Array.from(codes) : Uint16Array.from(codes);
  return {
    bytes: new Uint8Array(packed.buffer),
    quantization: { dtype: encoding, scale, min, original_dtype: 'float32' },
  };
}

/** The nearest half float of a number below 65504, cut rather than rounded. */
function toFloat16(value: number): number {
  const sign = value < 0 ? 0x8000 : 0;
  const size = Math.abs(value);
  if (size < 2 ** -14) return sign | Math.trunc(size * 2 ** 24);
  const exponent = Math.floor(Math.log2(size));
  return sign | ((exponent + 15) << 10) | Math.trunc((size / 2 ** exponent - 1) * 1024);
}
