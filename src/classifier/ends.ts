/** Where examples go into a classifier, and where its logits come out. */
import { OutlierExposureError } from '../errors.ts';
import type { Graph } from '../onnx/index.ts';

export interface Ends {
  /** The input's name: images, or texts in numbers. */
  pixels: string;
  /** The output's name. */
  logits: string;
  /** The name of the output of a confidence branch; undefined in models without one. */
  confidence?: string;
  /** The name of the output of a reject class; undefined in models without one. */
  reject?: string;
}

/** What the output of a confidence branch is called. */
export const CONFIDENCE = 'confidence';

/** What the output of a reject class is called. */
export const REJECT = 'reject';

/** What a classifier may say beside its logits: one more logit an example, [batch, 1]. */
export const BRANCHES = [CONFIDENCE, REJECT] as const;
export type Branch = (typeof BRANCHES)[number];

export const isBranch = (name: string): name is Branch => (BRANCHES as readonly string[]).includes(name);

/** What a file may tell beside its logits, as `oe export --target onnx` adds it; of no use to whoever has the logits. */
export const TOLD = ['features', 'anomaly_score', 'is_outlier'] as const;

/** The names of the outputs that are neither branches nor made of the logits for others. */
export function outputsBesideBranches(graph: Graph): string[] {
  const own = [...graph.outputs.keys()].filter((name) => !isBranch(name));
  const logits = own.filter((name) => !(TOLD as readonly string[]).includes(name));
  return logits.length > 0 ? logits : own;
}

/**
 * The one input of a classifier, its one output of logits, and those of its branches where it has any.
 *
 * @throws OutlierExposureError `unsupported` when it has more of either
 */
export function endsOf(graph: Graph): Ends {
  const [pixels, ...moreInputs] = graph.inputs.keys();
  const [logits, ...moreOutputs] = outputsBesideBranches(graph);
  if (pixels === undefined || logits === undefined || moreInputs.length > 0 || moreOutputs.length > 0) {
    throw new OutlierExposureError(
      'unsupported',
      `A classifier has one input and one output of logits; this model has the inputs ${[...graph.inputs.keys()].join(', ')} ` +
        `and the outputs ${[...graph.outputs.keys()].join(', ')}.`,
    );
  }
  const ends: Ends = { pixels, logits };
  for (const branch of BRANCHES) if (graph.outputs.has(branch)) ends[branch] = branch;
  return ends;
}
