/** Of how many kinds outliers are. */
import { subset } from '../../../data/index.ts';
import { OutlierExposureError } from '../../../errors.ts';
import { Random } from '../../../random.ts';
import type { Ablation, AblationContext } from '../ablation.ts';
import { wholeNumberOf } from '../level-text.ts';

export const diversity: Ablation = {
  name: 'diversity',
  title: 'How diverse the outliers are',
  question: 'Does it help when the outliers are of many kinds, their number staying the same?',
  factor: 'classes of outliers',
  levelsAre: 'ordered',
  paper:
    'The paper exposes a CIFAR-10 classifier to 10, 30 and 50 classes of CIFAR-100 and finds AUPRs of 78.5, 85.1 and 85.3 % (section 5).',
  expected: 'a whole number of classes, or "all"',
  usual(context: AblationContext) {
    const known = classesOf(context).length;
    const counts = known > 50 ? [10, 30, 50] : [1, 2, 5];
    return [...counts.filter((count) => count < known).map(String), 'all'];
  },
  async levels(texts, context) {
    const { outliers, seed } = context;
    const labels = outliers.labels ?? [];
    const classes = classesOf(context);
    // Each level's classes are among those of the next one.
    const order = [...Random.from(seed, 'classes').permutation(classes.length)].map((at) => classes[at]!);
    const parts = texts.map((text) => {
      const count = text === 'all' ? classes.length : wholeNumberOf(text, 1, classes.length);
      if (count === undefined) return undefined;
      const taken = new Set(order.slice(0, count));
      const indices = Uint32Array.from([...labels.keys()].filter((i) => taken.has(labels[i]!)));
      return { text, count, source: subset(outliers, indices) };
    });
    const images = Math.min(...parts.map((part) => part?.source.length ?? Number.POSITIVE_INFINITY));
    return parts.map(
      (part) =>
        part && {
          name: part.text,
          title: `${part.count} ${part.count === 1 ? 'class' : 'classes'} of outliers`,
          outliers: part.source.length === images ? part.source : subset(part.source, images, { seed }),
        },
    );
  },
};

/** The classes that occur. */
function classesOf({ outliers }: AblationContext): number[] {
  const classes = [...new Set(outliers.labels ?? [])].sort((a, b) => a - b);
  if (classes.length > 1) return classes;
  throw new OutlierExposureError(
    'invalid-argument',
    `"${outliers.name}" has no classes to choose among: name outliers with labels (--outliers), such as fashion-mnist.`,
  );
}
