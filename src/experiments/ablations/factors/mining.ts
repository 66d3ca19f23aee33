/** Whether the hardest outliers are chosen. */
import { hardOutlierExposure } from '../../../objectives/index.ts';
import type { Ablation } from '../ablation.ts';
import { wholeNumberOf } from '../level-text.ts';

export const mining: Ablation = {
  name: 'mining',
  title: 'Choosing the hardest outliers',
  question: 'Does it help to learn from those outliers alone that the classifier is most sure about?',
  factor: 'outliers looked at for each that is kept',
  levelsAre: 'ordered',
  paper:
    'The paper reports that hard example mining helps with difficult test outliers and hurts with noise (section 5).',
  expected: 'a whole number from 1 to 64: how many outliers are looked at for each that is kept',
  usual: () => ['1', '2', '4'],
  async levels(texts, { tuning }) {
    const { lambda, batch } = tuning;
    return texts.map((text) => {
      const times = wholeNumberOf(text, 1, 64);
      if (times === undefined) return undefined;
      const kept = batch.outliers;
      return {
        name: text,
        title: times === 1 ? `all ${kept}, none chosen` : `the hardest ${kept} of ${times * kept}`,
        batch: { inliers: batch.inliers, outliers: times * kept },
        objective: hardOutlierExposure({ kept, lambda }),
      };
    });
  },
};
