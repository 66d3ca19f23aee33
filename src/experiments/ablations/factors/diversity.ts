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
    const members = new Map(classes.map((label) => [label, membersOf(labels, label, seed)]));
    const counts = texts.map((text) =>
      text === 'all' ? classes.length : wholeNumberOf(text, 1, classes.length),
    );
    const sizeOf = (count: number) =>
      order.slice(0, count).reduce((sum, label) => sum + members.get(label)!.length, 0);
    const images = Math.min(...counts.flatMap((count) => (count === undefined ? [] : sizeOf(count))));
    return counts.map((count, i) => {
      if (count === undefined) return undefined;
      const taken = order.slice(0, count).map((label) => members.get(label)!);
      return {
        name: texts[i]!,
        title: `${count} ${count === 1 ? 'class' : 'classes'} of outliers`,
        outliers: subset(outliers, inTurn(taken, images).sort()),
      };
    });
  },
};

/** The images of a class, in an order that the seed decides. */
function membersOf(labels: ArrayLike<number>, label: number, seed: number): number[] {
  const all = Array.from(labels, (each, i) => (each === label ? i : -1)).filter((i) => i >= 0);
  return [...Random.from(seed, 'members', label).permutation(all.length)].map((at) => all[at]!);
}

/** One of each list, then another of each, until there are enough. */
function inTurn(lists: readonly (readonly number[])[], count: number): Uint32Array {
  const taken: number[] = [];
  for (let turn = 0; taken.length < count; turn++)
    for (const list of lists) if (turn < list.length && taken.length < count) taken.push(list[turn]!);
  return Uint32Array.from(taken);
}

/** The classes that occur. */
function classesOf({ outliers }: AblationContext): number[] {
  const classes = [...new Set(outliers.labels ?? [])].sort((a, b) => a - b);
  if (classes.length > 1) return classes;
  throw new OutlierExposureError(
    'invalid-argument',
    `"${outliers.name}" has no classes to choose among: name outliers with labels (--outliers), such as fashion-mnist.`,
  );
}
