/** What training minimizes: nodes from a model's logits to one number. */
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
  classes: number;
}

export interface ObjectiveValues {
  /** The scalar to minimize. */
  loss: string;
  /** Scalars worth watching, by name; the loss's parts, unweighted. */
  parts: Record<string, string>;
}

export interface Objective {
  name: string;
  /** Whether it looks at outliers. */
  outliers: boolean;
  build(values: BatchValues): ObjectiveValues;
}
