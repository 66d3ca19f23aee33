/** The form of numbers that the paper's authors published, to stand beside ours. */
import type { ModelName } from '../declaration.ts';

/** Fractions, 0 to 1. */
export interface PublishedNumbers {
  fpr: number;
  auroc: number;
  aupr: number;
}

/** By model, then by test set; `'mean'` is over the authors' own sets. */
export interface Published {
  source: string;
  /** What to know before comparing: the outliers they trained with, the network. */
  note?: string;
  /** Default `'msp'`, the maximum softmax probability; `'own'` where each model was scored by what it is made for. */
  score?: 'msp' | 'own';
  /** The N of FPRN. */
  n: number;
  testError: Record<string, number>;
  rows: Record<string, Record<string, PublishedNumbers>>;
}

/** Numbers as the paper prints them, in percent. */
export function percent(fpr: number, auroc: number, aupr: number): PublishedNumbers {
  return { fpr: fpr / 100, auroc: auroc / 100, aupr: aupr / 100 };
}

/** Rows of Table 7 in percent: FPR95 of the baseline and after exposure, AUROC of both, AUPR of both. */
export type Table7 = Record<string, [number, number, number, number, number, number]>;

/** The rows of the baseline and of the fine-tuned model. */
export function rowsOf(table: Table7): Record<'baseline' | 'oe-tune', Record<string, PublishedNumbers>> {
  const rows = (at: 0 | 1) =>
    Object.fromEntries(
      Object.entries(table).map(([set, row]) => [set, percent(row[at], row[at + 2]!, row[at + 4]!)]),
    );
  return { baseline: rows(0), 'oe-tune': rows(1) };
}

/** Means alone, where no rows were published. */
export function meansOf(
  means: Partial<Record<ModelName, [fpr: number, auroc: number, aupr: number]>>,
): Published['rows'] {
  return Object.fromEntries(
    Object.entries(means).map(([model, numbers]) => [model, { mean: percent(...numbers) }]),
  );
}

export const PAPER = 'Hendrycks, Mazeika, Dietterich 2019, Table 7';
export const REPOSITORY = 'github.com/hendrycks/outlier-exposure';
