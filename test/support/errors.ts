import { expect } from 'vitest';
import { type FingerspellErrorCode, isFingerspellError } from '../../src/errors';

/** The code of the error that `work` throws or rejects with. Its message must be a sentence. */
export async function faultOf(work: () => unknown): Promise<FingerspellErrorCode | 'none'> {
  try {
    await work();
    return 'none';
  } catch (error) {
    if (!isFingerspellError(error)) throw error;
    expect(error.message).toMatch(/^\S.{15,}[.)]$/s);
    return error.code;
  }
}

/** The code of the error that `work` throws, for what never waits. */
export function codeOf(work: () => unknown): string {
  try {
    work();
    return 'none';
  } catch (error) {
    return isFingerspellError(error) ? error.code : `not coded: ${String(error)}`;
  }
}
