/** What was measured, in plain words. */
import { isMade } from '../data/index.ts';
import type { Advice, CandidateAdvice, LearningCurve } from './options.ts';
import { CHANCE } from './score.ts';

/** Candidates that look this far away, or this near, get a word about it. */
const FAR = 0.99;
const NEAR = 0.65;
const OVERLAPS = 0.4;

/** How far scores differ by chance where a single tuning shows no spread. */
const SCORE_CHANCE = 0.25;

/** The first of those that help; the first of all where none does. @param candidates best first */
export function foremost(candidates: readonly CandidateAdvice[]): CandidateAdvice {
  return candidates.find(helps) ?? candidates[0]!;
}

/**
 * @param candidates best first
 * @returns the candidate to take, if one helps, and sentences that say why
 */
export function recommend(
  candidates: readonly CandidateAdvice[],
  {
    curve,
    settings,
    baseline,
  }: Pick<Advice, 'settings' | 'baseline'> & { curve?: LearningCurve | undefined },
): Pick<Advice, 'recommended' | 'sentences'> {
  const best = foremost(candidates);
  const trials = `${settings.tunings === 1 ? 'a tuning' : `${settings.tunings} tunings`} of ${settings.steps} steps`;
  if (!helps(best)) {
    return {
      sentences: [
        `None of the candidates helps: after ${trials} the best of them, ${best.name}, changed the mean AUROC on validation outliers by ${points(best.gain)}. The baseline has ${percent(baseline.meanAuroc)}; collect more varied outliers, or try more steps or a higher learning rate.`,
      ],
    };
  }
  const sentences = [
    `Take ${best.name}: after ${trials} it raised the mean AUROC on validation outliers by ${points(best.gain)}, from ${percent(baseline.meanAuroc)} to ${percent(baseline.meanAuroc + best.gain)}.`,
  ];
  const close = candidates.filter((other) => other !== best && helps(other) && near(other, best));
  if (close.length > 0)
    sentences.push(
      `${listed(close.map(({ name }) => name))} did about as well; the difference is within what other seeds change. Outliers of several sets together are more varied than those of one.`,
    );
  const harmful = candidates.filter((other) => other.gain < -uncertainty(other));
  if (harmful.length > 0)
    sentences.push(`Leave out ${listed(harmful.map(({ name }) => name))}: detection got worse.`);
  sentences.push(...aboutCost(best), ...aboutPlace(best), ...aboutNumber(best, curve));
  if (isMade(best.name))
    sentences.push(
      'It is made from your own data, and such outliers help against what resembles them. Try it on real outliers before you rely on it.',
    );
  sentences.push(
    'Short tunings rank candidates; how good the detector gets, a whole one (oe tune) on test outliers shows.',
  );
  return { recommended: best.name, sentences };
}

function aboutCost({ errorChange, errorStandardError }: CandidateAdvice): string[] {
  if (errorChange <= 2 * errorStandardError || errorChange <= 0) return [];
  return [
    `It costs accuracy: the error rose by ${points(errorChange)} (± ${points(errorStandardError)}). oe tune --max-error-increase limits that.`,
  ];
}

function aboutPlace({ separability, overlap, name }: CandidateAdvice): string[] {
  const sentences: string[] = [];
  if (overlap > OVERLAPS)
    sentences.push(
      `Of ${percent(overlap)} of ${name} the classifier is surer than of half of your own examples: it may hold examples or classes of yours. Look with oe data dedup.`,
    );
  if (separability > FAR)
    sentences.push(
      `${name} is far from your data (told apart with AUROC ${separability.toFixed(3)}): it teaches more about strange inputs than about those that nearly belong.`,
    );
  else if (separability < NEAR)
    sentences.push(
      `${name} is hard to tell from your data (AUROC ${separability.toFixed(3)}): make sure that it holds no examples of your classes.`,
    );
  return sentences;
}

function aboutNumber({ name, count }: CandidateAdvice, curve: LearningCurve | undefined): string[] {
  if (!curve || curve.enough === undefined || curve.points.length < 2) return [];
  const most = curve.points.at(-1)!.count;
  if (curve.enough < most)
    return [
      `${number(curve.enough)} of its ${number(count)} examples gave nine tenths of the gain of ${number(most)}.`,
    ];
  return [
    most < count
      ? `The gain still grew with the number of examples up to the ${number(most)} that a tuning saw: take all.`
      : `The gain still grew with the number of examples: take all ${number(count)} of ${name}, and more if you can.`,
  ];
}

function helps(candidate: CandidateAdvice): boolean {
  return candidate.gain > uncertainty(candidate);
}

function near(other: CandidateAdvice, best: CandidateAdvice): boolean {
  return best.score - other.score <= Math.max(SCORE_CHANCE, best.scoreSpread, other.scoreSpread);
}

/** How far a gain differs by chance. */
function uncertainty({ spread }: CandidateAdvice): number {
  return Math.max(CHANCE, spread);
}

function points(fraction: number): string {
  const value = (100 * fraction).toFixed(2).replace('-', '−');
  return `${value} percentage points`;
}

function percent(fraction: number): string {
  return `${(100 * fraction).toFixed(1)} %`;
}

function number(value: number): string {
  return value.toLocaleString('en');
}

function listed(names: readonly string[]): string {
  return names.length === 1 ? names[0]! : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
