/**
 * What went wrong, as a word that a program can branch on.
 *
 * - `invalid-argument`: a value that the caller chose cannot be used.
 * - `invalid-file`: a file's content is not what its format promises.
 * - `not-found`: a file, folder, tensor or name that does not exist.
 * - `unsupported`: a model or format that is valid, but beyond what is built.
 * - `io`: the operating system refused (permissions, disk full).
 * - `diverged`: training produced a loss that is not a finite number.
 */
export type ErrorCode = 'invalid-argument' | 'invalid-file' | 'not-found' | 'unsupported' | 'io' | 'diverged';

/**
 * The one error class of the package. Its message is a sentence for people: what was wrong, where, what was
 * expected and what to do. Anything else that is thrown is a bug of ours.
 */
export class OutlierExposureError extends Error {
  override readonly name = 'OutlierExposureError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The candidate that begins with what was typed, or the nearest (Damerau-Levenshtein); nothing when none is near. */
export function nearestName(typed: string, candidates: Iterable<string>): string | undefined {
  const names = [...candidates];
  const wanted = typed.toLowerCase();
  const begun = names.filter((name) => wanted.length > 2 && name.toLowerCase().startsWith(wanted));
  if (begun.length === 1) return begun[0];
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(wanted.length / 2)) + 1;
  for (const name of names) {
    const distance = editDistance(wanted, name.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [name, distance];
  }
  return best;
}

function editDistance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = rows[i - 1]![j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      let cost = Math.min(rows[i - 1]![j]! + 1, row[j - 1]! + 1, substitution);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, rows[i - 2]![j - 2]! + 1);
      }
      row.push(cost);
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}
