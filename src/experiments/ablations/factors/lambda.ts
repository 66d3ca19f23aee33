/** How much outliers weigh. */
import type { Ablation } from '../ablation.ts';
import { numberOf } from '../level-text.ts';

export const lambda: Ablation = {
  name: 'lambda',
  title: 'How much the outliers weigh',
  question: 'How strongly does the weight λ of the outliers’ term decide the outcome?',
  factor: 'λ',
  levelsAre: 'ordered',
  paper: 'The paper takes λ = 0.5 for images and 1 for texts, chosen on validation outliers (section 4).',
  expected: 'a number from 0 to 1000',
  // 0 shows what longer training alone does.
  usual: () => ['0', '0.1', '0.25', '0.5', '1', '2'],
  async levels(texts) {
    return texts.map((text) => {
      const value = numberOf(text, 0, 1000);
      if (value === undefined) return undefined;
      return {
        name: text,
        title: `λ = ${text}${value === 0 ? ': trained on, not exposed' : ''}`,
        lambda: value,
      };
    });
  },
};
