/** Median and quartiles of some measurements, in ms. */
export interface Spread {
  readonly median: number;
  readonly p25: number;
  readonly p75: number;
  readonly runs: number;
}

/** Sorts out a list of measurements, in ms. */
export function spread(times: readonly number[]): Spread {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number): number => {
    const value = sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
    return Math.round(value * 100) / 100;
  };
  return { median: at(0.5), p25: at(0.25), p75: at(0.75), runs: sorted.length };
}

const REST_MS = 20;

/**
 * Measures several ways of doing the same by turns, so that a busy moment of the machine falls on all of them. Each begins
 * after a rest: one that leaves work to other threads, as drawing does, is not to burden the next.
 *
 * @returns times in ms by name, the first `warmups` rounds left out
 */
export async function interleave<Name extends string>(
  ways: Readonly<Record<Name, () => Promise<unknown>>>,
  rounds: number,
  warmups = 5,
): Promise<Record<Name, number[]>> {
  const names = Object.keys(ways) as Name[];
  const times = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  for (let round = -warmups; round < rounds; round++) {
    for (const name of names) {
      await new Promise((resolve) => setTimeout(resolve, REST_MS));
      const start = performance.now();
      await ways[name]();
      if (round >= 0) times[name].push(performance.now() - start);
    }
  }
  return times;
}
