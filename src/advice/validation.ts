/** What advice is judged by: examples that are held out, and outliers made from them. */
import { type EncodedText, type ExampleSet, isEncodedText, SPECIAL_WORDS } from '../data/index.ts';
import { OutlierExposureError } from '../errors.ts';
import { madeOutliers } from '../evaluation/made-outliers.ts';
import type { Model } from '../onnx/index.ts';
import { Random } from '../random.ts';
import { selectExamples } from './select.ts';

/** The share of the inliers that is held out where no set is given. */
const HELD_OUT_SHARE = 0.2;

/** Held-out examples that are measured at most. */
const MOST_HELD_OUT = 2000;

/**
 * Parts the inliers by the seed, or takes what was held out already; of much of it, a part.
 *
 * @throws OutlierExposureError `invalid-argument` without labels, or when nothing would be left on a side
 */
export function heldOutParts(
  inliers: ExampleSet,
  heldOut: ExampleSet | undefined,
  seed: number,
): { inliers: ExampleSet; heldOut: ExampleSet } {
  for (const set of [inliers, heldOut]) {
    if (!set || (set.labels && set.length > 0)) continue;
    throw new OutlierExposureError(
      'invalid-argument',
      set.length === 0
        ? `The in-distribution set "${set.name}" is empty.`
        : `The in-distribution set "${set.name}" has no labels, which tuning and the error need: give them.`,
    );
  }
  if (heldOut) return { inliers, heldOut: atMost(heldOut, seed) };
  const count = Math.min(MOST_HELD_OUT, Math.round(inliers.length * HELD_OUT_SHARE));
  if (count === 0 || count === inliers.length) {
    throw new OutlierExposureError(
      'invalid-argument',
      `"${inliers.name}" has ${inliers.length} examples, of which none can be held out: give more, or a set that is held out.`,
    );
  }
  const order = Random.from(seed, 'advice, held out').permutation(inliers.length);
  return {
    heldOut: selectExamples(inliers, order.slice(0, count).sort()),
    inliers: selectExamples(inliers, order.slice(count).sort()),
  };
}

function atMost(set: ExampleSet, seed: number): ExampleSet {
  if (set.length <= MOST_HELD_OUT) return set;
  const order = Random.from(seed, 'advice, held out').permutation(set.length);
  return selectExamples(set, order.slice(0, MOST_HELD_OUT).sort());
}

/** Validation outliers made from held-out examples. */
export function madeValidation(
  heldOut: ExampleSet,
  { model, seed }: { model: Model; seed: number },
): ExampleSet[] {
  return isEncodedText(heldOut) ? madeOfTexts(heldOut, seed) : madeOutliers(heldOut, { model, seed });
}

/** Texts with their words in random order, and texts as long of words drawn from the vocabulary, all as likely. */
function madeOfTexts(set: EncodedText, seed: number): EncodedText[] {
  const first = SPECIAL_WORDS.length;
  const make = (name: string, change: (ids: Int32Array, random: Random) => void): EncodedText => {
    const ids = set.ids.slice();
    for (let i = 0; i < set.length; i++)
      change(ids.subarray(set.offsets[i]!, set.offsets[i + 1]!), Random.from(seed, 'advice', name, i));
    const { labels: _, classNames: __, ...rest } = set;
    return { ...rest, name, ids, fingerprint: `${name} (seed ${seed}) of ${set.fingerprint}` };
  };
  return [
    make('shuffled', (ids, random) => {
      const before = ids.slice();
      for (const [i, from] of random.permutation(ids.length).entries()) ids[i] = before[from]!;
    }),
    make('random-words', (ids, random) => {
      for (let i = 0; i < ids.length; i++) ids[i] = first + random.integer(set.vocabularySize - first);
    }),
  ];
}
