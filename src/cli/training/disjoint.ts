/** Whether the outliers of a training are examples that the model is to know. */
import type { SharedSettings } from '../../config/index.ts';
import { OVERLAP_LIMIT } from '../../data/duplicates/index.ts';
import { isMade } from '../../data/index.ts';
import type { OnProgress } from '../../experiments/index.ts';
import { checkShared, type SharedExamples } from '../shared-examples.ts';
import type { TrainingData } from './data.ts';
import { rolesOf } from './record.ts';

/**
 * Compares D_out^OE with the examples that are trained on and those that the error is measured on. Made outliers are not
 * looked at. Of the outliers no more are read than the training reads in all, unless what is shared is to be refused.
 *
 * @throws OutlierExposureError `invalid-argument` for shared examples, if they are to be refused
 */
export async function checkOutliers(
  settings: Pick<SharedSettings, 'outliers' | 'epochs' | 'batch' | 'outlierBatch'>,
  data: TrainingData,
  run: { overlap: 'tell' | 'refuse'; signal: AbortSignal; onProgress: OnProgress },
): Promise<SharedExamples[]> {
  const { outliers, inliers } = data;
  if (!outliers || [settings.outliers ?? []].flat().some(isMade)) return [];
  const { epochs, batch, outlierBatch } = settings;
  const read = epochs * Math.floor(inliers.length / batch) * (batch + outlierBatch);
  const most = run.overlap === 'refuse' ? outliers.length : Math.min(read, OVERLAP_LIMIT, outliers.length);
  const roles = rolesOf(data).map(([role, set]) => ({ role, set, harm: 'taught' as const }));
  return checkShared(
    roles.filter(({ set }) => set === outliers).map((source) => ({ ...source, most })),
    roles.filter(({ set }) => set !== outliers),
    run,
  );
}
