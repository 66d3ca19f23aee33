/** Whether sets that must be disjoint share examples: told on standard error and in JSON, or refused. */
import { type Compared, contentOverlaps } from '../data/duplicates/index.ts';
import type { ExampleSet } from '../data/index.ts';
import { OutlierExposureError } from '../errors.ts';
import type { OnProgress } from '../experiments/index.ts';

/** What `--json` says of two sets that share examples; roles are those of the data in the record. */
export interface SharedExamples {
  set: string;
  role: string;
  with: string;
  withRole: string;
  /** How many examples of the set are, to the last value, in the other. */
  count: number;
  /** How many of each were looked at. */
  looked: number;
  lookedWith: number;
}

export interface SetInRole extends Compared {
  role: string;
  /** Default: the set's own name. */
  name?: string;
}

/** What sharing does to the second set's examples or numbers. */
export const HARM = {
  taught: 'which teaches the model to doubt what it should know',
  alike: 'which nothing can tell apart',
  seen: 'so that its numbers are too good',
} as const;

/**
 * Compares sets by content.
 *
 * @param overlap `refuse` throws where `tell` writes a warning to standard error
 * @throws OutlierExposureError `invalid-argument` for shared examples, if they are to be refused
 */
export async function checkShared(
  sources: readonly SetInRole[],
  others: readonly (SetInRole & { harm: keyof typeof HARM })[],
  {
    overlap,
    signal,
    onProgress,
  }: { overlap: 'tell' | 'refuse'; signal: AbortSignal; onProgress: OnProgress },
): Promise<SharedExamples[]> {
  const stage = 'Look for shared examples';
  onProgress({ stage, done: 0, total: 1 });
  const rows = await contentOverlaps(sources, others, { signal });
  onProgress({ stage, done: 1, total: 1 });
  const found: SharedExamples[] = [];
  for (const [i, source] of sources.entries()) {
    for (const [j, other] of others.entries()) {
      const count = rows[i]![j]!;
      if (count === 0) continue;
      const sentence = `${number(count)} of the ${ofSet(source)} are in "${nameOf(other)}" (${other.role}) too, ${HARM[other.harm]}`;
      if (overlap === 'refuse')
        throw new OutlierExposureError(
          'invalid-argument',
          `${sentence}: leave them out with \`oe data dedup\`, or run without --strict.`,
        );
      process.stderr.write(`Warning: ${sentence}; \`oe data dedup\` leaves them out.\n`);
      found.push({
        set: nameOf(source),
        role: source.role,
        with: nameOf(other),
        withRole: other.role,
        count,
        looked: lookedAt(source),
        lookedWith: lookedAt(other),
      });
    }
  }
  return found;
}

const number = (count: number) => count.toLocaleString('en');
const nameOf = ({ name, set }: SetInRole) => name ?? set.name;
const lookedAt = ({ set, most = set.length }: { set: ExampleSet; most?: number }) =>
  Math.min(most, set.length);

function ofSet(source: SetInRole): string {
  const looked = lookedAt(source);
  const all = source.set.length;
  const examples = `examples of "${nameOf(source)}" (${source.role})`;
  if (looked === all) return `${number(all)} ${examples}`;
  return `${number(looked)} ${examples} that were looked at, of ${number(all)},`;
}
