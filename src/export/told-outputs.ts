/** Model files that tell their features, their anomaly score and their verdict themselves, for any runtime. */
import { endsOf, partsOf, TOLD, withLogitsOutput } from '../classifier/index.ts';
import { detectors, type FittedDetector, settingsOf } from '../detectors/index.ts';
import { OutlierExposureError } from '../errors.ts';
import { type Graph, type Model, type Node, type TensorType, upgradeModel } from '../onnx/index.ts';

export interface ToldOptions {
  /** Adds `features`, [batch, width]: the input of the last linear layer. */
  features?: boolean | undefined;
  /** Adds `anomaly_score`, [batch], float32; higher = more anomalous. */
  detector?: FittedDetector | undefined;
  /** Adds `is_outlier`, [batch], bool: whether the score is at least this, or not a number. Needs `detector`. */
  threshold?: number | undefined;
}

/** The detectors whose score a file can tell. */
export const TOLD_DETECTORS: readonly string[] = detectors.flatMap(({ name, inGraph }) =>
  inGraph ? [name] : [],
);

/**
 * The classifier with further outputs, in our operator set; its own inputs, outputs and weights stay. Outputs that were added
 * before are made anew.
 *
 * @throws OutlierExposureError `unsupported` when the detector is none of {@link TOLD_DETECTORS}, when the model has no
 * features or lacks the branch that is scored, or when it computes in half precision
 */
export function withToldOutputs(given: Model, { features, detector, threshold }: ToldOptions): Model {
  const model = upgradeModel(given);
  for (const ends of ['inputs', 'outputs'] as const)
    for (const [name, type] of given.graph[ends]) checkSameType(name, type, model.graph[ends].get(name));
  const graph = model.graph.clone();
  forgetTold(graph);
  const told = { ...model, graph };
  const logitsModel = withLogitsOutput(told);
  const { logits, confidence, reject } = endsOf(logitsModel.graph);
  if (features) {
    const { features: value } = partsOf(logitsModel);
    if (value === undefined)
      throw new OutlierExposureError(
        'unsupported',
        'The model has no last linear layer whose input could be told as features: leave them out.',
      );
    add('features', graph.add('Flatten', [value], { axis: 1 }));
  }
  if (!detector) return told;
  const { name, needs, inGraph } = detector.detector;
  if (!inGraph)
    throw new OutlierExposureError(
      'unsupported',
      `The detector ${name} cannot be told by a model file: it needs more than a few operators behind the outputs. These can: ${TOLD_DETECTORS.join(', ')}.`,
    );
  for (const need of needs)
    if ((need === 'confidence' && !confidence) || (need === 'reject' && !reject))
      throw new OutlierExposureError(
        'unsupported',
        `The detector ${name} needs the output "${need}", which the model has not.`,
      );
  const values = { logits, ...(confidence ? { confidence } : {}), ...(reject ? { reject } : {}) };
  const context = { settings: settingsOf(detector.detector), state: detector.state };
  const score = graph.add('Reshape', [inGraph(graph, values, context), graph.ints([-1])]);
  add('anomaly_score', score);
  // Not (score < threshold): what is not a number is an outlier.
  if (threshold !== undefined)
    add('is_outlier', graph.add('Not', [graph.add('Less', [score, graph.scalar(threshold)])]));
  return told;

  function add(name: (typeof TOLD)[number], value: string): void {
    if (graph.producers().has(name) || graph.inputs.has(name))
      throw new OutlierExposureError('unsupported', `The model has a value of its own called "${name}".`);
    graph.nodes.push({ op: 'Identity', domain: '', name, inputs: [value], outputs: [name], attributes: {} });
    graph.reserve(name);
    graph.addOutput(name);
  }
}

/** Takes off what was added before; a model's own values of these names stay. */
function forgetTold(graph: Graph): void {
  const read = new Set(graph.nodes.flatMap(({ inputs }) => inputs));
  const added = ({ op, outputs: [name] }: Node) =>
    op === 'Identity' && graph.outputs.has(name!) && isTold(name!) && !read.has(name!);
  const names = graph.nodes.filter(added).map(({ outputs }) => outputs[0]!);
  graph.nodes = graph.nodes.filter((node) => !added(node));
  for (const name of names) graph.outputs.delete(name);
}

const isTold = (name: string) => (TOLD as readonly string[]).includes(name);

function checkSameType(name: string, before: TensorType | undefined, after: TensorType | undefined): void {
  if (before?.elementType === after?.elementType) return;
  throw new OutlierExposureError(
    'unsupported',
    `The model's "${name}" is ${before?.elementType}, and outputs are added to models in float32 alone: export it in float32.`,
  );
}
