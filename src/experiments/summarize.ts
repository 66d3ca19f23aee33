/** What was measured and of what, put together for the results. */
import { averageOverSeeds } from '../evaluation/index.ts';
import { meanAndStd } from '../metrics/index.ts';
import type { Inliers, OutlierSets } from './declaration.ts';
import type { DataRecord, ExperimentResults, Measurements } from './results.ts';

/** Means over the seeds; of one seed, its own numbers. */
export function averaged(perSeed: ExperimentResults['perSeed']): Measurements {
  return {
    models: perSeed[0]!.models.map(({ name }) => {
      const errors = meanAndStd(
        perSeed.map(({ models }) => models.find((model) => model.name === name)!.testError),
      );
      return { name, testError: errors.mean, ...(perSeed.length > 1 ? { testErrorStd: errors.std } : {}) };
    }),
    rows: averageOverSeeds(perSeed.map(({ rows }) => rows)),
    validationRows: averageOverSeeds(perSeed.map(({ validationRows }) => validationRows)),
    errorDetection: averageOverSeeds(perSeed.map(({ errorDetection }) => errorDetection)),
  };
}

/** All sets of a run with the part that each plays, in the order of the results. */
export function setsByRole<Set>(
  inliers: Inliers<Set>,
  outliers: OutlierSets<Set>,
): { role: DataRecord['role']; source: Set }[] {
  const as = (role: DataRecord['role'], ...sources: readonly (Set | undefined)[]) =>
    sources.flatMap((source) => (source ? [{ role, source }] : []));
  return [
    ...as('in-distribution train', inliers.train),
    ...as('in-distribution test', inliers.test),
    ...as('outliers for training', outliers.train),
    ...as('outliers for validation', ...outliers.validationSets),
    ...as('outliers for test', ...outliers.testSets),
  ];
}

export function dataRecord({
  role,
  source,
}: {
  role: DataRecord['role'];
  source: { readonly name: string; readonly length: number; readonly fingerprint: string };
}): DataRecord {
  return { name: source.name, role, count: source.length, fingerprint: source.fingerprint };
}
