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
 * @returns the median of each side; null when one of its rounds gave nothing
 */
export async function interleaved(rounds, sides) {
  const names = Object.keys(sides);
  const measured = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const name of names) {
      // What failed once is not tried again.
      if (!measured[name].includes(null)) measured[name].push(await sides[name]());
    }
  }
  return Object.fromEntries(
    names.map((name) => [name, measured[name].includes(null) ? null : median(measured[name])]),
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
