/** In which order outliers are taken. */
import { type ImageSource, subset } from '../../../data/index.ts';
import type { Ablation, Level } from '../ablation.ts';

export const order: Ablation = {
  name: 'order',
  title: 'The order of the outliers',
  question: 'Does it matter whether neighbouring outliers come together, or all are shuffled?',
  factor: 'order of outliers',
  levelsAre: 'kinds',
  paper:
    'The authors’ code reads outliers in their set’s own order from a random place on, so that a batch holds neighbours; it does not compare that with shuffling.',
  expected: '"shuffled", "local" or "by-class"',
  usual: ({ outliers }) => ['shuffled', 'local', ...(outliers.labels ? ['by-class'] : [])],
  async levels(texts, { outliers }) {
    return texts.map((text): Level | undefined => {
      switch (text) {
        case 'shuffled':
          return { name: text, title: 'shuffled', order: 'shuffled' };
        case 'local':
          return { name: text, title: 'in the set’s own order', order: 'local' };
        case 'by-class': {
          if (!outliers.labels) return undefined;
          return {
            name: text,
            title: 'one class after the other',
            order: 'local',
            outliers: byClass(outliers),
          };
        }
        default:
          return undefined;
      }
    });
  },
};

/** The whole set, one class after the other. */
function byClass(source: ImageSource): ImageSource {
  const labels = source.labels!;
  return subset(
    source,
    Uint32Array.from([...labels.keys()].sort((a, b) => labels[a]! - labels[b]! || a - b)),
  );
}
