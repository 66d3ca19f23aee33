/** Evaluates a classifier as a detector, in one call. */
import type { ExampleSet } from '../data/example-set.ts';
import { renamed } from '../data/renamed.ts';
import { type Detector, type FittedDetector, msp } from '../detectors/index.ts';
import { OutlierExposureError } from '../errors.ts';
import type { Model } from '../onnx/index.ts';
import { type EvaluationOptions, evaluateClassifier } from './classifier.ts';
import type { ResultRow } from './rows.ts';

export interface EvaluateOptions
  extends Omit<EvaluationOptions, 'name' | 'outlierSets' | 'detectors' | 'seed' | 'extremes'> {
  /** D_out^test by name. */
  outliers: Readonly<Record<string, ExampleSet>>;
  /** Default: the maximum softmax probability. */
  detector?: Detector | FittedDetector;
  seed?: number;
}

export interface Evaluated {
  /** The share of misclassified in-distribution examples. */
  testError: number;
  /** The metrics of each set, by its name. */
  sets: Record<string, ResultRow>;
  /** The unweighted mean over the sets. */
  mean: ResultRow;
}

/**
 * Measures how well a detector tells a classifier's in-distribution examples from outliers.
 *
 * @throws OutlierExposureError `invalid-argument` without labels or without a set of outliers
 */
export async function evaluate(model: Model, options: EvaluateOptions): Promise<Evaluated> {
  const { outliers, detector = msp, seed = 1, ...rest } = options;
  const outlierSets = Object.entries(outliers).map(([name, set]) => renamed(set, name));
  if (outlierSets.length === 0) {
    throw new OutlierExposureError(
      'invalid-argument',
      'There is no set of outliers to test with: give at least one, { name: source }.',
    );
  }
  const { testError, rows } = await evaluateClassifier(model, {
    ...rest,
    name: 'model',
    outlierSets,
    detectors: [detector],
    seed,
  });
  const mean = rows.at(-1)!;
  return { testError, sets: Object.fromEntries(rows.slice(0, -1).map((each) => [each.set, each])), mean };
}
