import { vi } from 'vitest';

/** Waits until what is expected holds, with the patience that a busy machine needs. */
export const until = (check: () => unknown): Promise<unknown> => vi.waitFor(check, { timeout: 20_000 });
