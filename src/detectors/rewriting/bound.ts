/** A classifier's graph made ready to be rewritten: for the size of its input, as it is used and not as it trains. */
import type { Parts } from '../../classifier/index.ts';
import { OutlierExposureError } from '../../errors.ts';
import { type Graph, type Model, removeUnused, upgradeModel } from '../../onnx/index.ts';

/**
 * A copy in our operator set, with the input's size in numbers and the logits as its one output.
 *
 * @param input examples, channels, height, width
 * @throws OutlierExposureError `invalid-argument` when the model takes images of another size; `unsupported` for inputs
 * that are no images and for operator sets that cannot be upgraded
 */
export function graphForRewriting(
  detector: string,
  model: Model,
  { parts, input }: { parts: Parts; input: readonly number[] },
): Graph {
  const graph = upgradeModel(model).graph.clone();
  const declared = graph.inputs.get(parts.pixels)!;
  if (declared.elementType !== 'float32') {
    throw new OutlierExposureError(
      'unsupported',
      `The detector ${detector} changes a model of float32 images, but the input "${parts.pixels}" is ${declared.elementType}.`,
    );
  }
  const { shape } = declared;
  if (shape && (shape.length !== input.length || shape.some((size, d) => !fits(size, input[d]!)))) {
    throw new OutlierExposureError(
      'invalid-argument',
      `The images are [${input.slice(1).join(', ')}] (channels, height, width), but the model takes [${shape
        .slice(1)
        .map((size) => size ?? '?')
        .join(', ')}].`,
    );
  }
  graph.inputs.set(parts.pixels, { elementType: 'float32', shape: [...input] });
  graph.outputs.clear();
  graph.addOutput(parts.logits);
  removeUnused(graph);
  return graph;
}

function fits(declared: number | string | undefined, size: number): boolean {
  return typeof declared !== 'number' || declared === size;
}

/** Dropout nodes become what they are when a model is used: nothing. In place. */
export function withoutDropout(graph: Graph): void {
  for (const node of graph.nodes) {
    if (node.op !== 'Dropout' || node.domain !== '' || node.outputs[1]) continue;
    Object.assign(node, { op: 'Identity', inputs: node.inputs.slice(0, 1), attributes: {} });
    node.outputs = node.outputs.slice(0, 1);
  }
}
