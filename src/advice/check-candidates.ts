/** Whether candidates can be compared at all. */
import { contentOverlap } from '../data/duplicates/index.ts';
import { type ExampleSet, isEncodedText, isMade } from '../data/index.ts';
import { OutlierExposureError } from '../errors.ts';

/** Larger sets are not compared with others by content: that would take longer than all the rest. */
const MOST = 200_000;

/** @throws OutlierExposureError `invalid-argument` for no or empty sets, names that occur twice, and other kinds or shapes */
export function checkCandidates(
  inliers: ExampleSet,
  candidates: readonly ExampleSet[],
  validation: readonly ExampleSet[],
): void {
  if (candidates.length === 0) fail('There are no candidates to compare: give at least one set of outliers.');
  for (const [role, sets] of [
    ['candidate', candidates],
    ['validation set', validation],
  ] as const) {
    for (const [i, set] of sets.entries()) {
      if (set.length === 0)
        fail(`The ${role} "${set.name}" is empty: leave it out, or give one with examples.`);
      if (sets.findIndex(({ name }) => name === set.name) < i)
        fail(`Two sets are called "${set.name}": give each ${role} a name of its own, NAME=PATH.`);
      checkKind(inliers, set, role);
    }
  }
}

function checkKind(inliers: ExampleSet, set: ExampleSet, role: string): void {
  const kindOf = (each: ExampleSet) => (isEncodedText(each) ? 'texts' : 'images');
  if (kindOf(set) !== kindOf(inliers)) {
    fail(
      `The ${role} "${set.name}" holds ${kindOf(set)}, but the in-distribution set "${inliers.name}" ${kindOf(inliers)}: give sets of one kind.`,
    );
  }
  if (isEncodedText(set) || isEncodedText(inliers)) return;
  if (set.shape.every((side, i) => side === inliers.shape[i])) return;
  fail(
    `The images of the ${role} "${set.name}" are [${set.shape.join(', ')}], but those of "${inliers.name}" [${inliers.shape.join(', ')}] (channels, height, width): bring them to one shape.`,
  );
}

/**
 * Refuses candidates that share examples with what they are to be judged by, and notes those that share some with the
 * held-out in-distribution examples.
 *
 * @param validation sets that were given; made ones share nothing
 * @returns notes, a sentence each
 * @throws OutlierExposureError `invalid-argument` for a candidate that is, or holds examples of, a validation set
 */
export async function checkApart(
  candidates: readonly ExampleSet[],
  { heldOut, validation }: { heldOut: ExampleSet; validation: readonly ExampleSet[] },
  { signal }: { signal?: AbortSignal | undefined },
): Promise<string[]> {
  const notes: string[] = [];
  // Made ones share nothing with examples that they were not made of.
  for (const candidate of candidates.filter(({ name }) => !isMade(name))) {
    const same = validation.find(({ fingerprint }) => fingerprint === candidate.fingerprint);
    if (same) {
      fail(
        `The candidate "${candidate.name}" is the validation set "${same.name}": it would be judged by itself. Judge by others.`,
      );
    }
    const others = [heldOut, ...validation];
    const small = others.filter(({ length }) => length <= MOST);
    if (candidate.length > MOST || small.length < others.length) {
      notes.push(
        `Whether "${candidate.name}" shares examples with other sets was not looked at, since ${candidate.length > MOST ? 'it' : 'one of them'} has more than ${MOST.toLocaleString('en')}: \`oe data dedup\` does.`,
      );
    }
    if (candidate.length > MOST) continue;
    const counts = await contentOverlap(candidate, small, signal ? { signal } : {});
    for (const [i, count] of counts.entries()) {
      if (count === 0) continue;
      const what = `${count} of the ${candidate.length} examples of the candidate "${candidate.name}" are examples of`;
      if (small[i] !== heldOut) {
        fail(
          `${what} the validation set "${small[i]!.name}", so that it would be judged by itself: leave them out with \`oe data dedup\`, or judge by others.`,
        );
      }
      notes.push(
        `${what} the in-distribution set: Outlier Exposure would unlearn them. Leave them out with \`oe data dedup\`.`,
      );
    }
  }
  return notes;
}

function fail(sentence: string): never {
  throw new OutlierExposureError('invalid-argument', sentence);
}
