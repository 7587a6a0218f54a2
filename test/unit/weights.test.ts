import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countWeightBytes, decodeWeights, float16ToNumber, readShardPaths } from '../../src/inference/weights';
import { codeOf } from '../support/errors';

const manifest = (weights: object[], paths: string[] = ['a.bin']): object => ({
  weightsManifest: [{ paths, weights }],
});

/** Cuts a buffer at the given places. */
function cut(buffer: ArrayBuffer, places: readonly number[]): ArrayBuffer[] {
  const edges = [0, ...[...places].map((p) => p % (buffer.byteLength + 1)).sort((a, b) => a - b), buffer.byteLength];
  return edges.slice(1).map((end, i) => buffer.slice(edges[i], end));
}

describe('decodeWeights', () => {
  it('reads float32 and int32 as they are', () => {
    const bytes = new Uint8Array(12);
    new Float32Array(bytes.buffer, 0, 2).set([1.5, -2.25]);
    new Int32Array(bytes.buffer, 8, 1).set([-7]);
    const specs = [
      { name: 'a', shape: [2], dtype: 'float32' },
      { name: 'b', shape: [], dtype: 'int32' },
    ];
    const weights = decodeWeights(manifest(specs), [bytes.buffer]);
    expect([...(weights.get('a')?.values ?? [])]).toEqual([1.5, -2.25]);
    expect([...(weights.get('b')?.values ?? [])]).toEqual([-7]);
  });

  it('reads uint8 and uint16 as q · scale + min', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('uint8' as const, 'uint16' as const),
        fc.array(fc.nat(65535), { minLength: 1, maxLength: 40 }),
        fc.double({ min: 1e-6, max: 10, noNaN: true }),
        fc.double({ min: -10, max: 10, noNaN: true }),
        (dtype, codes, scale, min) => {
          const values = dtype === 'uint8' ? Uint8Array.from(codes) : Uint16Array.from(codes);
          const spec = { name: 'w', shape: [codes.length], dtype: 'float32', quantization: { dtype, scale, min } };
          const weight = decodeWeights(manifest([spec]), [values.slice().buffer]).get('w');
          expect([...(weight?.values ?? [])]).toEqual([...values].map((q) => Math.fround(q * scale + min)));
        },
      ),
    );
  });

  it('reads every float16 as the number that it is', () => {
    expect(float16ToNumber(0x3c00)).toBe(1);
    expect(float16ToNumber(0xc000)).toBe(-2);
    expect(float16ToNumber(0x7bff)).toBe(65504);
    expect(float16ToNumber(0x0001)).toBe(2 ** -24);
    expect(float16ToNumber(0x03ff)).toBe(1023 * 2 ** -24);
    expect(float16ToNumber(0x0400)).toBe(2 ** -14);
    expect(float16ToNumber(0x7c00)).toBe(Number.POSITIVE_INFINITY);
    expect(float16ToNumber(0xfc00)).toBe(Number.NEGATIVE_INFINITY);
    expect(float16ToNumber(0x7e00)).toBeNaN();
    expect(Object.is(float16ToNumber(0x8000), -0)).toBe(true);
    // The order of finite numbers is the order of their bits.
    for (let bits = 1; bits < 0x7c00; bits++) expect(float16ToNumber(bits)).toBeGreaterThan(float16ToNumber(bits - 1));
    const spec = { name: 'w', shape: [2], dtype: 'float32', quantization: { dtype: 'float16' } };
    const weights = decodeWeights(manifest([spec]), [Uint16Array.of(0x3c00, 0xb800).buffer]);
    expect([...(weights.get('w')?.values ?? [])]).toEqual([1, -0.5]);
  });

  it('reads values that straddle shards, wherever the shards are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 6 }), (places) => {
        const values = Float32Array.from({ length: 9 }, (_, i) => i / 3);
        const bytes = new Uint8Array(36 + 3);
        bytes.set([9, 8, 7]);
        bytes.set(new Uint8Array(values.buffer), 3);
        const specs = [
          { name: 'q', shape: [3], dtype: 'float32', quantization: { dtype: 'uint8', scale: 1, min: 0 } },
          { name: 'w', shape: [3, 3], dtype: 'float32' },
        ];
        const weights = decodeWeights(manifest(specs), cut(bytes.buffer, places));
        expect([...(weights.get('q')?.values ?? [])]).toEqual([9, 8, 7]);
        expect(weights.get('w')?.values).toEqual(values);
        expect(weights.get('w')?.shape).toEqual([3, 3]);
      }),
    );
  });

  it('reads one group of files after another, as converters write a group for each layer', () => {
    const plain = { name: 'a', shape: [2], dtype: 'float32', quantization: null };
    const coded = { name: 'b', shape: [3], dtype: 'float32', quantization: { dtype: 'uint8', scale: 2, min: 1 } };
    const json = {
      weightsManifest: [
        { paths: ['a1.bin', 'a2.bin'], weights: [plain] },
        { paths: ['b.bin'], weights: [coded] },
      ],
    };
    expect(readShardPaths(json)).toEqual(['a1.bin', 'a2.bin', 'b.bin']);
    expect(countWeightBytes(json)).toBe(11);
    const files = [Float32Array.of(1.5).buffer, Float32Array.of(-2).buffer, Uint8Array.of(0, 1, 2).buffer];
    const weights = decodeWeights(json, files);
    expect([...weights.values()].map(({ values }) => [...values])).toEqual([
      [1.5, -2],
      [1, 3, 5],
    ]);
  });

  it('refuses files that are cut short or too long, in any place', () => {
    const specs = [{ name: 'w', shape: [4], dtype: 'float32' }];
    for (const length of [0, 1, 15, 17, 32]) {
      expect(codeOf(() => decodeWeights(manifest(specs), [new ArrayBuffer(length)]))).toBe('asset-invalid');
    }
    expect(codeOf(() => decodeWeights(manifest(specs), []))).toBe('asset-invalid');
  });

  it('refuses hostile shapes and unknown encodings without asking for their memory', () => {
    const code = (dtype: unknown, scale?: unknown, min?: unknown) => ({ dtype, scale, min });
    const hostile: object[] = [
      { name: 'w', shape: [1e9, 1e9], dtype: 'float32' },
      // Infinity times 0 is no number, and above no limit.
      { name: 'w', shape: [1e200, 1e200, 0], dtype: 'float32' },
      { name: 'w', shape: [-1], dtype: 'float32' },
      { name: 'w', shape: [0.5], dtype: 'float32' },
      { name: 'w', shape: 'all', dtype: 'float32' },
      { name: 'w', shape: [1], dtype: 'string' },
      { name: 'w', shape: [4], dtype: 'float32', quantization: code('uint4', 1, 0) },
      ...[code('uint8', Number.NaN, 0), code('uint8', 1), code('uint8', '1', 0), code('uint8', 1, '0')].map(
        (quantization) => ({ name: 'w', shape: [4], dtype: 'float32', quantization }),
      ),
      { shape: [1], dtype: 'float32' },
    ];
    for (const spec of hostile) {
      expect(
        codeOf(() => decodeWeights(manifest([spec]), [new ArrayBuffer(4)])),
        JSON.stringify(spec),
      ).toBe('asset-invalid');
      // How much of a file is fetched depends on it.
      expect(
        codeOf(() => countWeightBytes(manifest([spec]))),
        JSON.stringify(spec),
      ).toBe('asset-invalid');
    }
    const large = Array.from({ length: 3 }, (_, i) => ({ name: `w${i}`, shape: [3e7], dtype: 'float32' }));
    expect(countWeightBytes(manifest(large.slice(1)))).toBe(2.4e8);
    expect(codeOf(() => countWeightBytes(manifest(large)))).toBe('asset-invalid');
    const twice = { name: 'w', shape: [1], dtype: 'float32' };
    expect(codeOf(() => decodeWeights(manifest([twice, twice]), [new ArrayBuffer(8)]))).toBe('asset-invalid');
    for (const value of [Number.NaN, Number.NEGATIVE_INFINITY]) {
      expect(codeOf(() => decodeWeights(manifest([twice]), [Float32Array.of(value).buffer]))).toBe('asset-invalid');
    }
  });

  it('throws only coded errors, whatever the manifest', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(64), (weightsManifest, length) => {
        const json = { weightsManifest };
        expect(codeOf(() => decodeWeights(json, [new ArrayBuffer(length)]))).toMatch(/^(asset-invalid|none)$/);
        expect(codeOf(() => readShardPaths(json))).toMatch(/^(asset-invalid|none)$/);
      }),
      { numRuns: 300 },
    );
  });
});
