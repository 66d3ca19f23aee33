/** What is said of a run beside its tables. */
import type { ExperimentResults } from '../../experiments/index.ts';

export function dataLines({ data, examples = 'images' }: ExperimentResults): string[] {
  return [
    '',
    'Data:',
    ...data.map(
      ({ name, role, count, fingerprint }) =>
        `  ${role}: ${name}, ${count} ${examples} (${fingerprint.slice(0, 48)})`,
    ),
  ];
}

/** What the run took, in one line. */
export function costs({ durations, training, peakMemoryBytes }: ExperimentResults): string {
  const waited = training.reduce((sum, { seconds, stallShare }) => sum + seconds * stallShare, 0);
  const spent =
    training.length === 0
      ? 'none of it training'
      : `${durations.training!.toFixed(0)} s of it training, which waited for data ${((100 * waited) / durations.training!).toFixed(1)} % of the time`;
  return `Took ${durations.total!.toFixed(0)} s, ${spent}; at most ${(peakMemoryBytes / 1e6).toFixed(0)} MB of memory.`;
}
