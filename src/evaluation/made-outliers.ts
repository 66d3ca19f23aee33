/** Outliers to choose settings by, made from in-distribution images. */
import {
  arithmeticMean,
  geometricMean,
  type ImageSource,
  invert,
  jigsaw,
  pixelate,
  rgbGhost,
  speckle,
  uniformNoise,
} from '../data/index.ts';
import { normalizationOf } from '../nn/index.ts';
import type { Model } from '../onnx/index.ts';

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
