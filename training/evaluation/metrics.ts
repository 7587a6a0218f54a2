import type { Classification } from '../../src/types';

/** One picture that was read. */
export interface Reading {
  readonly letter: string;
  readonly signer: string;
  readonly result: Classification;
}

/** A share and how many it is a share of. */
export interface Share {
  readonly rate: number;
  readonly of: number;
}

/** Whether the true letter is among the `k` most probable ones. */
export function isInTop({ letter, result }: Reading, k: number): boolean {
  return result.predictions.slice(0, k).some((prediction) => prediction.letter === letter);
}

/** Top-1, top-3 and top-5 over all readings. */
export function accuracy(readings: readonly Reading[]): { top1: number; top3: number; top5: number; pictures: number } {
  const rate = (k: number): number => share(readings, (reading) => isInTop(reading, k)).rate;
  return { top1: rate(1), top3: rate(3), top5: rate(5), pictures: readings.length };
}

/** The same by signer or by letter. */
export function accuracyBy(
  readings: readonly Reading[],
  key: 'signer' | 'letter',
): Record<string, ReturnType<typeof accuracy>> {
  const groups = new Map<string, Reading[]>();
  for (const reading of readings) groups.set(reading[key], [...(groups.get(reading[key]) ?? []), reading]);
  return Object.fromEntries(
    [...groups].sort(([a], [b]) => a.localeCompare(b)).map(([name, group]) => [name, accuracy(group)]),
  );
}

/** The share of readings that `test` holds for; of none NaN, which JSON writes as null. */
export function share<T>(readings: readonly T[], test: (reading: T) => boolean): Share {
  const hits = readings.filter(test).length;
  return { rate: round(hits / readings.length), of: readings.length };
}

/** How many frames get an answer at the recogniser's threshold, and how many of the answers are right. */
export function answers(readings: readonly Reading[]): { answered: number; right: number } {
  const answered = readings.filter(({ result }) => result.letter !== null);
  return {
    answered: share(readings, ({ result }) => result.letter !== null).rate,
    right: share(answered, ({ letter, result }) => result.letter === letter).rate,
  };
}

/**
 * Reliability by confidence, and the expected calibration error: the mean distance between confidence and accuracy over
 * equal-width bins, weighted by their readings (Guo et al. 2017, arXiv 1706.04599).
 */
export function calibration(
  readings: readonly Reading[],
  bins = 15,
): { error: number; bins: { confidence: number; accuracy: number; pictures: number }[] } {
  const filled: Reading[][] = Array.from({ length: bins }, () => []);
  for (const reading of readings)
    filled[Math.min(bins - 1, Math.floor(reading.result.confidence * bins))]?.push(reading);
  const rows = filled
    .filter((bin) => bin.length > 0)
    .map((bin) => ({
      confidence: round(bin.reduce((sum, { result }) => sum + result.confidence, 0) / bin.length),
      accuracy: share(bin, (reading) => isInTop(reading, 1)).rate,
      pictures: bin.length,
    }));
  const error = rows.reduce((sum, row) => sum + Math.abs(row.confidence - row.accuracy) * row.pictures, 0);
  return { error: round(error / Math.max(1, readings.length)), bins: rows };
}

/** `rates[i][j]`: share of the pictures of letter i whose top letter is j; 0 where there are none. */
export function confusionRates(readings: readonly Reading[], labels: readonly string[]): number[][] {
  return labels.map((truth) => {
    const own = readings.filter(({ letter }) => letter === truth);
    return labels.map((read) => share(own, ({ result }) => result.predictions[0]?.letter === read).rate || 0);
  });
}

/** Four decimals: more than the number of pictures carries. */
export function round(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}
