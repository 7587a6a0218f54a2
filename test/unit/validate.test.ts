import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RecognizerOptions } from '../../src/options';
import { settle, validateLoadOptions } from '../../src/validate';
import { faultOf } from '../support/errors';

const LABELS = [...'abcdefghij'];

describe('settle', () => {
  it('fills in the defaults', () => {
    expect(settle(undefined, null, LABELS)).toEqual({
      topK: 5,
      threshold: 0.7,
      region: 'center',
      mirror: false,
      keep: null,
    });
    expect(settle({}, null, ['yes', 'no']).topK).toBe(2);
  });

  it("lets a call's options win over the recogniser's, and undefined win over nothing", () => {
    const base = settle({ topK: 3, threshold: 0.5, mirror: true, region: 'full', letters: ['a'] }, null, LABELS);
    expect(settle({ topK: undefined, threshold: undefined, letters: undefined }, base, LABELS)).toEqual(base);
    expect(settle({ topK: 1, mirror: false }, base, LABELS)).toMatchObject({ topK: 1, mirror: false, threshold: 0.5 });
    expect(settle({ letters: ['c', 'b'] }, base, LABELS).keep).toEqual(LABELS.map((label) => 'bc'.includes(label)));
  });

  it('takes every allowed value', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10 }), fc.double({ min: 0, max: 1, noNaN: true }), (topK, threshold) => {
        expect(settle({ topK, threshold }, null, LABELS)).toMatchObject({ topK, threshold });
      }),
    );
  });

  it('refuses every value that is not allowed', async () => {
    const bad: Record<string, readonly unknown[]> = {
      topK: [0, 2.5, 1000, 11, -1, Number.NaN, '5', null],
      threshold: [-1, Number.NaN, 1.01, Number.POSITIVE_INFINITY, '0.7', null],
      mirror: ['false', 1, null],
      letters: [[], ['A'], ['a', 'ß'], 'abc', [1], null],
      region: ['left', { x: 0, y: 0, width: 0, height: 1 }, { x: 0.6, y: 0, width: 0.5, height: 1 }, null, []],
      signal: [{}, true, null],
    };
    for (const [name, values] of Object.entries(bad)) {
      for (const value of values) {
        const code = await faultOf(() => settle({ [name]: value }, null, LABELS));
        expect(code, `${name}: ${JSON.stringify(value)}`).toBe('invalid-option');
      }
    }
    expect(await faultOf(() => settle('x' as never, null, LABELS))).toBe('invalid-option');
  });
});

describe('validateLoadOptions', () => {
  it('takes addresses, also of another window', () => {
    const { pathname } = new URL('http://localhost/model.json');
    const foreign = { pathname, [Symbol.toStringTag]: 'URL' } as unknown as URL;
    for (const model of ['/model.json', new URL('http://localhost/model.json'), foreign]) {
      expect(validateLoadOptions({ model, assets: { baseUrl: model, worker: undefined } })).toBe(30_000);
    }
  });

  it('quotes no more than the beginning of a long value', () => {
    const backend = 'x'.repeat(1_000_000) as 'cpu';
    expect(() => validateLoadOptions({ backend })).toThrow(/^.{20,200}$/);
  });

  it('gives the timeout', () => {
    expect(validateLoadOptions({})).toBe(30_000);
    expect(validateLoadOptions({ timeoutMs: 5 })).toBe(5);
  });

  it('refuses every value that is not allowed', async () => {
    const bad: Record<string, readonly unknown[]> = {
      backend: ['webgpu', '', 1, null],
      timeoutMs: [0, -1, Number.NaN, 'soon'],
      signal: [{}, null],
      onProgress: ['x', {}],
      onBackendChange: [1],
      assets: ['/lib/', { baseUrl: 5 }, { weights: null }, { wasm: {} }, { worker: new Date() }],
      model: [
        1,
        {},
        null,
        { modelJson: {}, metadata: {}, weights: [new Uint8Array(4)] },
        { modelJson: {}, metadata: {} },
      ],
    };
    for (const [name, values] of Object.entries(bad)) {
      for (const value of values) {
        const code = await faultOf(() => validateLoadOptions({ [name]: value } as RecognizerOptions));
        expect(code, `${name}: ${JSON.stringify(value)}`).toBe('invalid-option');
      }
    }
  });
});
