/** A model's answer to what is looked at: class, confidence, verdict, and the likeliest classes as bars. */
import { isOutlier } from 'outlier-exposure';
import { confidenceText } from './axis.ts';
import type { Answer } from './classifier.ts';
import { make } from './element.ts';

/** More classes than this are too many to look at. */
const BARS = 10;

export interface AnswerCard {
  element: HTMLElement;
  /** @returns the answer as a sentence */
  show(answer: Answer, threshold: number): string;
  clear(): void;
}

/** @param subject what the model knows: a digit */
export function answerCard(
  model: string,
  {
    classes,
    subject,
    testError,
  }: { classes: readonly string[]; subject: string; testError: number | undefined },
): AnswerCard {
  const verdict = make('p', { class: 'verdict' }, '–');
  const score = make('p', { class: 'score' }, 'anomaly score –');
  const bars = make('ol', { class: 'bars', 'aria-label': `What ${model} takes it for` });
  const error =
    testError === undefined ? 'trained on this page' : `test error ${(100 * testError).toFixed(2)}\u00a0%`;
  const element = make(
    'article',
    { class: 'card' },
    make('h3', {}, model),
    make('p', { class: 'note' }, error),
    verdict,
    score,
    bars,
  );
  return {
    element,
    show({ probabilities, best, score: anomaly }, threshold) {
      const strange = isOutlier(anomaly, threshold);
      const name = classes[best] ?? String(best);
      const said = strange ? 'an outlier' : `${subject}: ${name}`;
      element.dataset.verdict = strange ? 'out' : 'in';
      verdict.replaceChildren(
        make('strong', {}, strange ? `An outlier` : name),
        strange ? ` (${name}?)` : '',
      );
      score.textContent = `${confidenceText(anomaly)} sure · anomaly score ${anomaly.toFixed(4).replace('-', '−')}`;
      bars.replaceChildren(...rowsOf(probabilities, classes));
      return `${model}: ${said}, ${confidenceText(anomaly)} sure.`;
    },
    clear() {
      delete element.dataset.verdict;
      verdict.textContent = '–';
      score.textContent = 'anomaly score –';
      bars.replaceChildren();
    },
  };
}

/** All classes in their order where they are few, else the likeliest ones. */
function rowsOf(probabilities: Float32Array, classes: readonly string[]): HTMLElement[] {
  const all = [...probabilities.keys()];
  const shown =
    all.length <= BARS ? all : all.sort((a, b) => probabilities[b]! - probabilities[a]!).slice(0, BARS / 2);
  return shown.map((index) => {
    const share = probabilities[index]!;
    const bar = make('span', { class: 'bar', 'aria-hidden': 'true' });
    bar.style.setProperty('--share', `${100 * share}%`);
    return make(
      'li',
      {},
      make('span', { class: 'class' }, classes[index] ?? String(index)),
      bar,
      make('span', { class: 'share' }, `${(100 * share).toFixed(0)}\u00a0%`),
    );
  });
}
