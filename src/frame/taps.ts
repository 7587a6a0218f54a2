/** So many taps are multiplied at a time; those beyond a pixel's own have no weight. */
export const LANES = 4;

/** What weights are fractions of: fixed-point numbers are two to three times as fast as others in JavaScript. */
export const ONE = 1 << 14;

/**
 * For each result pixel along one axis the source pixels that it is made of: `count[i]` of them from `first[i]` on,
 * with the weights from `weights[i * most]` on, zeros behind them up to a multiple of four. They sum to
 * `share[i]` of ONE, and that is less than 1 where it lies outside (black). All that are read are the `span` from `low` on.
 */
export interface Taps {
  readonly first: Int32Array;
  readonly count: Int32Array;
  readonly weights: Int32Array;
  readonly share: Float64Array;
  readonly most: number;
  readonly low: number;
  readonly span: number;
}

/** What each result pixel along one axis is made of, when `length` px from `from` on become `size`. */
export function weigh(
  from: number,
  length: number,
  visibleFrom: number,
  visibleLength: number,
  limit: number,
  size: number,
): Taps {
  const scale = length / size;
  // Half the width of the area under a result pixel; at least a pixel when the picture is enlarged (a linear filter).
  const radius = Math.max(scale, 1) / 2;
  const nearest = Math.max(0, visibleFrom);
  const farthest = Math.min(limit, visibleFrom + visibleLength);
  const most = Math.ceil((Math.ceil(2 * radius) + 2) / LANES) * LANES;
  const first = new Int32Array(size);
  const count = new Int32Array(size);
  const weights = new Int32Array(size * most);
  const exact = new Float64Array(most);
  const share = new Float64Array(size);
  let [low, high] = [limit, 0];
  for (let i = 0; i < size; i++) {
    const middle = from + (i + 0.5) * scale;
    const begin = Math.max(0, Math.floor(middle - radius));
    const end = Math.min(limit, Math.ceil(middle + radius));
    const part = coverage(middle - scale / 2, middle + scale / 2, nearest, farthest);
    let sum = 0;
    for (let p = begin; p < end; p++) {
      const w = Math.max(0, Math.min(p + 1, middle + radius, farthest) - Math.max(p, middle - radius, nearest));
      exact[p - begin] = w;
      sum += w;
    }
    if (sum === 0 || part === 0) continue;
    first[i] = begin;
    count[i] = end - begin;
    low = Math.min(low, begin);
    high = Math.max(high, end);
    // What rounding takes from one pixel goes to the next: plain colours stay as they are.
    let [before, given] = [0, 0];
    for (let k = 0; k < end - begin; k++) {
      before += (exact[k] as number) / sum;
      const upTo = Math.round(before * part * ONE);
      weights[i * most + k] = upTo - given;
      given = upTo;
    }
    share[i] = given / ONE;
  }
  return { first, count, weights, share, most, low, span: Math.max(0, high - low) };
}

/** The share of [from, to] that lies within [low, high]. */
function coverage(from: number, to: number, low: number, high: number): number {
  return Math.max(0, Math.min(to, high) - Math.max(from, low)) / (to - from);
}
