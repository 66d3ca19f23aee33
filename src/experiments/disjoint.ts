/** Whether what a model is exposed to is, to the last value, what it is tested on. */
import { contentOverlap, OVERLAP_LIMIT } from '../data/duplicates/index.ts';
import { OutlierExposureError } from '../errors.ts';
import type { LoadedData } from './loaded-data.ts';

/** Sets that are drawn at random share nothing with files. */
const DRAWN = ['gaussian', 'rademacher', 'bernoulli', 'blobs'];

/**
 * Notes how many examples of D_out^OE are, by content, in sets of D_out^test.
 *
 * @param overlap what to do when there are some: `tell` adds notes to the data, `refuse` throws
 * @throws OutlierExposureError `invalid-argument` for shared examples, if they are to be refused
 */
export async function checkDisjoint(
  { outliers }: Pick<LoadedData, 'outliers'>,
  { overlap, signal }: { overlap: 'tell' | 'refuse'; signal?: AbortSignal | undefined },
): Promise<void> {
  const { train, notes } = outliers;
  const tests = outliers.testSets.filter(
    ({ name, length }) => !DRAWN.includes(name) && length <= OVERLAP_LIMIT,
  );
  if (!train || tests.length === 0) return;
  if (train.length > OVERLAP_LIMIT && overlap === 'tell') return;
  const counts = await contentOverlap(train, tests, signal ? { signal } : {});
  for (const [i, count] of counts.entries()) {
    if (count === 0) continue;
    const sentence = `${count} of the ${train.length} examples that the model is exposed to (${train.name}) are examples of the test set ${tests[i]!.name}`;
    if (overlap === 'refuse') {
      throw new OutlierExposureError(
        'invalid-argument',
        `${sentence}: leave them out with \`oe data dedup\`, or run without --strict.`,
      );
    }
    notes.push(`${sentence}, so that its numbers are too good; \`oe data dedup\` leaves them out.`);
  }
}
