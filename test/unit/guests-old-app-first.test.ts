import { describe, expect, it } from 'vitest';
import { describeVisits } from '../support/guest-table';
import { requireOldTfjs } from '../support/old-tfjs';

describe("a guest beside an app's tfjs 3 in Node, which came first", () => {
  const load = () => {
    const core = requireOldTfjs();
    core.env().set('PROD', true);
    return core;
  };
  it('is beside that version', () => expect(load().version_core).toBe('3.21.0'), 240_000);

  describeVisits('tfjs 3.21, there first', load, ['wasm', 'cpu'], ['cpu', 'wasm']);
});
