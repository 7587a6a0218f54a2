/** A weight as it is stored: its bytes and its entry in the manifest. */
export interface StoredWeight {
  readonly bytes: Uint8Array;
  readonly spec: {
    readonly name: string;
    readonly shape: readonly number[];
    readonly dtype: 'float32';
    readonly quantization?: {
      readonly dtype: 'uint8' | 'float16';
      readonly scale?: number;
      readonly min?: number;
      readonly original_dtype: 'float32';
    };
  };
}

type Values = Float32Array;

/** float32, as it is. */
export function storeFloat32(name: string, shape: readonly number[], values: Values): StoredWeight {
  const bytes = new Uint8Array(values.buffer.slice(values.byteOffset, values.byteOffset + values.byteLength));
  return { bytes, spec: { name, shape, dtype: 'float32' } };
}

/** float16, rounded to nearest even. */
export function storeFloat16(name: string, shape: readonly number[], values: Values): StoredWeight {
  const halves = Uint16Array.from(values, numberToFloat16);
  const quantization = { dtype: 'float16', original_dtype: 'float32' } as const;
  return { bytes: new Uint8Array(halves.buffer), spec: { name, shape, dtype: 'float32', quantization } };
}

// 127 would use all codes; a little fewer make the folder two per cent smaller on the wire (gzip), and no letter changes.
const CODES = 118;

/** uint8 codes 10 to 246 for −1 to 1, so that code 128 is exactly 0. `values` lie in −1 to 1. */
export function storeUint8(name: string, shape: readonly number[], values: Values): StoredWeight {
  const scale = 1 / CODES;
  const min = -128 * scale;
  const bytes = Uint8Array.from(values, (value) => Math.round(value / scale) + 128);
  const quantization = { dtype: 'uint8', scale, min, original_dtype: 'float32' } as const;
  return { bytes, spec: { name, shape, dtype: 'float32', quantization } };
}

/** The same value everywhere, a byte each. */
export function storeConstant(name: string, size: number, value: number): StoredWeight {
  const quantization = { dtype: 'uint8', scale: 1, min: value, original_dtype: 'float32' } as const;
  return { bytes: new Uint8Array(size), spec: { name, shape: [size], dtype: 'float32', quantization } };
}

/** The largest absolute value of each output channel (the last dimension); 1 for a channel of zeros. */
export function channelScales(values: Values, channels: number): Float32Array {
  const scales = new Float32Array(channels);
  for (let i = 0; i < values.length; i++) {
    const c = i % channels;
    scales[c] = Math.max(scales[c] as number, Math.abs(values[i] as number));
  }
  return scales.map((scale) => scale || 1);
}

/** A number to IEEE 754 binary16, rounded to nearest, ties to even. */
export function numberToFloat16(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const magnitude = Math.abs(value);
  if (Number.isNaN(magnitude)) return 0x7e00;
  if (magnitude >= 65_520) return sign | 0x7c00;
  const exponent = Math.max(-14, Math.floor(Math.log2(magnitude)));
  // In units of the last place; 1024 of them make the implied one of a normal number.
  const units = roundToEven(magnitude / 2 ** (exponent - 10));
  if (units < 1024) return sign | units;
  return sign + ((exponent + 14) << 10) + units;
}

function roundToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
