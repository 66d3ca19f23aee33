/** Made outliers as they are named where sets are: `made:jigsaw`, or `made:words=PATH` with words of a corpus. */

import { OutlierExposureError } from '../../errors.ts';
import { isMade, MADE_PREFIX } from './make-outliers.ts';

export interface MadeSet {
  /** As `makeOutliers` takes it. */
  kind: string;
  /** The file or folder that words are drawn from. */
  corpus?: string;
}

/**
 * What is to be made; nothing for paths.
 *
 * @throws OutlierExposureError `invalid-argument` for made outliers among several sets
 */
export function madeSet(paths: string | readonly string[]): MadeSet | undefined {
  const all = [paths].flat();
  const made = all.find(isMade);
  if (made === undefined) return undefined;
  if (all.length > 1) {
    throw new OutlierExposureError(
      'invalid-argument',
      `"${made}" stands beside other outliers, but made ones stand alone: name several kinds as ${MADE_PREFIX}jigsaw+mixup, and no files beside them.`,
    );
  }
  const [, kind, corpus] = /^made:([^=]*)(?:=(.*))?$/s.exec(made)!;
  if (corpus !== undefined && !kind!.split('+').includes('words')) {
    throw new OutlierExposureError(
      'invalid-argument',
      `"${made}" names a file, but only the kind "words" takes one: leave "=${corpus}" out.`,
    );
  }
  return { kind: kind!, ...(corpus === undefined ? {} : { corpus }) };
}

/** @throws OutlierExposureError `invalid-argument` for a corpus, of which images have no use */
export function madeOfImages(made: MadeSet): string {
  if (made.corpus === undefined) return made.kind;
  throw new OutlierExposureError(
    'invalid-argument',
    `"${MADE_PREFIX}${made.kind}=${made.corpus}" draws words, but the outliers are to be images: name a kind such as ${MADE_PREFIX}jigsaw.`,
  );
}
