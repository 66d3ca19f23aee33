/** What tuning within a budget is judged by: images held out of training, and outliers made from them. */

import {
  arithmeticMean,
  geometricMean,
  type ImageSource,
  invert,
  jigsaw,
  pixelate,
  rgbGhost,
  speckle,
  subset,
  uniformNoise,
} from '../data/index.ts';
import { OutlierExposureError } from '../errors.ts';
import { normalizationOf } from '../nn/index.ts';
import type { Model } from '../onnx/index.ts';
import { Random } from '../random.ts';

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

/** Below this side, 0.2 of it is no pixel. */
const LEAST_PIXELATED_SIDE = 5;

/**
 * The validation outliers of the paper's appendix A, of those that can be made of images of this shape: uniform noise,
 * arithmetic and geometric means of pairs, jigsaws, speckle, pixelation, and, of colour images, ghosts and negatives.
 * They show no test outliers, so that what is chosen by them may be tested.
 *
 * @param model whose input normalization the noise is drawn for
 */
export function madeOutliers(
  source: ImageSource,
  { model, seed }: { model: Model; seed: number },
): ImageSource[] {
  const [channels, height, width] = source.shape;
  const normalization = normalizationOf(model);
  const sets = [
    uniformNoise({ count: source.length, shape: source.shape, seed, normalization }),
    speckle(source, seed),
  ];
  if (source.length >= 2) sets.push(arithmeticMean(source, seed), geometricMean(source, seed));
  if (height === width && height % 2 === 0) sets.push(jigsaw(source));
  if (Math.min(height, width) >= LEAST_PIXELATED_SIDE) sets.push(pixelate(source));
  if (channels === 3) sets.push(rgbGhost(source), invert(source));
  return sets;
}
