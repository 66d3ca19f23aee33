/** Means over models that were trained from different seeds. */
import { meanAndStd } from '../metrics/index.ts';
import type { MEASURES, ResultRow } from './rows.ts';

/** Means over seeds of rows that stand for the same model, score and set, with their spread. */
export function averageOverSeeds(perSeed: readonly (readonly ResultRow[])[]): ResultRow[] {
  const first = perSeed[0] ?? [];
  if (perSeed.length <= 1) return [...first];
  return first.flatMap((pattern) => {
    const same = perSeed.flatMap((rows) =>
      rows.filter(
        ({ model, score, set }) => model === pattern.model && score === pattern.score && set === pattern.set,
      ),
    );
    const measured = (key: (typeof MEASURES)[number]) => meanAndStd(same.map((each) => each[key]));
    const [fpr, auroc, aupr] = [measured('fpr'), measured('auroc'), measured('aupr')];
    const average: ResultRow = {
      ...pattern,
      fpr: fpr.mean,
      auroc: auroc.mean,
      aupr: aupr.mean,
      auprIn: measured('auprIn').mean,
      detectionError: measured('detectionError').mean,
      seedStd: { fpr: fpr.std, auroc: auroc.std, aupr: aupr.std },
    };
    const draws = same.flatMap(({ drawStd }) => (drawStd ? [drawStd] : []));
    if (draws.length > 0) {
      const spread = (key: 'fpr' | 'auroc' | 'aupr') => meanAndStd(draws.map((std) => std[key])).mean;
      average.drawStd = { fpr: spread('fpr'), auroc: spread('auroc'), aupr: spread('aupr') };
    }
    return [average];
  });
}
