/** How near outliers are to what the model knows. */
import { type ImageSource, noised, subset } from '../../../data/index.ts';
import type { Ablation, AblationContext } from '../ablation.ts';

/** From far to near; other experiments take what they are exposed to as a rule for the near ones. */
const KINDS: Record<string, readonly string[]> = {
  mnist: ['gaussian', 'noised', 'icons', 'fashion-mnist'],
  cifar10: ['gaussian', 'noised', 'textures'],
  cifar100: ['gaussian', 'noised', 'textures'],
};

export const closeness: Ablation = {
  name: 'closeness',
  title: 'How near the outliers are',
  question:
    'Which outliers teach a classifier the most about others: noise, noised examples of its own, or pictures?',
  factor: 'outliers shown',
  levelsAre: 'kinds',
  paper:
    'The paper finds that noised in-distribution examples do not generalize to other outliers while realistic and diverse ones do, that these need not be like the test outliers, and that it helps when they are near to the in-distribution ones (section 5).',
  expected: '"gaussian", "noised", or a set as --outliers takes it (NAME, or NAME=PATH)',
  usual({ declaration, outliers }: AblationContext) {
    const kinds = KINDS[declaration.name] ?? ['gaussian', 'noised'];
    return kinds.includes(outliers.name) ? kinds : [...kinds, outliers.name];
  },
  async levels(texts, context) {
    const { inliers, outliers, seed } = context;
    const { many } = context.declaration.subject;
    const sets: { name: string; title: string; source: ImageSource }[] = [];
    for (const text of texts) {
      if (text === 'gaussian') {
        const source = context.noise(inliers.train.length);
        sets.push({ name: text, title: 'Gaussian noise', source });
      } else if (text === 'noised') {
        const source = { ...noised(inliers.train, { seed }), name: 'noised' };
        sets.push({ name: text, title: `${many} with Gaussian noise`, source });
      } else {
        const source = text === outliers.name ? outliers : await context.openOutliers(text);
        sets.push({ name: source.name, title: source.name, source });
      }
    }
    // As many of each: what differs is what they show.
    const count = Math.min(...sets.map(({ source }) => source.length));
    return sets.map(({ name, title, source }) => ({
      name,
      title,
      outliers: source.length === count ? source : subset(source, count, { seed }),
    }));
  },
};
