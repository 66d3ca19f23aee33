import { describe, expect, it } from 'vitest';
import {
  type Published,
  publishedCifar10,
  publishedCifar100,
  publishedMnist,
  publishedNewsgroups,
  publishedPlaces365,
  publishedSst,
  publishedSvhn,
  publishedTinyImagenet,
  publishedTrec,
} from './index.ts';

const TABLES: [name: string, Published][] = [
  ['mnist', publishedMnist],
  ['cifar10', publishedCifar10('wrn-40-2')],
  ['cifar100', publishedCifar100('wrn-40-2')],
  ['svhn', publishedSvhn('wrn-16-4')],
  ['tiny-imagenet', publishedTinyImagenet('wrn-40-2')],
  ['places365', publishedPlaces365()],
  ['20newsgroups', publishedNewsgroups],
  ['trec', publishedTrec],
  ['sst', publishedSst],
];
const MEASURES = ['fpr', 'auroc', 'aupr'] as const;

/** Table 1: FPR95, AUROC and AUPR, baseline → + OE; of texts Table 2, with FPR90. */
const TABLES_1_AND_2: Record<string, [number, number, number, number, number, number]> = {
  svhn: [6.3, 0.1, 98.0, 100.0, 91.1, 99.9],
  cifar10: [34.9, 9.5, 89.3, 97.8, 59.2, 90.5],
  cifar100: [62.7, 38.5, 73.1, 87.9, 30.1, 58.2],
  'tiny-imagenet': [66.3, 14.0, 64.9, 92.2, 27.2, 79.3],
  places365: [63.5, 28.2, 66.5, 90.6, 33.1, 71.0],
  '20newsgroups': [42.4, 4.9, 82.7, 97.7, 49.9, 91.9],
  trec: [43.5, 0.8, 82.1, 99.3, 52.2, 97.6],
  sst: [74.9, 27.3, 61.6, 89.3, 22.9, 59.4],
};

/** Where the paper's own means and rows disagree. */
const LOOSE_MEANS: Record<string, number> = { trec: 0.0021, sst: 0.0018 };

describe.each(TABLES)('what was published for %s', (name, { rows, testError }) => {
  it('is made of fractions', () => {
    for (const sets of Object.values(rows))
      for (const numbers of Object.values(sets))
        for (const value of Object.values(numbers)) expect(value >= 0 && value <= 1).toBe(true);
    for (const error of Object.values(testError)) expect(error > 0 && error < 0.5).toBe(true);
  });

  it('has means that are the means of its rows', () => {
    // Of MNIST's eight sets, one (Icons-50) has no row here.
    if (name === 'mnist') return expect(rows.baseline).not.toHaveProperty('icons-50');
    for (const model of ['baseline', 'oe-tune']) {
      const { mean, misclassified: _, ...sets } = rows[model]!;
      expect(Object.keys(sets).length).toBeGreaterThanOrEqual(7);
      for (const measure of MEASURES) {
        const values = Object.values(sets).map((numbers) => numbers[measure]);
        const average = values.reduce((sum, value) => sum + value, 0) / values.length;
        // The rows are rounded to a tenth of a percent, the means to a hundredth.
        expect(Math.abs(average - mean![measure]), `${model} ${measure}`).toBeLessThan(
          LOOSE_MEANS[name] ?? 0.0006,
        );
      }
    }
  });

  it('agrees with Table 1 or 2', () => {
    const expected = TABLES_1_AND_2[name];
    if (!expected) return expect(name).toBe('mnist');
    const found = MEASURES.flatMap((measure) =>
      ['baseline', 'oe-tune'].map((model) => 100 * rows[model]!.mean![measure]),
    );
    for (const [i, value] of found.entries())
      expect(Math.abs(value - expected[i]!), `number ${i}`).toBeLessThan(0.0501);
  });
});

describe('Tables 3 and 4', () => {
  const means = (published: Published, models: string[]) =>
    models.map((model) =>
      MEASURES.map((measure) => Number((100 * published.rows[model]!.mean![measure]).toFixed(1))),
    );

  it.each([
    [
      'cifar10',
      publishedCifar10,
      [49.3, 84.4, 51.9],
      [20.8, 93.7, 66.6],
      [32.3, 88.1, 51.1],
      [11.8, 97.2, 88.5],
    ],
    [
      'cifar100',
      publishedCifar100,
      [55.6, 77.6, 36.5],
      [42, 85.5, 54.7],
      [66.6, 67.2, 27.4],
      [49, 77.9, 44.7],
    ],
  ] as const)('stand beside branches and synthetic outliers: %s', (_, published, msp, branch, plain, gan) => {
    const [third, fourth] = [
      published('wrn-40-4', ['baseline', 'branch', 'branch-oe']),
      published('wrn-40-4', ['baseline', 'gan', 'gan-oe']),
    ];
    expect(means(third, ['baseline', 'branch-oe'])).toEqual([msp, branch]);
    expect(means(fourth, ['baseline', 'gan-oe'])).toEqual([plain, gan]);
    expect([third.score, fourth.score, published('wrn-40-4', ['baseline', 'oe-tune']).score]).toEqual([
      'own',
      undefined,
      undefined,
    ]);
    // Their baselines differ, so that none stands beside a run with several.
    const all = published('wrn-40-4', ['baseline', 'oe-tune', 'branch', 'branch-oe', 'gan']);
    expect(all.rows).not.toHaveProperty('baseline');
    expect(means(all, ['branch-oe'])).toEqual([branch]);
    expect(all.source).toMatch(/Tables 3, 4 and 7$/);
  });
});

it('stand beside branches: tiny-imagenet, with other outliers', () => {
  const third = publishedTinyImagenet('wrn-40-4', ['baseline', 'branch', 'branch-oe']);
  const means = ['baseline', 'branch', 'branch-oe'].map((model) =>
    MEASURES.map((measure) => Number((100 * third.rows[model]!.mean![measure]).toFixed(1))),
  );
  expect(means).toEqual([
    [64.3, 65.3, 30.3],
    [66.9, 63.4, 25.7],
    [20.1, 90.6, 75.2],
  ]);
  expect([third.score, third.source]).toEqual(['own', expect.stringMatching(/Table 3$/)]);
  expect(third.note).toMatch(/ImageNet-22K/);
});

describe('the numbers of AllConv', () => {
  /** Table 9. */
  it.each([
    ['svhn', publishedSvhn, [6.84, 0.08, 98.1, 100, 90.9, 99.8]],
    ['cifar10', publishedCifar10, [28.4, 14.0, 90.1, 96.7, 58.9, 87.3]],
    ['cifar100', publishedCifar100, [57.5, 43.3, 76.7, 85.3, 33.9, 51.3]],
    ['tiny-imagenet', publishedTinyImagenet, [75.5, 25.0, 55.4, 82.9, 25.6, 75.3]],
  ] as const)('agree with Table 9: %s', (_, published, expected) => {
    const { rows, note } = published('allconv');
    const found = MEASURES.flatMap((measure) =>
      ['baseline', 'oe-tune'].map((model) => 100 * rows[model]!.mean![measure]),
    );
    for (const [i, value] of found.entries()) expect(Math.abs(value - expected[i]!)).toBeLessThan(0.0501);
    expect(note).toContain('AllConv');
    // Of another network, the main table's.
    expect(published('resnet-20')).toBe(published('wrn-40-2'));
  });
});
