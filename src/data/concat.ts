/** Several sets as one. */
import { OutlierExposureError } from '../errors.ts';
import type { ImageSource } from './source.ts';

/**
 * The images of several sets of one shape, one set after the other. It has labels when all of them have; where they
 * name their classes, equal names become one class.
 *
 * @param name what to call it; their names joined by ` + ` unless given
 * @throws OutlierExposureError `invalid-argument` for no sets, or when shapes differ
 */
export function concatSources(
  sources: readonly ImageSource[],
  { name = sources.map((source) => source.name).join(' + ') }: { name?: string } = {},
): ImageSource {
  const [first] = sources;
  if (!first) throw new OutlierExposureError('invalid-argument', 'No sets of images were given to join.');
  const stranger = sources.find(({ shape }) => shape.some((side, i) => side !== first.shape[i]));
  if (stranger) {
    throw new OutlierExposureError(
      'invalid-argument',
      `"${first.name}" has images of the shape [${first.shape.join(', ')}], but "${stranger.name}" of [${stranger.shape.join(', ')}]; give the shape that all are to be brought to.`,
    );
  }
  const starts = [0];
  for (const source of sources) starts.push(starts.at(-1)! + source.length);
  const length = starts.at(-1)!;
  const size = first.shape[0] * first.shape[1] * first.shape[2];
  const closable = sources.filter((source) => source.close);
  return {
    name,
    length,
    shape: first.shape,
    ...joinedLabels(sources, length),
    ...(sources.every((source) => source.nameOf) && {
      nameOf: (index) => {
        const set = setOf(starts, index);
        return sources[set]!.nameOf!(index - starts[set]!);
      },
    }),
    fingerprint: sources.map((source) => source.fingerprint).join(' + '),
    async read(indices, out) {
      const positions = sources.map(() => [] as number[]);
      for (let i = 0; i < indices.length; i++) positions[setOf(starts, indices[i]!)]!.push(i);
      await Promise.all(
        positions.map(async (places, s) => {
          if (places.length === 0) return;
          const own = Uint32Array.from(places, (place) => indices[place]! - starts[s]!);
          if (places.at(-1)! - places[0]! === places.length - 1) {
            await sources[s]!.read(own, out.subarray(places[0]! * size));
            return;
          }
          const images = new Float32Array(places.length * size);
          await sources[s]!.read(own, images);
          for (const [k, place] of places.entries())
            out.set(images.subarray(k * size, (k + 1) * size), place * size);
        }),
      );
    },
    ...(closable.length > 0 && {
      close: async () => {
        await Promise.all(closable.map((source) => source.close!()));
      },
    }),
  };
}

/** The set that holds the image `index`, by bisection. */
function setOf(starts: readonly number[], index: number): number {
  const length = starts.at(-1)!;
  if (!(Number.isInteger(index) && index >= 0 && index < length)) {
    throw new OutlierExposureError(
      'invalid-argument',
      `The sets have the images 0 to ${length - 1}; there is no image ${index}.`,
    );
  }
  let [low, high] = [0, starts.length - 2];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle]! <= index) low = middle;
    else high = middle - 1;
  }
  return low;
}

function joinedLabels(
  sources: readonly ImageSource[],
  length: number,
): Pick<ImageSource, 'labels' | 'classNames'> {
  if (!sources.every((source) => source.labels)) return {};
  const labels = new Int32Array(length);
  const named = sources.every((source) => source.classNames);
  const classNames = named ? [...new Set(sources.flatMap((source) => source.classNames!))] : undefined;
  const numbers = new Map(classNames?.map((className, i) => [className, i]));
  let at = 0;
  for (const source of sources) {
    for (const label of source.labels!) {
      const className = source.classNames?.[label];
      labels[at++] = named && className !== undefined ? numbers.get(className)! : label;
    }
  }
  return { labels, ...(classNames && { classNames }) };
}
