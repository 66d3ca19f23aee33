/** What a detector is: a record of what it needs, what it learns, and a function from a classifier's outputs to scores. */
import type { Head, Parts } from '../classifier/index.ts';
import type { Graph, Model, TensorData } from '../onnx/index.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Algebra } from './algebra.ts';
import type { Outputs } from './outputs.ts';

/**
 * What a detector has to be given: `features`, the input of the last linear layer; `head`, that layer's weights;
 * `confidence`, the output of a confidence branch; `reject`, that of a reject class; `dropout`, layers that drop units out in training.
 */
export type Need = 'logits' | 'features' | 'head' | 'confidence' | 'reject' | 'dropout';

/** A number that a detector can be set by. */
export interface Parameter {
  default: number;
  /** What it does, in one line. */
  meaning: string;
  /** Where the default comes from. */
  source: string;
  /** The least value, itself allowed. */
  least?: number;
  /** The greatest value, itself allowed. */
  most?: number;
  integer?: true;
  /** Values to choose among on validation outliers; none for what is no question of tuning. */
  grid?: readonly number[];
}

/** Values of parameters by name; a detector always gets all of them. */
export type Settings = Readonly<Record<string, number>>;

/** What a detector learned in fitting: tensors by name, so that it can be stored with the model. */
export type FittedState = Readonly<Record<string, TensorData>>;

export interface FitContext {
  settings: Settings;
  /** The last linear layer, where `needs` has it. */
  head?: Head;
  algebra: Algebra;
  signal?: AbortSignal | undefined;
}

export interface ScoreContext extends FitContext {
  /** What {@link Detector.fit} gave; empty without it. */
  state: FittedState;
}

export interface FitData extends Outputs {
  /** The class that each example belongs to, where it is known. */
  labels?: Int32Array;
}

export interface Detector {
  /** As the command line knows it. */
  name: string;
  title: string;
  needs: readonly Need[];
  /** The score in one line. */
  formula: string;
  /** Where it comes from. */
  source: string;
  /** Parameters by name; none by default. */
  parameters?: Readonly<Record<string, Parameter>>;
  /** Values other than the defaults; {@link configured} sets them. */
  settings?: Settings;
  /**
   * Learns from in-distribution examples (training or calibration data, never the test set).
   *
   * @throws OutlierExposureError `invalid-argument` when they are too few, or lack a class that is needed
   */
  fit?(data: FitData, context: FitContext): Promise<FittedState> | FittedState;
  /**
   * The classifier with more values to be read, that the detector scores in place of its own: those after a step on the
   * input, or with units dropped out.
   */
  rewrite?(model: Model, context: RewriteContext): Promise<Rewritten> | Rewritten;
  /**
   * Scores a batch; higher = more anomalous. An example's score does not depend on the others.
   *
   * @returns one score an example
   */
  score(outputs: Outputs, context: ScoreContext): Promise<Float32Array> | Float32Array;
  /**
   * The same score as nodes, for model files that tell it themselves; where a few nodes behind the outputs can say it. In float32,
   * so that it differs from {@link score} in the last digits.
   *
   * @returns the name of a value [examples, 1]
   */
  inGraph?(graph: Graph, outputs: OutputNames, context: Pick<ScoreContext, 'settings' | 'state'>): string;
}

/** The names of a graph's values that scores are made of. */
export interface OutputNames {
  /** [examples, classes]. */
  logits: string;
  /** The logit of a confidence branch, [examples, 1]. */
  confidence?: string;
  /** The logit of a reject class, [examples, 1]. */
  reject?: string;
}

export interface RewriteContext {
  settings: Settings;
  parts: Parts;
  /** The shape of the input: examples a call (the last ones are filled up), channels, height, width. */
  input: readonly number[];
  runtime: Runtime;
}

/** What {@link Detector.rewrite} makes. */
export interface Rewritten {
  /** Takes `context.input`; its first output is the classifier's own, the values named here are outputs too. */
  model: Model;
  /** The name of the logits to score, [examples, classes]. */
  logits: string;
  /** The name of the features to score, [examples, width]. */
  features?: string;
}
