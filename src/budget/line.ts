/** The search along the line between the baseline's weights and the tuned ones. */

/** Where the line is measured first. */
const COARSE = [1, 0.75, 0.5, 0.25];

/** How often the gap above the best place is halved. */
const HALVINGS = 2;

/** What is known of a place on the line. */
export interface LinePoint {
  share: number;
  meanAuroc: number;
  withinBudget: boolean;
}

/**
 * Measures places on the line: every quarter, then between the best one within the budget and the next one towards the
 * tuned end. Neither has to be the last within the budget: detection is often best before the end of the line.
 *
 * @param measureAt measures the place at a share of the way to the tuned weights
 * @returns what was measured, in its order
 */
export async function searchLine<Point extends LinePoint>(
  measureAt: (share: number) => Promise<Point>,
): Promise<Point[]> {
  const points: Point[] = [];
  for (const share of COARSE) points.push(await measureAt(share));
  for (let i = 0; i < HALVINGS; i++) {
    const best = bestWithin(points)?.share ?? 0;
    const above = points.flatMap(({ share }) => (share > best ? [share] : []));
    if (above.length === 0) break;
    points.push(await measureAt((best + Math.min(...above)) / 2));
  }
  return points;
}

/** The best detector within the budget; of equal ones the first. */
export function bestWithin<Point extends LinePoint>(points: readonly Point[]): Point | undefined {
  let best: Point | undefined;
  for (const point of points)
    if (point.withinBudget && (best === undefined || point.meanAuroc > best.meanAuroc)) best = point;
  return best;
}
