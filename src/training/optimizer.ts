/** Optimizers, as nodes of the training step. */
import type { Graph } from '../onnx/index.ts';

/** One parameter's update, in names of values. */
export interface UpdateValues {
  graph: Graph;
  parameter: string;
  gradient: string;
  /** The optimizer's state for this parameter, in the order of its `slots`. */
  slots: readonly string[];
  /** The step's scalars, by the names that `scalars` gives them. */
  scalars: Readonly<Record<string, string>>;
}

export interface Optimizer {
  name: string;
  /** What is kept for each parameter, each of the parameter's shape and zero at the start. */
  slots: readonly string[];
  /**
   * The numbers fed at a step, the learning rate first of all; none of them is baked into the model.
   *
   * @param step counted from 1
   */
  scalars(learningRate: number, step: number): Record<string, number>;
  update(values: UpdateValues): { parameter: string; slots: string[] };
}
