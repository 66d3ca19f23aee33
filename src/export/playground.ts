/** What a playground's folder says of itself: `playground.json`, read by the page. */

/** A set of examples, all of them small enough to be shown. */
export interface PlaygroundSet {
  name: string;
  /** Whether the models were taught such examples. */
  role: 'in' | 'out';
  count: number;
  /** Images: bytes, channels first, one image after the other. Texts: a list in JSON. */
  file: string;
  /** Class indices, where the set has them. */
  labels?: number[];
}

export interface PlaygroundModel {
  name: string;
  /** The ONNX file. */
  file: string;
  /** The share of misclassified test examples, 0 to 1. */
  testError: number;
  /** Scores of the whole test sets (MSP), by set: files of float32, little-endian. */
  scores: Record<string, string>;
}

/** Sets to fine-tune with on the page. */
export interface PlaygroundTraining {
  inliers: PlaygroundSet;
  outliers: PlaygroundSet;
  /** Of Outlier Exposure, as the run had them. */
  learningRate: number;
  lambda: number;
}

export interface Playground {
  format: 'outlier-exposure/playground';
  version: 1;
  title: string;
  /** What the in-distribution examples are: a digit, digits. */
  subject: { one: string; many: string };
  examples: 'images' | 'texts';
  /** Channels, height, width; of images. */
  shape?: [number, number, number];
  /** What the classes are called, in the order of their numbers. */
  classes: string[];
  models: PlaygroundModel[];
  sets: PlaygroundSet[];
  /** Left out where training on a page would take too long. */
  training?: PlaygroundTraining;
}
