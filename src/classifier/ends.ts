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
}

/** What the output of a confidence branch is called. */
export const CONFIDENCE = 'confidence';

/**
 * The one input of a classifier, its one output of logits, and that of its confidence branch where it has one.
 *
 * @throws OutlierExposureError `unsupported` when it has more of either
 */
export function endsOf(graph: Graph): Ends {
  const [pixels, ...moreInputs] = graph.inputs.keys();
  const [logits, ...moreOutputs] = [...graph.outputs.keys()].filter((name) => name !== CONFIDENCE);
  if (pixels === undefined || logits === undefined || moreInputs.length > 0 || moreOutputs.length > 0) {
    throw new OutlierExposureError(
      'unsupported',
      `A classifier has one input and one output of logits; this model has the inputs ${[...graph.inputs.keys()].join(', ')} ` +
        `and the outputs ${[...graph.outputs.keys()].join(', ')}.`,
    );
  }
  return { pixels, logits, ...(graph.outputs.has(CONFIDENCE) ? { confidence: CONFIDENCE } : {}) };
}
