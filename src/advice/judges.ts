/** Who judges whom: validation outliers and the other candidates, but nobody what looks like it. */
import { type ExampleSet, isEncodedText, resemblesOf } from '../data/index.ts';
import { type Matrix, matrix } from '../detectors/index.ts';
import { OutlierExposureError } from '../errors.ts';
import { twoSampleAuroc } from './two-sample.ts';

/** Sets that a regression on the logits tells apart no better than this look alike to the classifier. */
const ALIKE = 0.8;

/** Examples of each that are compared, at most, and at least. */
const MOST = 300;
const LEAST = 4;

/** What a model tuned on a candidate is measured on. */
export interface Judge {
  /** The set, with a name that no other judge has. */
  set: ExampleSet;
  /** The candidate that it is, if it is one. */
  candidate?: string;
}

/** The validation outliers and, unless these were given, the candidates: each is a stranger to models tuned on others. */
export function judgesOf(
  validation: readonly ExampleSet[],
  candidates: readonly ExampleSet[],
  who: 'given' | 'all',
): Judge[] {
  const taken = new Set(validation.map(({ name }) => name));
  return [
    ...validation.map((set) => ({ set })),
    ...(who === 'given' ? [] : candidates).map((set) => ({
      set: taken.has(set.name) ? { ...set, name: `${set.name} (candidate)` } : set,
      candidate: set.name,
    })),
  ];
}

/**
 * The names of the judges that count for each candidate. Given validation sets count for all. Of others, a candidate is not
 * judged by itself, by what it is known to resemble, nor by what the classifier takes it for: a regression on the logits of
 * the model as it is tells the two apart with an AUROC below 0.8.
 *
 * @param logits of the model as it is, by judge
 * @returns by candidate; each has at least one
 * @throws OutlierExposureError `invalid-argument` when all that could judge a candidate is known to resemble it
 */
export function whoJudges(
  candidates: readonly ExampleSet[],
  judges: readonly Judge[],
  logits: Readonly<Record<string, Matrix>>,
  { who, seed }: { who: 'given' | 'all'; seed: number },
): Map<string, string[]> {
  const all = judges.map(({ set }) => set.name);
  if (who === 'given') return new Map(candidates.map(({ name }) => [name, all]));
  const alike = likeness(logits, seed);
  return new Map(
    candidates.map((candidate) => {
      const own = judges.find((judge) => judge.candidate === candidate.name)!.set.name;
      const known = new Set(resemblesOf(candidate.name, isEncodedText(candidate) ? 'texts' : 'images'));
      const apart = judges.flatMap(({ set: { name }, candidate: theirs }) => {
        if (theirs === candidate.name || (theirs === undefined && known.has(name))) return [];
        return [name];
      });
      if (apart.length === 0) {
        throw new OutlierExposureError(
          'invalid-argument',
          `All validation outliers that can be made (${all.join(', ')}) resemble ${candidate.name}: give others to judge by (--validation NAME=PATH), or more candidates.`,
        );
      }
      const unlike = apart.filter((name) => alike(own, name) >= ALIKE);
      // To a classifier that tells nothing apart all looks alike.
      return [candidate.name, unlike.length > 0 ? unlike : apart];
    }),
  );
}

function likeness(logits: Readonly<Record<string, Matrix>>, seed: number): (a: string, b: string) => number {
  const found = new Map<string, number>();
  return (a, b) => {
    const key = JSON.stringify([a, b].sort());
    let value = found.get(key);
    if (value === undefined) {
      const [one, other] = [logits[a]!, logits[b]!];
      const enough = Math.min(one.shape[0], other.shape[0]) >= LEAST;
      value = enough ? twoSampleAuroc(spread(one), spread(other), seed) : 1;
      found.set(key, value);
    }
    return value;
  };
}

/** At most so many rows, from all over a set that may be in order. */
function spread({ data, shape: [rows, width] }: Matrix): Matrix {
  const count = Math.min(rows, MOST);
  const chosen = new Float32Array(count * width);
  for (let i = 0; i < count; i++) {
    const from = Math.floor((i * rows) / count) * width;
    chosen.set(data.subarray(from, from + width), i * width);
  }
  return matrix(chosen, width);
}
