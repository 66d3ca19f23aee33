/**
 * Made outliers as they are named where sets are: `made:jigsaw`; `made:words=PATH` with words of a corpus; `made:gan=PATH` by a
 * trained generator.
 */

import { OutlierExposureError } from '../../errors.ts';
import { isMade, MADE_PREFIX } from './make-outliers.ts';

export interface MadeSet {
  /** As `makeOutliers` takes it. */
  kind: string;
  /** The file or folder that words are drawn from. */
  corpus?: string;
  /** The .onnx file of what makes the images, of the kind `gan`. */
  generator?: string;
}

/** Images that a generator makes, which has to be trained first. */
const GENERATED = 'gan';

/**
 * What is to be made; nothing for paths.
 *
 * @throws OutlierExposureError `invalid-argument` for made outliers among several sets, for a file with a kind that takes
 *   none, and for a generator that is not named
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
  const [, kind = '', file] = /^made:([^=]*)(?:=(.*))?$/s.exec(made)!;
  const kinds = kind.split('+');
  if (kinds.includes(GENERATED)) return { kind, generator: generatorOf(made, kinds, file) };
  if (file !== undefined && !kinds.includes('words')) {
    throw new OutlierExposureError(
      'invalid-argument',
      `"${made}" names a file, but only the kinds "words" and "${GENERATED}" take one: leave "=${file}" out.`,
    );
  }
  return { kind, ...(file === undefined ? {} : { corpus: file }) };
}

function generatorOf(made: string, kinds: readonly string[], file: string | undefined): string {
  if (file && kinds.length === 1) return file;
  throw new OutlierExposureError(
    'invalid-argument',
    file
      ? `"${made}" joins a generator's images with others, but they stand alone: name ${MADE_PREFIX}${GENERATED}=${file}.`
      : `"${made}" needs a trained generator: name its file, ${MADE_PREFIX}${GENERATED}=gan-generator.onnx, such as \`oe reproduce synthetic-outliers\` writes.`,
  );
}

/** @throws OutlierExposureError `invalid-argument` for a corpus, of which images have no use */
export function madeOfImages(made: MadeSet): string {
  if (made.corpus === undefined) return made.kind;
  throw new OutlierExposureError(
    'invalid-argument',
    `"${MADE_PREFIX}${made.kind}=${made.corpus}" draws words, but the outliers are to be images: name a kind such as ${MADE_PREFIX}jigsaw.`,
  );
}
