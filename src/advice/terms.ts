/** What tunings did, averaged over the judges that count. */
import { meanAndStd } from '../metrics/index.ts';
import type { Judge } from './judges.ts';
import { mean } from './measure.ts';
import type { CandidateAdvice, Trial } from './options.ts';
import { scoreCandidates } from './score.ts';
import type { Tried } from './trial.ts';

/** Gains and scores of candidates, on equal terms. */
export function trialsOnTerms(
  tried: readonly (Tried & { judges: readonly string[] })[],
): (Trial & Pick<CandidateAdvice, 'score' | 'scoreSpread'>)[] {
  const gains = tried.map(({ tunings, judges }) => averaged(tunings, judges));
  const { scores, gains: onTerms, scales } = scoreCandidates(gains);
  return tried.map(({ tunings, judges, errorChange, seconds }, i) => ({
    gain: onTerms[i]!,
    spread: meanAndStd(tunings.map((by) => mean(judges.map((name) => by[name]!)))).std,
    gains: gains[i]!,
    score: scores[i]!,
    scoreSpread: meanAndStd(tunings.map((by) => mean(judges.map((name) => by[name]! / scales[name]!)))).std,
    errorChange,
    seconds,
  }));
}

/** The gain from a part of a candidate, by the judges of the whole and with the same correction for those that do not count. */
export function partTrial({ tunings, errorChange, seconds }: Tried, whole: Trial): Trial {
  const judges = Object.keys(whole.gains);
  const gains = averaged(tunings, judges);
  const of = (by: Record<string, number>) => mean(judges.map((name) => by[name]!));
  const { std } = meanAndStd(tunings.map(of));
  return { gain: of(gains) + whole.gain - of(whole.gains), spread: std, gains, errorChange, seconds };
}

/** A sentence for each candidate that judges were left out for. */
export function exclusions(jury: ReadonlyMap<string, readonly string[]>, judges: readonly Judge[]): string[] {
  return [...jury].flatMap(([candidate, counted]) => {
    const left = judges.filter(({ set, candidate: own }) => own !== candidate && !counted.includes(set.name));
    if (left.length === 0) return [];
    return [
      `${candidate} is not judged by what looks like it: ${left.map(({ set }) => set.name).join(', ')}.`,
    ];
  });
}

/** The entries of these names. */
export function only<T>(by: Readonly<Record<string, T>>, names: readonly string[]): Record<string, T> {
  return Object.fromEntries(names.map((name) => [name, by[name]!]));
}

function averaged(
  tunings: readonly Record<string, number>[],
  judges: readonly string[],
): Record<string, number> {
  return Object.fromEntries(judges.map((name) => [name, mean(tunings.map((by) => by[name]!))]));
}
