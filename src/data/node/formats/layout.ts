/** Which axis of an array of images is which. */
import { OutlierExposureError } from '../../../errors.ts';
import type { ImageShape } from '../../source.ts';

/** Channels last, or channels first. */
export type ArrayLayout = 'nhwc' | 'nchw';

const CHANNELS = [1, 3, 4];

/**
 * What an array's dimensions mean: [count, height, width] is grey; of four, the channels are the second or the last,
 * told by where 1, 3 or 4 stands.
 *
 * @throws OutlierExposureError `invalid-argument` when both can be the channels and `layout` is not given,
 *   `invalid-file` when the array is not one of images
 */
export function imageLayout(
  dimensions: readonly number[],
  { name, layout }: { name: string; layout?: ArrayLayout | undefined },
): { count: number; shape: ImageShape; order: 'chw' | 'hwc' } {
  const written = `[${dimensions.join(', ')}]`;
  const [count = 0, a = 0, b = 0, c = 0] = dimensions;
  if ((dimensions.length !== 3 && dimensions.length !== 4) || dimensions.includes(0)) {
    throw new OutlierExposureError(
      'invalid-file',
      `${name} has the shape ${written}, but images have [count, height, width], [count, height, width, channels] or [count, channels, height, width].`,
    );
  }
  if (dimensions.length === 3) return { count, shape: [1, a, b], order: 'chw' };
  const [first, last] = [CHANNELS.includes(a), CHANNELS.includes(c)];
  if (first && last && !layout) {
    throw new OutlierExposureError(
      'invalid-argument',
      `${name} has the shape ${written}, in which both ${a} and ${c} can be the channels: give the layout, nhwc (channels last) or nchw (channels first).`,
    );
  }
  const channelsFirst = layout ? layout === 'nchw' : first;
  const channels = channelsFirst ? a : c;
  if (!CHANNELS.includes(channels)) {
    throw new OutlierExposureError(
      'invalid-file',
      `${name} has the shape ${written}; ${layout ? `as ${layout}, its images have ${channels} channels, but ` : ''}1 (grey), 3 (red, green, blue) or 4 (with opacity) channels were expected as the second or the last number.`,
    );
  }
  return channelsFirst
    ? { count, shape: [channels, b, c], order: 'chw' }
    : { count, shape: [channels, a, b], order: 'hwc' };
}
