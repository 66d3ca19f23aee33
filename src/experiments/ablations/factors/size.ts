/** How many outliers there are. */
import { subset } from '../../../data/index.ts';
import type { Ablation, AblationContext } from '../ablation.ts';
import { wholeNumberOf } from '../level-text.ts';

const SIZES = [100, 1000, 10_000];

export const size: Ablation = {
  name: 'size',
  title: 'How many outliers',
  question: 'How many different outliers does a classifier have to see?',
  factor: 'outliers in the set',
  levelsAre: 'ordered',
  paper:
    'The paper finds that some 50,000 outliers are about as good as 80 million, where they are as diverse (section 5).',
  expected: 'a whole number of outliers, or "all"',
  usual: ({ outliers }: AblationContext) => [
    ...SIZES.filter((count) => count < outliers.length).map(String),
    'all',
  ],
  async levels(texts, { outliers, seed }) {
    return texts.map((text) => {
      const count = text === 'all' ? outliers.length : wholeNumberOf(text, 1, outliers.length);
      if (count === undefined) return undefined;
      return {
        name: text,
        title: `${count.toLocaleString('en')} outliers${text === 'all' ? ', all there are' : ''}`,
        outliers: count === outliers.length ? outliers : subset(outliers, count, { seed }),
      };
    });
  },
};
