/** The parts that sets are published in, told by files' and folders' names. */
import { nearestName, OutlierExposureError } from '../../../errors.ts';

const WORDS: Record<string, readonly string[]> = {
  train: ['train', 'training'],
  test: ['test', 'testing', 't10k'],
  validation: ['validation', 'val', 'valid', 'dev'],
  extra: ['extra'],
  unlabeled: ['unlabeled', 'unlabelled', 'unsupervised'],
};

/** The split that a name tells (`t10k-images-idx3-ubyte`: test), if any. */
export function splitOf(name: string): string | undefined {
  for (const word of name.toLowerCase().split(/[^a-z0-9]+/)) {
    const split = splitNamed(word);
    if (split) return split;
  }
  return undefined;
}

/** The split that is called by one word, if it is one. */
export function splitNamed(word: string): string | undefined {
  return Object.keys(WORDS).find((split) => WORDS[split]!.includes(word.toLowerCase()));
}

/**
 * Of things in splits, those of the wanted one: all, where there is but one split.
 *
 * @throws OutlierExposureError `invalid-argument` when there are several and none, or another, is wanted
 */
export function ofSplit<T extends { split: string | undefined }>(
  parts: readonly T[],
  { wanted, name }: { wanted: string | undefined; name: string },
): T[] {
  const splits = [...new Set(parts.map((part) => part.split ?? '(unnamed)'))];
  if (splits.length <= 1 && (!wanted || splits[0] === '(unnamed)')) return [...parts];
  const split = wanted && (splitNamed(wanted) ?? wanted);
  const chosen = parts.filter((part) => part.split !== undefined && part.split === split);
  if (chosen.length > 0) return chosen;
  const near = wanted && nearestName(wanted, splits);
  throw new OutlierExposureError(
    wanted ? 'not-found' : 'invalid-argument',
    `${name} has the split${splits.length > 1 ? 's' : ''} ${splits.join(', ')}${wanted ? `, but not "${wanted}"` : ''}: ${
      near ? `did you mean "${near}"?` : 'give the one to read.'
    }`,
  );
}
