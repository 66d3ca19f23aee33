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
  /** [inliers, classes]: what the teacher says of the in-distribution examples; of objectives with a teacher. */
  teacherLogits?: string | undefined;
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
  /** Whether it needs the logits of a teacher. Default no. */
  teacher?: boolean;
  build(values: BatchValues): ObjectiveValues;
}
