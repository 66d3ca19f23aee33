/** What tuning within a budget is judged by: images held out of training, and outliers made from them. */

import { type ImageSource, subset } from '../data/index.ts';
import { OutlierExposureError } from '../errors.ts';
import { Random } from '../random.ts';

export { madeOutliers } from '../evaluation/made-outliers.ts';

/**
 * Parts a labelled set in two, by the seed; both parts keep the set's order.
 *
 * @param share of the images that are held out, above 0 and below 1
 * @throws OutlierExposureError `invalid-argument` when a part would be empty
 */
export function holdOut(
  source: ImageSource,
  { share, seed }: { share: number; seed: number },
): { rest: ImageSource; heldOut: ImageSource } {
  const count = Math.round(source.length * share);
  if (!(count > 0 && count < source.length)) {
    throw new OutlierExposureError(
      'invalid-argument',
      `A share of ${share} of the ${source.length} images of "${source.name}" cannot be held out: give a share above 0 and below 1 that leaves images on both sides, or images to measure the error on.`,
    );
  }
  const order = Random.from(seed, 'held out').permutation(source.length);
  return {
    heldOut: subset(source, order.slice(0, count).sort()),
    rest: subset(source, order.slice(count).sort()),
  };
}
