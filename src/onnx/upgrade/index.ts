/** Models of older operator sets, and in half precision, as models that training and gradients understand. */
import { OutlierExposureError } from '../../errors.ts';
import { Graph, type Model, type Node, OPSET } from '../graph.ts';
import { axesAsInput, sliceAsInputs, splitAsInput, splitCount, topKAsInput } from './axes.ts';
import { hasHalves, widenHalves } from './halves.ts';
import { gridSampleModes, groupNormalization, normalizationOutputs, scatterElements } from './layers.ts';
import { clipBounds, dropoutRatio, padInputs } from './numbers.ts';
import { resizeFromScales, resizeOptionalInputs, upsampleScales } from './resize.ts';
import type { Rewrite, RewriteContext } from './rewrite.ts';
import { softmaxOverOneAxis } from './softmax.ts';

/** The oldest operator set that can be brought up to ours. */
export const OLDEST_OPSET = 7;
/** The newest one; those after ours only add operators and types. */
export const NEWEST_OPSET = 24;

/** By operator: the set that changed it, and how a node from before is written in it. In ascending order. */
const CHANGES: Readonly<Record<string, readonly (readonly [before: number, rewrite: Rewrite])[]>> = {
  BatchNormalization: [[14, normalizationOutputs]],
  Clip: [[11, clipBounds]],
  Dropout: [[12, dropoutRatio]],
  GridSample: [[20, gridSampleModes]],
  GroupNormalization: [[21, groupNormalization]],
  Hardmax: [[13, softmaxOverOneAxis]],
  LogSoftmax: [[13, softmaxOverOneAxis]],
  Pad: [[11, padInputs]],
  ReduceSum: [[13, axesAsInput]],
  ...Object.fromEntries(
    ['L1', 'L2', 'LogSum', 'LogSumExp', 'Max', 'Mean', 'Min', 'Prod', 'SumSquare'].map((kind) => [
      `Reduce${kind}`,
      [[18, axesAsInput]] as const,
    ]),
  ),
  Resize: [
    [11, resizeFromScales],
    [13, resizeOptionalInputs],
  ],
  Scatter: [[Number.POSITIVE_INFINITY, scatterElements]],
  Slice: [[10, sliceAsInputs]],
  Softmax: [[13, softmaxOverOneAxis]],
  Split: [
    [13, splitAsInput],
    [18, splitCount],
  ],
  Squeeze: [[13, axesAsInput]],
  TopK: [[10, topKAsInput]],
  Unsqueeze: [[13, axesAsInput]],
  // Its last version was of set 9; files of set 10 hold it where exporters had nothing better.
  Upsample: [
    [9, upsampleScales],
    [Number.POSITIVE_INFINITY, resizeFromScales],
  ],
};

/**
 * The model in operator set {@link OPSET}, with halves as float32: the same function, with the same names of inputs, outputs,
 * initializers and values. A model that is there already is returned as it is.
 *
 * Differences: `Resize` with coordinates of `tf_half_pixel_for_nn`, which no newer set has, takes those of `half_pixel`.
 *
 * @throws OutlierExposureError `unsupported` for operator sets before {@link OLDEST_OPSET} or after {@link NEWEST_OPSET}
 */
export function upgradeModel(model: Model): Model {
  const version = model.opsets.get('') ?? OPSET;
  if (version < OLDEST_OPSET || version > NEWEST_OPSET) {
    throw new OutlierExposureError(
      'unsupported',
      `The model uses operator set ${version}, but ${OLDEST_OPSET} to ${NEWEST_OPSET} can be read for training: export it anew with opset_version=17.`,
    );
  }
  const halves = hasHalves(model.graph);
  if (version === OPSET && !halves) return model;
  const graph = model.graph.clone();
  if (halves) widenHalves(graph);
  if (version < OPSET) rewriteNodes(graph, graph, version);
  return {
    graph,
    opsets: new Map(model.opsets).set('', OPSET),
    irVersion: Math.max(10, model.irVersion),
    metadata: new Map(model.metadata),
  };
}

/** Whether {@link upgradeModel} takes the model's operator set. */
export function canUpgrade({ opsets }: Model): boolean {
  const version = opsets.get('') ?? OPSET;
  return version >= OLDEST_OPSET && version <= NEWEST_OPSET;
}

function rewriteNodes(graph: Graph, root: Graph, version: number): void {
  const producers = graph.producers();
  const context: RewriteContext = { root, producer: (value) => producers.get(value) };
  graph.nodes = graph.nodes.flatMap((node) => {
    for (const inner of Object.values(node.attributes))
      if (inner instanceof Graph) rewriteNodes(inner, root, version);
    return node.domain === '' ? rewritten(node, version, context) : [node];
  });
}

function rewritten(node: Node, version: number, context: RewriteContext): Node[] {
  const changes = Object.hasOwn(CHANGES, node.op) ? CHANGES[node.op]! : [];
  for (const [before, rewrite] of changes) {
    if (version >= before) continue;
    const instead = rewrite(node, context);
    if (instead) return instead;
  }
  return [node];
}
