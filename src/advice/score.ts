/** How candidates are ranked that are not all judged by the same sets. */

/** A difference in gain that a few hundred examples show by chance: about one standard error of their AUROC. */
export const CHANCE = 0.003;

/** Far more than the sweeps need to settle. */
const SWEEPS = 200;

/**
 * Scores candidates by what each gains on the judges that count for it. A judge's gains are divided by how far candidates
 * differ on it, √(variance + 0.003²), so that all judges weigh the same: AUROC that is low has more to gain, and would
 * decide alone. Candidates with other judges are compared as in a two-way analysis: gain = candidate + judge, by least
 * squares.
 *
 * @param gains of each candidate in AUROC, −1 to 1, by judge; judges that do not count are left out, and at least one does
 * @returns `scores`, one a candidate: the mean gain over all judges in the judges' scales, above 0 where detection got better;
 *   `gains`: the same in AUROC; `scales`, by judge
 */
export function scoreCandidates(gains: readonly Readonly<Record<string, number>>[]): {
  scores: number[];
  gains: number[];
  scales: Record<string, number>;
} {
  const judges = [...new Set(gains.flatMap((by) => Object.keys(by)))];
  const scales = Object.fromEntries(judges.map((judge) => [judge, scaleOf(gains, judge)]));
  return { scores: onEqualTerms(gains, judges, scales), gains: onEqualTerms(gains, judges), scales };
}

function scaleOf(gains: readonly Readonly<Record<string, number>>[], judge: string): number {
  const values = gains.flatMap((by) => by[judge] ?? []);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return Math.sqrt(variance + CHANCE ** 2);
}

/** Each candidate's effect and the mean of the judges', found by turns. */
function onEqualTerms(
  gains: readonly Readonly<Record<string, number>>[],
  judges: readonly string[],
  scales?: Record<string, number>,
): number[] {
  const rows = gains.map((by) =>
    judges.flatMap((judge, j) => (by[judge] === undefined ? [] : [[j, by[judge] / (scales?.[judge] ?? 1)]])),
  ) as [judge: number, value: number][][];
  const ofJudge = new Float64Array(judges.length);
  const ofCandidate = new Float64Array(gains.length);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    for (const [i, row] of rows.entries())
      ofCandidate[i] = row.reduce((sum, [j, value]) => sum + value - ofJudge[j]!, 0) / row.length;
    const [sums, counts] = [new Float64Array(judges.length), new Float64Array(judges.length)];
    for (const [i, row] of rows.entries()) {
      for (const [j, value] of row) {
        sums[j]! += value - ofCandidate[i]!;
        counts[j]!++;
      }
    }
    for (let j = 0; j < judges.length; j++) ofJudge[j] = sums[j]! / counts[j]!;
  }
  const usual = ofJudge.reduce((sum, value) => sum + value, 0) / judges.length;
  return Array.from(ofCandidate, (value) => value + usual);
}
