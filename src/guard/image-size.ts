/** The shape that images are brought to: the model's own, or what is asked for where it leaves any of it open. */
import type { ImageShape } from '../data/index.ts';
import { OutlierExposureError } from '../errors.ts';

/** Channels, height and width as a model declares them: a name or nothing where any will do. */
export type ModelSides = readonly (number | string | undefined)[];

/** Height and width in pixels; channels too, where the model leaves them open. */
export interface ImageSize {
  channels?: number | undefined;
  height: number;
  width: number;
}

/**
 * The shape of a size, for a model.
 *
 * @param name what errors call the model
 * @throws OutlierExposureError `invalid-argument` when the model takes other sizes, or leaves open how many channels, and
 * the size does not say
 */
export function shapeOfSize(sides: ModelSides, size: ImageSize, name = 'The model'): ImageShape {
  const channels = size.channels ?? sides[0];
  if (typeof channels !== 'number')
    throw new OutlierExposureError(
      'invalid-argument',
      `${name} leaves the number of channels open: say it too, as in 3x${size.height}x${size.width}.`,
    );
  const shape: ImageShape = [channels, size.height, size.width];
  checkShape(sides, shape, name);
  return shape;
}

/** @throws OutlierExposureError `invalid-argument` when the model does not take images of a shape */
export function checkShape(sides: ModelSides, shape: ImageShape, name = 'The model'): void {
  if (sides.every((side, i) => typeof side !== 'number' || side === shape[i])) return;
  throw new OutlierExposureError(
    'invalid-argument',
    `${name} takes images of [${sides.map((side) => side ?? '?').join(', ')}] (channels, height, width), which [${shape.join(', ')}] does not fit.`,
  );
}
