/** Several sets of texts as one, and parts of sets. */
import { OutlierExposureError } from '../../errors.ts';
import { checkedIndex, type TextSource } from './source.ts';

/**
 * The texts of several sets, one set after the other. It has labels when all of them have; where they name their
 * classes, equal names become one class.
 *
 * @param name what to call it; their names joined by ` + ` unless given
 * @throws OutlierExposureError `invalid-argument` for no sets, or when some name their classes and others number them
 */
export function concatTexts(
  sources: readonly TextSource[],
  { name = sources.map((source) => source.name).join(' + ') }: { name?: string } = {},
): TextSource {
  if (sources.length === 0)
    throw new OutlierExposureError('invalid-argument', 'No sets of texts were given to join.');
  const starts = [0];
  for (const source of sources) starts.push(starts.at(-1)! + source.length);
  const length = starts.at(-1)!;
  const dropped: Record<string, number> = {};
  for (const source of sources)
    for (const [reason, count] of Object.entries(source.dropped ?? {}))
      dropped[reason] = (dropped[reason] ?? 0) + count;
  return {
    name,
    length,
    ...joinedLabels(sources, length),
    fingerprint: sources.map((source) => source.fingerprint).join(' + '),
    ...(Object.keys(dropped).length > 0 && { dropped }),
    text(index) {
      checkedIndex(index, { name, length });
      const set = starts.findLastIndex((start) => start <= index);
      return sources[set]!.text(index - starts[set]!);
    },
  };
}

function joinedLabels(
  sources: readonly TextSource[],
  length: number,
): Pick<TextSource, 'labels' | 'classNames'> {
  if (!sources.every((source) => source.labels)) return {};
  const named = sources.filter((source) => source.classNames);
  if (named.length > 0 && named.length < sources.length) {
    const numbered = sources.find((source) => !source.classNames)!;
    throw new OutlierExposureError(
      'invalid-argument',
      `"${named[0]!.name}" names its classes, but "${numbered.name}" numbers them; give classes, so that both mean the same.`,
    );
  }
  const classNames = [...new Set(named.flatMap((source) => source.classNames!))];
  const numbers = new Map(classNames.map((className, i) => [className, i]));
  const labels = new Int32Array(length);
  let at = 0;
  for (const source of sources)
    for (const label of source.labels!)
      labels[at++] = source.classNames ? numbers.get(source.classNames[label]!)! : label;
  return { labels, ...(named.length > 0 && { classNames }) };
}

/**
 * Some texts of a set, with their labels, in the order of `indices`.
 *
 * @throws OutlierExposureError `invalid-argument` for texts that the set lacks
 */
export function selectTexts(source: TextSource, indices: ArrayLike<number>): TextSource {
  const chosen = Uint32Array.from(indices, (index) => checkedIndex(index, source));
  const { labels, classNames, name } = source;
  let hash = 0x811c9dc5;
  for (const index of chosen)
    for (let shift = 0; shift < 32; shift += 8)
      hash = Math.imul(hash ^ ((index >>> shift) & 0xff), 0x01000193) >>> 0;
  return {
    name,
    length: chosen.length,
    ...(labels && { labels: Int32Array.from(chosen, (index) => labels[index]!) }),
    ...(classNames && { classNames }),
    fingerprint: `${chosen.length} of ${source.fingerprint}: numbers ${hash.toString(16).padStart(8, '0')}`,
    text: (index) => source.text(chosen[checkedIndex(index, { name, length: chosen.length })]!),
  };
}
