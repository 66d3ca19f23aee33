/** The confidence branch (DeVries & Taylor 2018), and its exposure to outliers (Hendrycks, Mazeika & Dietterich 2019, section 4.3). */
import { CONFIDENCE } from '../classifier/index.ts';
import { OutlierExposureError } from '../errors.ts';
import { logProbabilityOfLabels } from './cross-entropy.ts';
import { type BatchValues, checkNumbers, type Objective, outlierLogitsOf } from './objective.ts';

export interface ConfidenceBranchOptions {
  /** λ, the weight of the outliers' term. Default 0.5, the paper's; 0 trains as DeVries & Taylor do, without outliers. */
  lambda?: number;
  /** β, what E_in[−log b] is steered to: how many hints there are. Default 0.3, DeVries & Taylor's. */
  budget?: number;
  /**
   * What the weight of E_in[−log b] is in the first step. Default 0.1, that of DeVries & Taylor's code. To expose a branch that
   * was trained before, λ is better: below it the outliers' pull carries the examples' confidence down with theirs, until
   * steering by a hundredth a step has caught up, which a short fine-tuning never sees. From the beginning it is too much.
   */
  start?: number;
  /**
   * Where the outliers' term ends: log b(x') counts as at least the logarithm of this, in (0, 1). Below it an outlier has
   * no gradient; without an end the term has no least value, and pulls for ever. The lower it is, the better outliers are told
   * apart, and the more accuracy that costs (docs/trained-scores.md has numbers). Default 1e-3, ours.
   */
  leastConfidence?: number;
}

/** The share of examples that are graded without a hint. */
const WITHOUT_HINT = 0.5;
const WEIGHT = 'confidenceWeight';

/**
 * L = E_in[ −log p'_y ] + w · E_in[ −log b(x) ] + λ · E_out[ max(log b(x'), log least) ].
 *
 * b = σ(s) is the branch's output and p = softmax(z). A random half of the examples gets a hint: its prediction is mixed with
 * its label, p' = b · p + (1 − b) · onehot(y), so that being unsure where p is wrong pays; the others keep p' = p. The
 * weight w is steered by the budget: w/1.01 for the next step where E_in[−log b] < β, else w/0.99.
 *
 * All of it is computed from logarithms, log p'_y = softplus(s + log p_y) − softplus(s), so that nothing has to be kept
 * from zero by an ε; the authors' code clamps p and b at 1e-12.
 *
 * Trains the output `confidence` of {@link withConfidenceBranch}; the detector `confidence` scores by it.
 *
 * @throws OutlierExposureError `invalid-argument` for options out of range
 */
export function confidenceBranch(options: ConfidenceBranchOptions = {}): Objective {
  const { lambda = 0.5, budget = 0.3, start = 0.1, leastConfidence = 1e-3 } = options;
  checkNumbers('The confidence branch', 'from', { lambda });
  checkNumbers('The confidence branch', 'above', { budget, start, leastConfidence });
  if (leastConfidence >= 1) {
    throw new OutlierExposureError(
      'invalid-argument',
      `The confidence branch cannot have leastConfidence = ${leastConfidence}: give a number between 0 and 1.`,
    );
  }
  return {
    name: 'confidence-branch',
    outliers: lambda > 0,
    branch: CONFIDENCE,
    state: { [WEIGHT]: start },
    build(values) {
      const { graph, state } = values;
      const weight = state![WEIGHT]!;
      const mean = (value: string) => graph.add('ReduceMean', [value], { keepdims: 0 });
      const crossEntropy = graph.add('Neg', [mean(hintedLogProbability(values))]);
      const confidence = graph.add('Neg', [mean(logSigmoid(values, values.inlierBranch!))]);
      let loss = graph.add('Add', [crossEntropy, graph.add('Mul', [weight, confidence])]);
      const parts: Record<string, string> = { crossEntropy, confidence, [WEIGHT]: weight };
      if (lambda > 0) {
        outlierLogitsOf(values, 'Exposing a confidence branch');
        const floor = graph.scalar(Math.log(leastConfidence));
        parts.outlierLogConfidence = mean(
          graph.add('Max', [logSigmoid(values, values.outlierBranch!), floor]),
        );
        const weighted = graph.add('Mul', [graph.scalar(lambda), parts.outlierLogConfidence]);
        loss = graph.add('Add', [loss, weighted]);
      }
      const below = graph.add('Less', [confidence, graph.scalar(budget)]);
      const factor = graph.add('Where', [below, graph.scalar(1 / 1.01), graph.scalar(1 / 0.99)]);
      return { loss, parts, next: { [WEIGHT]: graph.add('Mul', [weight, factor]) } };
    },
  };
}

/** log p'_y, [inliers]. */
function hintedLogProbability(values: BatchValues): string {
  const { graph } = values;
  const logProbability = logProbabilityOfLabels(values);
  const branch = graph.add('Squeeze', [values.inlierBranch!, graph.ints([1])]);
  const hinted = graph.add('Sub', [
    graph.add('Softplus', [graph.add('Add', [branch, logProbability])]),
    graph.add('Softplus', [branch]),
  ]);
  const hints = values.mask!('hints', WITHOUT_HINT);
  return graph.add('Add', [
    logProbability,
    graph.add('Mul', [hints, graph.add('Sub', [hinted, logProbability])]),
  ]);
}

/** log σ(s), without overflow. */
function logSigmoid({ graph }: BatchValues, logit: string): string {
  return graph.add('Neg', [graph.add('Softplus', [graph.add('Neg', [logit])])]);
}
