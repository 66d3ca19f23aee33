/** What training minimizes: nodes from a model's logits to one number. */
import type { Branch } from '../classifier/index.ts';
import { OutlierExposureError } from '../errors.ts';
import type { Graph } from '../onnx/index.ts';

/** The stacked batch as an objective sees it: in-distribution examples first, then outliers. */
export interface BatchValues {
  graph: Graph;
  /** [inliers, classes]. */
  inlierLogits: string;
  /** [outliers, classes]; `undefined` when the batch has none. */
  outlierLogits: string | undefined;
  /** Class indices of the in-distribution examples, int64 [inliers]. */
  labels: string;
  /** [inliers, classes]: what the teacher says of the in-distribution examples; of objectives with a teacher. */
  teacherLogits?: string | undefined;
  classes: number;
  /** What the model's branch says of either part, [inliers, 1] and [outliers, 1]; of objectives with a branch. */
  inlierBranch?: string | undefined;
  outlierBranch?: string | undefined;
  /** The values of {@link Objective.state} before the step, scalars; of objectives with a state. */
  state?: Readonly<Record<string, string>>;
  /**
   * Adds a mask over the in-distribution examples, [inliers], which is drawn anew for each step: 0 for a share `ratio` of
   * them, 1 for the others. Masks differ by their key.
   */
  mask?(key: string, ratio: number): string;
}

export interface ObjectiveValues {
  /** The scalar to minimize. */
  loss: string;
  /** Scalars worth watching, by name; the loss's parts, unweighted. */
  parts: Record<string, string>;
  /** The values of {@link Objective.state} after the step, scalars by the same names. */
  next?: Readonly<Record<string, string>>;
}

export interface Objective {
  name: string;
  /** Whether it looks at outliers. */
  outliers: boolean;
  /** Whether it needs the logits of a teacher. Default no. */
  teacher?: boolean;
  /** Which branch of the model it trains. Default none. */
  branch?: Branch;
  /** Numbers that it carries from step to step, and their first values; they go into checkpoints. */
  state?: Readonly<Record<string, number>>;
  build(values: BatchValues): ObjectiveValues;
}

/**
 * The outliers' logits of a batch.
 *
 * @throws OutlierExposureError `invalid-argument` when it has none
 */
export function outlierLogitsOf({ outlierLogits }: BatchValues, what: string): string {
  if (outlierLogits !== undefined) return outlierLogits;
  throw new OutlierExposureError(
    'invalid-argument',
    `${what} needs outliers in the batch: give an outlier set and its batch size.`,
  );
}

/**
 * A number of an objective's options.
 *
 * @throws OutlierExposureError `invalid-argument` unless it is finite and at least (`'from'`) or above (`'above'`) zero
 */
export function checkNumbers(what: string, bound: 'from' | 'above', numbers: Record<string, number>): void {
  for (const [name, value] of Object.entries(numbers)) {
    if (Number.isFinite(value) && (bound === 'from' ? value >= 0 : value > 0)) continue;
    throw new OutlierExposureError(
      'invalid-argument',
      `${what} cannot have ${name} = ${value}: give a finite number ${bound === 'from' ? 'of at least' : 'above'} 0.`,
    );
  }
}
