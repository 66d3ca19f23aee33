/** Distillation: a loss that keeps a model's answers near those of another one (Hinton, Vinyals & Dean 2015). */
import { OutlierExposureError } from '../errors.ts';
import type { BatchValues, Objective } from './objective.ts';

export interface DistillationOptions {
  /** The weight beside the other loss, at least 0. Default 1. */
  weight?: number;
  /** What both models' logits are divided by, above 0: the higher, the more unlikely classes count. Default 2. */
  temperature?: number;
}

/**
 * L = L' + weight · T² · mean_i KL( softmax(t(x_i) / T) ‖ softmax(f(x_i) / T) ) over the in-distribution examples, with the
 * logits t of a frozen teacher: the model before it was exposed to outliers, say. T² keeps the gradient's size, whatever
 * the temperature.
 *
 * @param objective L', which sees the same batch
 * @throws OutlierExposureError `invalid-argument` for a weight below 0 or a temperature that is not above 0
 */
export function withDistillation(
  objective: Objective,
  { weight = 1, temperature = 2 }: DistillationOptions = {},
): Objective {
  if (!(weight >= 0 && Number.isFinite(weight) && temperature > 0 && Number.isFinite(temperature))) {
    throw new OutlierExposureError(
      'invalid-argument',
      `Distillation was given the weight ${weight} and the temperature ${temperature}, but needs a weight of at least 0 and a temperature above 0.`,
    );
  }
  return {
    ...objective,
    name: `${objective.name}+distillation`,
    teacher: true,
    build(values) {
      const { loss, parts, ...rest } = objective.build(values);
      const { graph } = values;
      const distillation = meanDivergence(values, temperature);
      const weighted = graph.add('Mul', [graph.scalar(weight), distillation]);
      return { loss: graph.add('Add', [loss, weighted]), parts: { ...parts, distillation }, ...rest };
    },
  };
}

/** T² · mean KL(teacher ‖ model); a scalar. */
function meanDivergence({ graph, inlierLogits, teacherLogits }: BatchValues, temperature: number): string {
  if (teacherLogits === undefined) {
    throw new OutlierExposureError(
      'invalid-argument',
      'Distillation needs a teacher: give the model whose answers are to be kept.',
    );
  }
  const logProbabilities = (logits: string) =>
    graph.add('LogSoftmax', [graph.add('Mul', [logits, graph.scalar(1 / temperature)])], { axis: -1 });
  const teacher = logProbabilities(teacherLogits);
  const difference = graph.add('Sub', [teacher, logProbabilities(inlierLogits)]);
  const weighted = graph.add('Mul', [graph.add('Exp', [teacher]), difference]);
  const perExample = graph.add('ReduceSum', [weighted, graph.ints([1])], { keepdims: 0 });
  const mean = graph.add('ReduceMean', [perExample], { keepdims: 0 });
  return graph.add('Mul', [mean, graph.scalar(temperature ** 2)]);
}
