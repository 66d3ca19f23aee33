/** D_out^OE made of D_in, where `--outliers made:KIND` asks for it. */
import {
  GENERATED_SET,
  type ImageSource,
  makeOutliers,
  resemblesOf,
  type TextSource,
} from '../../data/index.ts';
import { openText } from '../../data/node/text/index.ts';
import { type MadeSet, madeOfImages, madeSet } from '../../data/synthetic-outliers/made-set.ts';
import type { OutlierRequest, OutlierSets, TextRequest } from '../declaration.ts';
import { type GeneratedRun, generatedImages } from './generated.ts';

/**
 * Outliers made of the training images; nothing for other sets.
 *
 * @throws OutlierExposureError `not-found` for a kind that there is not
 */
export async function madeImages({
  outliers,
  inliers,
  ...run
}: OutlierRequest): Promise<ImageSource | undefined> {
  const made = outliers === undefined ? undefined : madeSet(outliers);
  return made && makeImages(made, inliers.train ?? inliers.test, run);
}

/**
 * Images made of others, or by a generator.
 *
 * @throws OutlierExposureError `not-found` for a kind that there is not, or a generator's file; else as `generatedImages` and
 *   `makeOutliers`
 */
export async function makeImages(
  made: MadeSet,
  inliers: ImageSource,
  run: { seed: number } & GeneratedRun,
): Promise<ImageSource> {
  if (made.generator === undefined) return makeOutliers(inliers, madeOfImages(made), { seed: run.seed });
  return generatedImages(made.generator, inliers, { ...run, name: GENERATED_SET });
}

/** The same of texts; `made:words=PATH` draws the words of a file. */
export async function madeTexts(
  { outliers, seed, maxTokens, signal }: Pick<TextRequest, 'outliers' | 'seed' | 'maxTokens' | 'signal'>,
  inliers: TextSource,
): Promise<TextSource | undefined> {
  const made = outliers === undefined ? undefined : madeSet(outliers);
  if (!made) return undefined;
  const { kind, corpus: path } = made;
  if (path === undefined) return makeOutliers(inliers, kind, { seed });
  const how = {
    labels: 'none',
    ...(maxTokens !== undefined && { maxTokens }),
    ...(signal && { signal }),
  } as const;
  return makeOutliers(inliers, kind, { seed, corpus: await openText(path, how) });
}

/** The sets without those that are made in much the same way as what the model is exposed to; a note says so. */
export function withoutResembling<Set extends { name: string }>(
  sets: OutlierSets<Set>,
  of: 'images' | 'texts',
): OutlierSets<Set> {
  const { train, testSets, validationSets, notes } = sets;
  const alike = train ? resemblesOf(train.name, of).map(plainName) : [];
  const left = [...testSets, ...validationSets].filter(({ name }) => alike.includes(plainName(name)));
  if (left.length === 0) return sets;
  const keep = (set: Set) => !left.includes(set);
  return {
    ...sets,
    testSets: testSets.filter(keep),
    validationSets: validationSets.filter(keep),
    notes: [
      ...notes,
      `Neither tested nor validated with, since the outliers shown (${train!.name}) are made in much the same way: ${left.map(({ name }) => name).join(', ')}.`,
    ],
  };
}

function plainName(name: string): string {
  return name.toLowerCase().replaceAll(' ', '-');
}
