/** What is asked of all sets of an experiment together. */
import type { Inliers, OutlierSets } from './declaration.ts';

/** All sets, whatever part they play. */
export function setsOf<Set>(sets: Partial<OutlierSets<Set>> & Partial<Inliers<Set>>): Set[] {
  const { train, test, testSets = [], validationSets = [] } = sets;
  return [train, test, ...testSets, ...validationSets].flatMap((set) => set ?? []);
}

/** One more than the highest label. */
export function classesOf({ train, test }: Inliers<{ readonly labels?: Int32Array }>): number {
  let highest = 0;
  for (const { labels } of [train, test].flatMap((set) => set ?? []))
    for (const label of labels ?? []) highest = Math.max(highest, label);
  return highest + 1;
}
