/** Timers that are asked to wait as long or longer, 24 days, fire at once. */
const LONGEST_MS = 2 ** 31;

/** Calls back once `ms` have passed, or never where that is longer than timers wait. @returns what calls it off */
export function startTimer(callback: () => void, ms: number): () => void {
  const timer = ms < LONGEST_MS ? setTimeout(callback, ms) : undefined;
  return () => clearTimeout(timer);
}
