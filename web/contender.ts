/** A model on the page: its answers, its scores of the test sets, and its threshold. */
import { type AnswerCard, answerCard } from './answer-card.ts';
import type { Answer, Classifier } from './classifier.ts';
import { loadScores, type Playground } from './load.ts';
import { type ThresholdPlot, thresholdPlot } from './threshold-plot.ts';

export interface Contender {
  name: string;
  classifier: Classifier;
  card: AnswerCard;
  plot: ThresholdPlot;
  /** Scores by set; `in` is in-distribution. */
  scores: Map<string, Float32Array>;
  /** Its answer to what is looked at. */
  answer?: Answer;
}

/** @param onMove told when its threshold was moved */
export function contender(
  {
    name,
    classifier,
    scores,
    testError,
  }: Pick<Contender, 'name' | 'classifier' | 'scores'> & { testError?: number },
  { subject, classes }: Playground,
  onMove: (contender: Contender) => void,
): Contender {
  const made: Contender = {
    name,
    classifier,
    scores,
    card: answerCard(name, { classes, subject: subject.one, testError }),
    plot: thresholdPlot(
      { model: name, subject: subject.many, classes: classes.length, inliers: scores.get('in')! },
      () => onMove(made),
    ),
  };
  return made;
}

/** The scores that the run gave, of all its test examples. */
export async function scoresOfRun(files: Record<string, string>): Promise<Map<string, Float32Array>> {
  const loaded = await Promise.all(
    Object.entries(files).map(async ([set, file]) => [set, await loadScores(file)] as const),
  );
  return new Map(loaded);
}

/** Scores of the outliers of one set, or of all together. */
export function outlierScores(
  scores: ReadonlyMap<string, Float32Array>,
  sets: readonly string[],
): Float32Array {
  const parts = sets.flatMap((set) => scores.get(set) ?? []);
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
