/** Compiles a classifier, an objective and an optimizer into one ONNX model: the training step. */
import { differentiate } from '../autodiff/index.ts';
import { type Branch, endsOf, type Trainable, trainableParameters } from '../classifier/index.ts';
import { OutlierExposureError } from '../errors.ts';
import { randomMask } from '../nn/index.ts';
import type { Objective } from '../objectives/index.ts';
import {
  bindDimensions,
  createModel,
  type Graph,
  initializersToInputs,
  type Model,
  removeUnused,
  scalar,
  sizeOf,
  staticShape,
  type TensorData,
  type TensorType,
  upgradeModel,
  withOwnWeights,
  writeModel,
  zeros,
} from '../onnx/index.ts';
import { abilitiesOf } from '../runtime/abilities.ts';
import { inferTypes } from '../runtime/infer.ts';
import type { LoopVariable, Runtime } from '../runtime/runtime.ts';
import { blockConvolutions } from './block-convolutions.ts';
import type { Optimizer } from './optimizer.ts';
import { addOutlierPass } from './outlier-pass.ts';
import { poolByPhases } from './pool-by-phases.ts';
import { foldShapes } from './static-shapes.ts';
import { addTeacher, TEACHER } from './teacher.ts';
import { type BatchStatistics, DROPOUT_SEED, stepSeed, trainingMode } from './training-mode.ts';

export interface StepOptions {
  objective: Objective;
  optimizer: Optimizer;
  /** How many in-distribution examples and outliers a batch stacks, in this order. */
  batch: { inliers: number; outliers: number };
  /** The sizes of further named dimensions of the input: `{ time: 30 }`, say, for texts of 30 tokens. */
  dimensions?: Readonly<Record<string, number>> | undefined;
  /**
   * The same for outliers that go through the model by themselves, with an input of their own: texts of another length
   * than the in-distribution ones. Default: they are stacked behind these.
   */
  outlierDimensions?: Readonly<Record<string, number>> | undefined;
  /** What batch normalization takes its statistics from. Default `'stacked'`, as in the paper. */
  normalization?: BatchStatistics | undefined;
  /**
   * Which initializers may change, by name; see `frozenBy` for patterns. Batch normalizations whose averages may not
   * use them as they are. Default: all.
   */
  trainable?: Trainable | undefined;
  /** The model that the objective holds the answers of the trained one against; stays as it is. */
  teacher?: Model | undefined;
  runtime: Runtime;
}

export interface TrainingStep {
  /** The step as the bytes of an ONNX model. */
  model: Uint8Array;
  /** Parameters, running statistics and the optimizer's state, with their values at the start. */
  variables: LoopVariable[];
  /** The inputs to feed at each step, beside the variables. */
  inputs: {
    /** The batch: in-distribution examples and, unless these have an input of their own, outliers. */
    pixels: string;
    labels: string;
    dropoutSeed: string | undefined;
    /** Of outliers that go through the model by themselves. */
    outliers?: string | undefined;
  };
  /** Shape of what `pixels` takes. */
  batchShape: readonly number[];
  /** How many logits the model gives an example. */
  classes: number;
  /** The scalars that come out: `loss`, the objective's parts, `accuracy`. */
  losses: string[];
  /** Which initializers of the model the variables replace. */
  parameters: string[];
}

const LABELS = 'labels';
/** What the names of an objective's state begin with. */
const STATE = 'objective/';
const NAMED = 'train';

/**
 * Builds the training step: forward pass over the stacked batch, losses, gradients, and the optimizer's update.
 * Its scalars (learning rate and so on) are inputs named as in the optimizer; nothing has to be rebuilt to change them.
 *
 * @param model a classifier with one input, examples first, and one output of logits [batch, classes]
 */
export async function compileTrainingStep(model: Model, options: StepOptions): Promise<TrainingStep> {
  const { objective, optimizer, batch, normalization, runtime } = options;
  checkBatch(batch);
  const current = upgradeModel(withOwnWeights(model));
  const graph = current.graph.clone();
  const { pixels, logits, ...branches } = endsOf(graph);
  const branch = branchOf(objective, branches);
  const apart = batch.outliers > 0 && options.outlierDimensions !== undefined;
  const count = apart ? batch.inliers : batch.inliers + batch.outliers;
  bindBatch(graph, pixels, count);
  bindFurther(graph, pixels, options.dimensions ?? {});
  const outlierPass = apart ? outlierPassOf(graph, current, options) : undefined;
  const forwardTypes = await foldShapes(graph, runtime);
  // Of the model as it came: what rewriting adds is not to be trained.
  const candidates = trainableParameters(graph, options.trainable);
  poolByPhases(graph, forwardTypes);
  const statistics = trainingMode(graph, forwardTypes, {
    normalization,
    inliers: batch.inliers,
    trainable: options.trainable,
  });
  const running = new Set(statistics.map(({ name }) => name));
  const trainable = candidates.filter((name) => !running.has(name));
  const parameters = [...trainable, ...running];
  const initial = new Map(parameters.map((name) => [name, graph.initializers.get(name)!]));
  initializersToInputs(graph, parameters);

  const classes = classesOf(logits, forwardTypes);
  const labels = graph.addInput(LABELS, 'int64', [batch.inliers]);
  const part = (from: number, to: number, of = logits) =>
    graph.add('Slice', [of, graph.ints([from]), graph.ints([to]), graph.ints([0])]);
  const stacked = count > batch.inliers;
  const inlierLogits = stacked ? part(0, batch.inliers) : logits;
  const outlierLogits = stacked ? part(batch.inliers, count) : outlierPass?.logits;
  const teacherLogits = objective.teacher
    ? teacherOf(graph, options, stacked ? part(0, batch.inliers, pixels) : pixels)
    : undefined;
  const state = Object.fromEntries(
    Object.keys(objective.state ?? {}).map((name) => [
      name,
      graph.addInput(`${STATE}${name}`, 'float32', []),
    ]),
  );
  const {
    loss,
    parts,
    next: nextState = {},
  } = objective.build({
    graph,
    inlierLogits,
    outlierLogits,
    labels,
    teacherLogits,
    classes,
    inlierBranch: branch && (stacked ? part(0, batch.inliers, branch) : branch),
    outlierBranch: branch && (stacked ? part(batch.inliers, count, branch) : outlierPass?.branch),
    state,
    mask: (key, ratio) => randomMask(graph, { seed: stepSeed(graph), key, shape: [batch.inliers], ratio }),
  });
  const losses: Record<string, string> = {
    loss,
    ...parts,
    accuracy: accuracyOf(graph, inlierLogits, labels),
  };

  graph.outputs.clear();
  for (const [name, value] of Object.entries(losses))
    graph.addOutput(graph.add('Identity', [value], {}, { name: `${NAMED}/${name}` }));
  const abilities = await abilitiesOf(runtime);
  const types = await inferTypes(graph, runtime);
  const gradients = differentiate(graph, types, loss, trainable, { abilities });

  const scalars: Record<string, string> = {};
  for (const name of Object.keys(optimizer.scalars(1, 1)))
    scalars[name] = graph.addInput(`${NAMED}/${name}`, 'float32', []);
  const variables: LoopVariable[] = [];
  const carry = (input: string, next: string, value: TensorData) => {
    // An output needs a name of its own, even where it passes an input through.
    const output = graph.add('Identity', [next], {}, { name: `${input}/next` });
    graph.addOutput(output);
    variables.push({ input, output, initial: value });
  };
  for (const name of trainable) {
    const value = initial.get(name)!;
    const slots = optimizer.slots.map((slot) =>
      graph.addInput(`${name}/${slot}`, value.elementType, value.shape),
    );
    const next = optimizer.update({ graph, parameter: name, gradient: gradients.get(name)!, slots, scalars });
    carry(name, next.parameter, value);
    for (const [i, slot] of slots.entries())
      carry(slot, next.slots[i]!, { ...value, data: zeros('float32', sizeOf(value.shape)) });
  }
  for (const { name, next: after } of statistics) carry(name, after, initial.get(name)!);
  for (const [name, value] of Object.entries(objective.state ?? {}))
    carry(state[name]!, nextState[name]!, scalar(value));
  removeUnused(graph);
  // A teacher's constant kernels are ONNX Runtime's to lay out.
  const own = new Map([...types].filter(([name]) => !name.startsWith(TEACHER)));
  blockConvolutions(graph, own, abilities.block);

  return {
    model: writeModel(createModel(graph)),
    variables,
    inputs: {
      pixels,
      labels,
      dropoutSeed: graph.inputs.has(DROPOUT_SEED) ? DROPOUT_SEED : undefined,
      outliers: outlierPass?.input,
    },
    batchShape: staticShape(graph.inputs.get(pixels))!,
    classes,
    losses: Object.keys(losses),
    parameters,
  };
}

function outlierPassOf(
  graph: Graph,
  model: Model,
  { batch, outlierDimensions, objective }: StepOptions,
): ReturnType<typeof addOutlierPass> {
  const { pixels, logits, ...branches } = endsOf(model.graph);
  const pass = addOutlierPass(graph, { pixels, logits, branch: branchOf(objective, branches) });
  const { elementType, shape } = model.graph.inputs.get(pixels)!;
  graph.inputs.set(pass.input, { elementType, shape: [batch.outliers, ...(shape ?? []).slice(1)] });
  bindFurther(graph, pass.input, outlierDimensions ?? {});
  return pass;
}

/** The name of the branch that an objective trains. */
function branchOf(
  { name, branch }: Objective,
  branches: Partial<Record<Branch, string>>,
): string | undefined {
  if (branch === undefined) return undefined;
  const found = branches[branch];
  if (found !== undefined) return found;
  throw new OutlierExposureError(
    'invalid-argument',
    `The objective ${name} trains the output "${branch}", which the model does not have: add it with withBranch(model, '${branch}', { seed }).`,
  );
}

function teacherOf(graph: Graph, { teacher, objective }: StepOptions, pixels: string): string {
  if (!teacher) {
    throw new OutlierExposureError(
      'invalid-argument',
      `The objective ${objective.name} needs a teacher: give the model whose answers are to be kept.`,
    );
  }
  return addTeacher(graph, upgradeModel(teacher), { pixels, ends: endsOf(teacher.graph) });
}

/** The name under which a scalar goes into a step, or a loss comes out. */
export function stepValue(name: string): string {
  return `${NAMED}/${name}`;
}

function checkBatch({ inliers, outliers }: StepOptions['batch']): void {
  const whole = (value: number, least: number) => Number.isInteger(value) && value >= least;
  if (!whole(inliers, 1) || !whole(outliers, 0)) {
    throw new OutlierExposureError(
      'invalid-argument',
      `A batch of ${inliers} inliers and ${outliers} outliers cannot be trained on: give whole numbers, at least 1 inlier and 0 outliers.`,
    );
  }
}

export function classesOf(logits: string, types: ReadonlyMap<string, TensorType>): number {
  const shape = types.get(logits)?.shape;
  const classes = shape?.[1];
  if (shape?.length !== 2 || typeof classes !== 'number') {
    const found = shape ? `[${shape.map((size) => size ?? '?').join(', ')}]` : 'unknown';
    throw new OutlierExposureError(
      'unsupported',
      `A classifier's output is [batch, classes], but the shape of "${logits}" is ${found}.`,
    );
  }
  return classes;
}

function bindBatch(graph: Graph, pixels: string, count: number): void {
  const dimension = graph.inputs.get(pixels)!.shape?.[0];
  if (typeof dimension === 'string') bindDimensions(graph, { [dimension]: count });
  else if (dimension !== count) {
    throw new OutlierExposureError(
      'unsupported',
      `The model's input "${pixels}" takes batches of ${dimension ?? 'an unnamed size'}, but training needs ${count}: export it with a named batch dimension.`,
    );
  }
}

function bindFurther(graph: Graph, input: string, sizes: Readonly<Record<string, number>>): void {
  const shape = graph.inputs.get(input)!.shape ?? [];
  for (const [name, size] of Object.entries(sizes)) {
    if (shape.includes(name) && Number.isInteger(size) && size >= 1) continue;
    const named = shape.filter((dimension) => typeof dimension === 'string').join(', ') || 'none';
    throw new OutlierExposureError(
      'invalid-argument',
      `The dimension ${name} cannot be set to ${size}: give whole numbers of at least 1 for named dimensions of "${input}" (left to name: ${named}).`,
    );
  }
  bindDimensions(graph, sizes);
}

export function accuracyOf(graph: Graph, logits: string, labels: string): string {
  const predicted = graph.add('ArgMax', [logits], { axis: 1, keepdims: 0 });
  const right = graph.add('CastLike', [graph.add('Equal', [predicted, labels]), logits]);
  return graph.add('ReduceMean', [right], { keepdims: 0 });
}
