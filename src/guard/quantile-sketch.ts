/** Quantiles of a stream, in little memory (Greenwald & Khanna 2001). */
import * as z from 'zod/mini';
import { OutlierExposureError } from '../errors.ts';

const entry = z.tuple([z.number(), z.int().check(z.gte(1)), z.int().check(z.gte(0))]);
/** Of a billion values a sketch keeps fewer. */
const MAX_ENTRIES = 100_000;

export const sketchSchema = z.strictObject({
  error: z.number().check(z.gt(0), z.lte(0.5)),
  count: z.int().check(z.gte(0)),
  entries: z.array(entry).check(z.maxLength(MAX_ENTRIES)),
});

/** JSON that {@link quantileSketch} goes on from. */
export type SketchState = z.infer<typeof sketchSchema>;

export interface QuantileSketch {
  /** Values so far. */
  readonly count: number;
  /** Infinite values count as the largest that there are. @throws OutlierExposureError `invalid-argument` for NaN */
  add(value: number): void;
  /**
   * A value whose rank among all so far is p · count, give or take error · count; NaN before the first.
   *
   * @param p from 0 to 1
   */
  quantile(p: number): number;
  /** Plain data, for JSON. */
  state(): SketchState;
}

/**
 * A summary of a stream of numbers. Each entry stands for some values of the stream, the largest of which it holds; neighbours
 * are merged while the ranks stay within the error. It keeps O(log(error · count) / error) of them.
 *
 * @param error of ranks, as a share of the count. Default 0.005: the 95 % quantile is one between 94.5 and 95.5 %.
 * @param state what another sketch's `state()` gave
 */
export function quantileSketch({
  error: wanted = 0.005,
  state,
}: {
  error?: number;
  state?: SketchState;
} = {}): QuantileSketch {
  const error = state?.error ?? wanted;
  let count = state?.count ?? 0;
  /** [value, ranks from the entry before, by how much the rank is uncertain], sorted. */
  const entries: [number, number, number][] = state?.entries.map((each) => [...each]) ?? [];
  if (state && (entries.reduce((sum, [, ranks]) => sum + ranks, 0) !== count || !ascending(entries)))
    throw new OutlierExposureError('invalid-file', 'The state of the quantiles is damaged: start anew.');
  const every = Math.max(1, Math.floor(1 / (2 * error)));

  const placeOf = (value: number) => {
    let [low, high] = [0, entries.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (entries[middle]![0] < value) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const compress = () => {
    const most = Math.floor(2 * error * count);
    // The least and the largest value stay.
    for (let i = entries.length - 2; i >= 1; i--) {
      const [[, ranks], [, next, uncertain]] = [entries[i]!, entries[i + 1]!];
      if (ranks + next + uncertain > most) continue;
      entries[i + 1]![1] += ranks;
      entries.splice(i, 1);
    }
  };
  return {
    get count() {
      return count;
    },
    add(given) {
      if (Number.isNaN(given))
        throw new OutlierExposureError('invalid-argument', 'NaN has no rank: leave it out of the quantiles.');
      const value = Math.min(Number.MAX_VALUE, Math.max(-Number.MAX_VALUE, given));
      const at = placeOf(value);
      const inside = at > 0 && at < entries.length;
      entries.splice(at, 0, [value, 1, inside ? Math.max(0, Math.floor(2 * error * count) - 1) : 0]);
      count++;
      if (count % every === 0) compress();
    },
    quantile(p) {
      const rank = Math.max(1, Math.ceil(p * count));
      const allowed = error * count;
      let least = 0;
      let best = entries[0]?.[0] ?? Number.NaN;
      for (const [value, ranks, uncertain] of entries) {
        least += ranks;
        if (least + uncertain > rank + allowed) break;
        best = value;
      }
      return best;
    },
    state: () => ({ error, count, entries: entries.map((each) => [...each] as [number, number, number]) }),
  };
}

function ascending(entries: readonly (readonly number[])[]): boolean {
  return entries.every(([value], i) => i === 0 || entries[i - 1]![0]! <= value!);
}
