/** The mean of several softmaxes, in logarithms. */
import type { Graph } from '../onnx/index.ts';

/** Below every logarithm of a float32, and still finite: 0 · −10³⁰ is 0, but 0 · −∞ is no number. */
const LEAST_LOG = -1e30;

/**
 * Adds log softmax over the last axis, with finite values for probabilities of 0.
 *
 * @param logits float32
 * @returns the same shape
 */
export function addLogSoftmax(graph: Graph, logits: string): string {
  return graph.add('Max', [graph.add('LogSoftmax', [logits], { axis: -1 }), graph.scalar(LEAST_LOG)]);
}

/**
 * Adds log( (1/n) Σ_i exp l_i ) over the first axis, of length n; nothing overflows, and what is small does not vanish.
 *
 * @param logProbabilities [n, examples, classes]
 * @returns [examples, classes]
 */
export function addLogMeanExp(graph: Graph, logProbabilities: string): string {
  const first = graph.ints([0]);
  const most = graph.add('ReduceMax', [logProbabilities, first], { keepdims: 1 });
  const parts = graph.add('Exp', [graph.add('Sub', [logProbabilities, most])]);
  const mean = graph.add('ReduceMean', [parts, first], { keepdims: 0 });
  return graph.add('Add', [graph.add('Log', [mean]), graph.add('Squeeze', [most, first])]);
}
