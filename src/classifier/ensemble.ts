/** Several classifiers as one. */
import { OutlierExposureError } from '../errors.ts';
import {
  createModel,
  type Dimension,
  Graph,
  inlineGraph,
  type Model,
  type TensorType,
  upgradeModel,
} from '../onnx/index.ts';
import { endsOf } from './ends.ts';
import { addLogMeanExp, addLogSoftmax } from './log-mean-softmax.ts';
import { withLogitsOutput } from './logits-output.ts';
import { partsOf } from './parts.ts';

/**
 * One classifier that answers with the mean of its members' probabilities: its logits are log (1/n) Σ_m softmax f_m(x)
 * (Lakshminarayanan, Pritzel & Blundell 2017, deep ensembles). All see the same input; each normalizes it as it did alone.
 *
 * @param models at least one, all for the same input and as many classes
 * @returns a model from the first member's input to `logits` [batch, classes]; of metadata it keeps what all members say
 * @throws OutlierExposureError `invalid-argument` when there is none, or they do not take the same input or give as many
 * classes; `unsupported` for operator sets that cannot be upgraded
 */
export function ensembleOf(models: readonly Model[]): Model {
  if (models.length === 0)
    throw new OutlierExposureError('invalid-argument', 'An ensemble needs at least one model.');
  const members = models.map((model) => upgradeModel(withLogitsOutput(model)));
  const graph = new Graph('ensemble');
  const first = endsOf(members[0]!.graph);
  const pixels = graph.addInput(first.pixels, 'float32', []);
  graph.inputs.set(pixels, commonInput(members));
  checkClasses(members);
  checkMeaning(members);
  const logProbabilities = members.map((member, i) => {
    const { pixels: own, logits } = endsOf(member.graph);
    const rename = inlineGraph(graph, member.graph, {
      prefix: `member${i}/`,
      values: new Map([[own, pixels]]),
    });
    return graph.add('Unsqueeze', [addLogSoftmax(graph, rename(logits)), graph.ints([0])]);
  });
  const stacked = graph.add('Concat', logProbabilities, { axis: 0 });
  const mean = addLogMeanExp(graph, stacked);
  const classes = members.map(classesOf).find((count) => count !== undefined);
  const [batch] = graph.inputs.get(pixels)!.shape ?? [];
  graph.addOutput(graph.add('Identity', [mean], {}, { name: 'logits' }), {
    elementType: 'float32',
    shape: [batch, classes],
  });
  return createModel(graph, commonMetadata(members));
}

/** The input that all take: a size that one of them asks for is asked for by the whole. */
function commonInput(members: readonly Model[]): TensorType {
  const inputs = members.map(({ graph }) => graph.inputs.get(endsOf(graph).pixels)!);
  return inputs.reduce((common, input, i) => {
    const sizes = [common.shape ?? [], input.shape ?? []] as const;
    const shape: Dimension[] = sizes[0].map((size, d) =>
      typeof size === 'number' ? size : (sizes[1][d] ?? size),
    );
    const same =
      common.elementType === input.elementType &&
      sizes[0].length === sizes[1].length &&
      sizes[1].every((size, d) => typeof size !== 'number' || size === shape[d]);
    if (same) return { elementType: common.elementType, shape };
    throw new OutlierExposureError(
      'invalid-argument',
      `The models of an ensemble take one input, but model ${i + 1} takes ${textOf(input)} and those before it ${textOf(common)}.`,
    );
  });
}

function textOf({ elementType, shape = [] }: TensorType): string {
  return `${elementType} [${shape.map((size) => size ?? '?').join(', ')}]`;
}

function classesOf(model: Model): number | undefined {
  const { logits, head } = partsOf(model);
  const declared = model.graph.outputs.get(logits)?.shape?.[1];
  return head?.classes ?? (typeof declared === 'number' ? declared : undefined);
}

function checkClasses(members: readonly Model[]): void {
  let known: number | undefined;
  for (const [i, member] of members.entries()) {
    const classes = classesOf(member);
    known ??= classes;
    if (classes === undefined || classes === known) continue;
    throw new OutlierExposureError(
      'invalid-argument',
      `The models of an ensemble answer with the same classes, but model ${i + 1} has ${classes} and another ${known}.`,
    );
  }
}

/** By these the numbers that go in and come out have a meaning. */
const MEANINGS = ['tokenizer', 'classes'];

function checkMeaning([first, ...others]: readonly Model[]): void {
  for (const key of MEANINGS) {
    const at = others.findIndex(({ metadata }) => metadata.get(key) !== first!.metadata.get(key));
    if (at < 0) continue;
    throw new OutlierExposureError(
      'invalid-argument',
      `The models of an ensemble share their words and classes, but model ${at + 2} has another "${key}" in its metadata than model 1.`,
    );
  }
}

function commonMetadata([first, ...others]: readonly Model[]): [string, string][] {
  return [...first!.metadata].filter(([key, value]) =>
    others.every(({ metadata }) => metadata.get(key) === value),
  );
}
