/** How many outliers stand beside the in-distribution examples of a batch. */
import type { Ablation } from '../ablation.ts';
import { numberOf } from '../level-text.ts';

export const ratio: Ablation = {
  name: 'ratio',
  title: 'How many outliers a step',
  question: 'How many outliers should a batch hold for each in-distribution example?',
  factor: 'outliers for each in-distribution example',
  levelsAre: 'ordered',
  paper: 'The paper’s code takes two outliers for each in-distribution image, and one for each text.',
  expected: 'a number from 0.01 to 100',
  usual: () => ['0.25', '0.5', '1', '2', '4'],
  async levels(texts, { tuning }) {
    return texts.map((text) => {
      const value = numberOf(text, 0.01, 100);
      if (value === undefined) return undefined;
      const { inliers } = tuning.batch;
      const outliers = Math.max(1, Math.round(inliers * value));
      return { name: text, title: `${inliers} + ${outliers} a step`, batch: { inliers, outliers } };
    });
  },
};
