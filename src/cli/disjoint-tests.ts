/** Whether test outliers are in-distribution examples, or what a classifier was exposed to. */
import { OVERLAP_LIMIT } from '../data/duplicates/index.ts';
import type { ExampleSet } from '../data/index.ts';
import type { OnProgress } from '../experiments/index.ts';
import type { OpenedSets } from './eval-sets.ts';
import { checkShared, type SharedExamples } from './shared-examples.ts';

/** Of what a model was exposed to, so many examples are looked at. */
const EXPOSED_LIMIT = 50_000;

/**
 * Compares the sets of outliers with the in-distribution set, and with what the model was exposed to. No more of them are
 * read than measuring reads of all, unless what is shared is to be refused.
 *
 * @param compared whether the in-distribution set was compared for another model already
 * @throws OutlierExposureError `invalid-argument` for shared examples, if they are to be refused
 */
export async function checkTestSets(
  { inliers, outlierSets }: OpenedSets,
  exposed: { set: ExampleSet; model: string } | undefined,
  {
    compared,
    draws,
    outRatio,
    ...run
  }: {
    compared: 'already' | 'not yet';
    draws: number;
    outRatio: number;
    overlap: 'tell' | 'refuse';
    signal: AbortSignal;
    onProgress: OnProgress;
  },
): Promise<SharedExamples[]> {
  const read = Math.ceil(inliers.length * (1 + draws * outRatio));
  const part = (set: ExampleSet, most: number) => ({
    set,
    most: run.overlap === 'refuse' ? set.length : Math.min(set.length, most, OVERLAP_LIMIT),
  });
  const others = [
    ...(compared === 'already'
      ? []
      : [{ ...part(inliers, inliers.length), role: 'in-distribution test', harm: 'alike' as const }]),
    ...(exposed
      ? [
          {
            ...part(exposed.set, EXPOSED_LIMIT),
            role: `outliers that ${exposed.model} was trained with`,
            harm: 'seen' as const,
          },
        ]
      : []),
  ];
  if (others.length === 0) return [];
  const sources = outlierSets.map((set) => ({ ...part(set, read), role: 'outliers for test' }));
  return checkShared(sources, others, run);
}
