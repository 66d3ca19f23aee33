/** Outlier Exposure on the hardest outliers of a batch: online hard example mining (Shrivastava, Gupta & Girshick 2016). */
import { OutlierExposureError } from '../errors.ts';
import { dataTypeOf } from '../onnx/index.ts';
import { meanCrossEntropy } from './cross-entropy.ts';
import { checkNumbers, type Objective, outlierLogitsOf } from './objective.ts';

/**
 * L = E_in[ cross-entropy ] + λ · mean over the `kept` outliers of the highest max_k p_k of H(U; p).
 *
 * The batch's outliers are a pool: all go through the network, and only those that it takes for a class with the most
 * confidence teach it. With as many kept as the pool holds, this is Outlier Exposure. Outliers that tie with the last one
 * kept are kept too.
 *
 * @param kept how many outliers of each batch; at most the batch's outliers
 * @param lambda the weight of the outliers' term; default 0.5, as for Outlier Exposure
 * @throws OutlierExposureError `invalid-argument` for a count that is no whole number above 0, or a weight below 0
 */
export function hardOutlierExposure({ kept, lambda = 0.5 }: { kept: number; lambda?: number }): Objective {
  checkNumbers('Hard outlier mining', 'from', { lambda });
  if (!Number.isSafeInteger(kept) || kept < 1) {
    throw new OutlierExposureError(
      'invalid-argument',
      `Hard outlier mining cannot keep ${kept} outliers of each batch: give a whole number of 1 or more.`,
    );
  }
  return {
    name: 'hard-outlier-exposure',
    outliers: true,
    build(values) {
      const { graph } = values;
      const crossEntropy = meanCrossEntropy(values);
      const logits = outlierLogitsOf(values, 'Hard outlier mining');
      const axis = graph.ints([1]);
      const logSumExp = graph.add('ReduceLogSumExp', [logits, axis], { keepdims: 0 });
      const mean = graph.add('ReduceMean', [logits, axis], { keepdims: 0 });
      const each = graph.add('Sub', [logSumExp, mean]);
      // log max_k p_k; it decides who is chosen, and no gradient goes through it.
      const confidence = graph.add('Sub', [
        graph.add('ReduceMax', [logits, axis], { keepdims: 0 }),
        logSumExp,
      ]);
      const [highest] = graph.addMany('TopK', [confidence, graph.ints([kept])], 2, { axis: 0 });
      const last = graph.add('ReduceMin', [highest, graph.ints([0])], { keepdims: 0 });
      const chosen = graph.add('Cast', [graph.add('GreaterOrEqual', [confidence, last])], {
        to: dataTypeOf('float32'),
      });
      const sum = (value: string) => graph.add('ReduceSum', [value, graph.ints([0])], { keepdims: 0 });
      const uniformCrossEntropy = graph.add('Div', [sum(graph.add('Mul', [each, chosen])), sum(chosen)]);
      const weighted = graph.add('Mul', [graph.scalar(lambda), uniformCrossEntropy]);
      return {
        loss: graph.add('Add', [crossEntropy, weighted]),
        parts: { crossEntropy, uniformCrossEntropy },
      };
    },
  };
}
