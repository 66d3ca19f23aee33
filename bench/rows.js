/** The rows of the result: every number is a cost, so a ratio below 1 is ahead. */

/**
 * @param theirs null when the peer is missing or failed
 * @param unit `'s'` (seconds), `'bytes'` or `'share'` (0 to 1)
 */
export function row({ name, peer, ours, theirs, unit }) {
  const comparable = typeof ours === 'number' && typeof theirs === 'number';
  return { name, peer, ours, theirs, ratio: comparable ? ours / theirs : null, unit };
}

export function median(values) {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * Measures two sides in turns, so that a machine that slows down or speeds up meanwhile does so for both.
 *
 * @returns the median of each side; `theirs` is null when a round of the peer gave nothing
 */
export async function interleaved(rounds, ours, theirs) {
  const results = { ours: [], theirs: [] };
  for (let round = 0; round < rounds; round++) {
    results.ours.push(await ours());
    // A peer that failed once is not asked again.
    if (!results.theirs.includes(null)) results.theirs.push(await theirs());
  }
  return {
    ours: median(results.ours),
    theirs: results.theirs.includes(null) ? null : median(results.theirs),
  };
}

/** The cells of a row, in a unit that reads well. */
export function cells({ name, peer, ours, theirs, ratio, unit }) {
  const [scale, label] = readable(Math.max(ours ?? 0, theirs ?? 0), unit);
  const number = (value) => (value === null ? '–' : (value * scale).toPrecision(3));
  return [
    name,
    peer ?? '–',
    number(ours),
    number(theirs),
    ratio === null ? '–' : ratio.toPrecision(2),
    label,
  ];
}

function readable(largest, unit) {
  if (unit === 's' && largest < 1) return [1e3, 'ms'];
  if (unit === 'bytes') return [1e-6, 'MB'];
  return [1, unit];
}
