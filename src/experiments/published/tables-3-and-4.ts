/** What was published for confidence branches (Table 3) and for synthetic outliers (Table 4): means over test sets alone. */
import type { ModelName } from '../declaration.ts';
import { meansOf, type Published } from './published.ts';

type Means = [fpr: number, auroc: number, aupr: number];
/** Which sets the tables have, and what the models were exposed to. */
const OUTLIERS = {
  cifar10: '80 Million Tiny Images',
  cifar100: '80 Million Tiny Images',
  'tiny-imagenet': "ImageNet-22K without ImageNet-1K's classes",
} as const;
type Named = keyof typeof OUTLIERS;

/** MSP → branch → branch + OE. */
const TABLE_3: Record<Named, Record<'baseline' | 'branch' | 'branch-oe', Means>> = {
  cifar10: { baseline: [49.3, 84.4, 51.9], branch: [38.7, 86.9, 48.6], 'branch-oe': [20.8, 93.7, 66.6] },
  cifar100: { baseline: [55.6, 77.6, 36.5], branch: [47.9, 81.2, 44.4], 'branch-oe': [42, 85.5, 54.7] },
  'tiny-imagenet': {
    baseline: [64.3, 65.3, 30.3],
    branch: [66.9, 63.4, 25.7],
    'branch-oe': [20.1, 90.6, 75.2],
  },
};
/** MSP → GAN → GAN + OE. */
const TABLE_4: Record<'cifar10' | 'cifar100', Record<'baseline' | 'gan' | 'gan-oe', Means>> = {
  cifar10: { baseline: [32.3, 88.1, 51.1], gan: [37.3, 89.6, 59], 'gan-oe': [11.8, 97.2, 88.5] },
  cifar100: { baseline: [66.6, 67.2, 27.4], gan: [66.2, 69.3, 33], 'gan-oe': [49, 77.9, 44.7] },
};

/**
 * The numbers for a run's models: those of the experiment's own table, unless the run has confidence branches or synthetic
 * outliers. Each table has a baseline of its own; a run with models of several has none published beside its baseline.
 */
export function withTables3And4(
  name: Named,
  published: Published,
  models: readonly ModelName[] = [],
): Published {
  const [branches, made] = [models.includes('branch'), models.includes('gan')];
  if (!branches && !made) return published;
  const exposed = models.includes('oe-tune') || models.includes('oe-scratch');
  const tables = [
    ...(branches ? [3] : []),
    ...(made ? [4] : []),
    // Its own table's numbers are of MSP, the classifiers' own score.
    ...(exposed ? [7] : []),
  ];
  const { baseline, ...rows } = {
    ...(exposed ? published.rows : {}),
    ...(branches ? meansOf(TABLE_3[name]) : {}),
    ...(made && name !== 'tiny-imagenet' ? meansOf(TABLE_4[name]) : {}),
  };
  const many = tables.length > 1;
  return {
    source: `Hendrycks, Mazeika, Dietterich 2019, ${many ? `Tables ${tables.slice(0, -1).join(', ')} and ${tables.at(-1)}` : `Table ${tables[0]}`}`,
    note: [
      `The published means are over the authors' own test sets, the network of branches and synthetic outliers was WRN-40-4 and the outliers were ${OUTLIERS[name]}.`,
      ...(branches
        ? [
            'Each model is scored by what it is made for: classifiers by MSP, those with a branch by 1 − b(x).',
            'The published baseline of branches is the MSP of the network with the branch; here that is in the table of MSP.',
          ]
        : []),
      ...(many ? ['Each of the tables has another baseline, so that none stands beside it.'] : []),
    ].join(' '),
    n: published.n,
    testError: {},
    rows: many ? rows : { baseline: baseline!, ...rows },
    ...(branches ? { score: 'own' as const } : {}),
  };
}
