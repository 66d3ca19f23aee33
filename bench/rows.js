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
 * Measures all sides in turns, so that a machine that slows down or speeds up meanwhile does so for all of them.
 *
 * @param sides by name, functions that measure once, or give null when they could not
 * @returns what each side measured, round by round; null when one of its rounds gave nothing
 */
export async function inTurns(rounds, sides) {
  const measured = Object.fromEntries(Object.keys(sides).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, measure] of Object.entries(sides)) {
      // What failed once is not tried again.
      if (!measured[name]) continue;
      const result = await measure();
      if (result === null) measured[name] = null;
      else measured[name].push(result);
    }
  }
  return measured;
}

/** As {@link inTurns} of sides that measure one number. @returns the median of each side, or null */
export async function interleaved(rounds, sides) {
  const measured = await inTurns(rounds, sides);
  return Object.fromEntries(
    Object.entries(measured).map(([name, numbers]) => [name, numbers && median(numbers)]),
  );
}

/** The cells of a row, in a unit that reads well. */
export function cells({ name, peer, ours, theirs, ratio, unit }) {
  const [scale, label] = readable(Math.max(ours ?? 0, theirs ?? 0), unit);
  const number = (value) => {
    if (value === null) return '–';
    return value * scale < 1000 ? (value * scale).toPrecision(3) : String(Math.round(value * scale));
  };
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
