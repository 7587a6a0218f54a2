import { FingerspellError, isFingerspellError } from 'asl-fingerspell';
import { describe, expect, it } from 'vitest';

describe('FingerspellError', () => {
  it('is told by what it is, also one of another copy of the library', () => {
    const error = new FingerspellError('camera-denied', 'No.');
    const other = Object.assign(new Error('No.'), { [Symbol.for('asl-fingerspell.error')]: true });
    for (const it of [error, other]) {
      expect(it instanceof FingerspellError).toBe(true);
      expect(isFingerspellError(it)).toBe(true);
    }
    expect(new Error('No.') instanceof FingerspellError).toBe(false);
  });

  it('has a cause only where there is one', () => {
    expect('cause' in new FingerspellError('camera-denied', 'No.')).toBe(false);
    expect(new FingerspellError('camera-denied', 'No.', { cause: 0 }).cause).toBe(0);
  });

  it('can be derived from: such a class means its own errors only', () => {
    class Derived extends FingerspellError {}
    expect(new Derived('camera-denied', 'No.') instanceof Derived).toBe(true);
    expect(new Derived('camera-denied', 'No.') instanceof FingerspellError).toBe(true);
    expect(new FingerspellError('camera-denied', 'No.') instanceof Derived).toBe(false);
  });
});
