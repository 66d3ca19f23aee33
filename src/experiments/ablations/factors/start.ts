/** Whether outliers are shown from the beginning, or to a trained classifier. */
import type { Ablation, Level } from '../ablation.ts';

export const start: Ablation = {
  name: 'start',
  title: 'When the outliers are shown',
  question: 'Is it better to fine-tune a trained classifier, or to train with outliers from the beginning?',
  factor: 'trained',
  levelsAre: 'kinds',
  paper:
    'On CIFAR-10 the authors’ code gives an FPR95 of 34.94 % without exposure, 9.50 % fine-tuned and 6.15 % from scratch, with test errors of 5.16, 5.27 and 4.26 %.',
  fromScratch: true,
  expected: '"tune" or "scratch"',
  usual: () => ['tune', 'scratch'],
  async levels(texts, { scratch }) {
    return texts.map((text): Level | undefined => {
      if (text === 'tune') return { name: text, title: 'fine-tuned' };
      if (text !== 'scratch') return undefined;
      return { name: text, title: 'from scratch', start: 'new network', ...scratch };
    });
  },
};
