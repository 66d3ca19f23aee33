/** What a model is, and what can be done with it. */
import { gradientRules } from '../autodiff/index.ts';
import { TOKENIZER_KEY } from '../data/index.ts';
import { OutlierExposureError } from '../errors.ts';
import { canUpgrade, type Model, type Node, sizeOf, upgradeModel, withOwnWeights } from '../onnx/index.ts';
import { type Ends, endsOf } from './ends.ts';
import { withLogitsOutput } from './logits-output.ts';
import { trainableParameters } from './parameters.ts';
import { partsOf } from './parts.ts';
import { withPreprocessing } from './preprocessing.ts';

/** A value that goes in or comes out; sizes that the model leaves open are their names, or null. */
export interface InspectedValue {
  name: string;
  elementType: string;
  shape: (number | string | null)[] | null;
}

export interface InspectedOperator {
  /** With its domain before a colon, where that is not ONNX's. */
  name: string;
  count: number;
  /** Whether training goes through it: by a rule, not at all, or in vain. */
  gradient: 'rule' | 'not needed' | 'missing';
}

/** Whether something works with the model, and what is in its way where it does not. */
export interface Ability {
  works: boolean;
  why: string | null;
}

/** What {@link inspectModel} finds; plain data. */
export interface Inspection {
  opset: number | null;
  /** Operator sets beside ONNX's. */
  domains: Record<string, number>;
  inputs: InspectedValue[];
  outputs: InspectedValue[];
  operators: InspectedOperator[];
  /** What training would change, running averages of batch normalizations included. */
  parameters: { name: string; shape: number[]; elementType: string }[];
  parameterCount: number;
  /** Initializers that are no parameters: constants, indices, masks. */
  otherInitializers: number;
  batchNormalizations: number;
  dropouts: number;
  /** The value taken for logits: the input of a Softmax at the end, where there is one. */
  logits: string | null;
  endsInSoftmax: boolean;
  features: { name: string; width: number | null } | null;
  classes: number | null;
  metadata: Record<string, string>;
  tune: Ability;
  score: Ability;
  detectors: { logits: Ability; features: Ability };
}

/** Operators whose results are no floating-point numbers: nothing flows back through them. */
const EXACT = new Set(
  'And ArgMax ArgMin Equal Greater GreaterOrEqual IsInf IsNaN Less LessOrEqual NonZero Not Or Shape Size Xor'.split(
    ' ',
  ),
);

/** Looks a model over, without running it. */
export function inspectModel(given: Model): Inspection {
  const model = withOwnWeights(given);
  const opset = model.opsets.get('') ?? null;
  const current = canUpgrade(model) ? upgradeModel(model) : model;
  const ends = attempt(() => endsOf(model.graph));
  // Upgraded afterwards: an older Softmax becomes several nodes, which are not told as one at the end.
  const bare = withLogitsOutput(model);
  const logitsModel = canUpgrade(bare) ? upgradeModel(bare) : bare;
  const logits = typeof ends === 'string' ? undefined : endsOf(logitsModel.graph).logits;
  const parameters = new Set(trainableParameters(current.graph));
  const operators = operatorsOf(logitsModel, parameters, logits);
  const parts = typeof ends === 'string' ? undefined : partsOf(logitsModel);
  const { initializers } = model.graph;
  const listed = [...parameters].map((name) => ({
    name,
    shape: [...initializers.get(name)!.shape],
    elementType: initializers.get(name)!.elementType,
  }));
  const nodes = model.graph.nodes.filter(({ domain }) => domain === '');
  return {
    opset,
    domains: Object.fromEntries([...model.opsets].filter(([domain]) => domain !== '')),
    inputs: [...model.graph.inputs].map(([name, type]) => inspectedValue(name, type)),
    outputs: [...model.graph.outputs].map(([name, type]) => inspectedValue(name, type)),
    operators,
    parameters: listed,
    parameterCount: listed.reduce((sum, { shape }) => sum + sizeOf(shape), 0),
    otherInitializers: initializers.size - listed.length,
    batchNormalizations: nodes.filter(({ op }) => op === 'BatchNormalization').length,
    dropouts: nodes.filter(({ op }) => op === 'Dropout').length,
    logits: logits ?? null,
    endsInSoftmax: typeof ends !== 'string' && logits !== ends.logits,
    features: parts?.features ? { name: parts.features, width: parts.head?.width ?? null } : null,
    classes: parts?.head?.classes ?? classesIn(model, ends),
    metadata: Object.fromEntries(model.metadata),
    tune: tunable(model, ends, operators, parameters.size),
    score: usable(current, ends),
    detectors: {
      logits: typeof ends === 'string' ? no(ends) : (gives(model, ends) ?? YES),
      features: parts?.features
        ? YES
        : no('no last linear layer was found: name the penultimate value where a detector asks for features'),
    },
  };
}

const YES: Ability = { works: true, why: null };
const no = (why: string): Ability => ({ works: false, why });

/** A result, or the sentence of the error in its place. */
function attempt<T extends object>(make: () => T): T | string {
  try {
    return make();
  } catch (error) {
    if (error instanceof OutlierExposureError) return error.message;
    throw error;
  }
}

function inspectedValue(
  name: string,
  type: { elementType: string; shape: readonly (number | string | undefined)[] | undefined } | undefined,
): InspectedValue {
  const shape = type?.shape?.map((dimension) => dimension ?? null) ?? null;
  return { name, elementType: type?.elementType ?? 'unknown', shape };
}

const keyOf = ({ domain, op }: Node) => (domain === '' ? op : `${domain}:${op}`);

/** Counts operators, and finds those between parameters and logits that have no gradient rule. */
function operatorsOf(
  { graph }: Model,
  parameters: ReadonlySet<string>,
  logits: string | undefined,
): InspectedOperator[] {
  const reached = new Set(parameters);
  const behind = new Set<Node>();
  for (const node of graph.nodes) {
    if (EXACT.has(node.op) || !node.inputs.some((input) => reached.has(input))) continue;
    behind.add(node);
    for (const output of node.outputs) reached.add(output);
  }
  const leading = new Set(logits === undefined ? graph.outputs.keys() : [logits]);
  const needed = new Set<Node>();
  for (const node of [...graph.nodes].reverse()) {
    if (!node.outputs.some((output) => leading.has(output))) continue;
    for (const input of node.inputs) leading.add(input);
    if (behind.has(node)) needed.add(node);
  }
  const found = new Map<string, InspectedOperator>();
  for (const node of graph.nodes) {
    const name = keyOf(node);
    const entry = found.get(name) ?? { name, count: 0, gradient: 'not needed' };
    entry.count++;
    if (needed.has(node)) entry.gradient = Object.hasOwn(gradientRules, name) ? 'rule' : 'missing';
    found.set(name, entry);
  }
  return [...found.values()].sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
}

function classesIn({ graph }: Model, ends: Ends | string): number | null {
  const last = typeof ends === 'string' ? undefined : graph.outputs.get(ends.logits)?.shape?.at(-1);
  return typeof last === 'number' ? last : null;
}

function tunable(
  model: Model,
  ends: Ends | string,
  operators: readonly InspectedOperator[],
  parameters: number,
): Ability {
  if (typeof ends === 'string') return no(ends);
  const current = attempt(() => upgradeModel(model));
  if (typeof current === 'string') return no(current);
  const usual = usable(current, ends);
  if (!usual.works) return usual;
  const batch = model.graph.inputs.get(ends.pixels)!.shape?.[0];
  if (typeof batch === 'number')
    return no(
      `its input takes ${batch} example${batch === 1 ? '' : 's'} a call and no other number: export it with a dynamic batch dimension`,
    );
  if (parameters === 0) return no('it has no parameters to train: its weights may be quantized');
  const missing = operators.filter(({ gradient }) => gradient === 'missing').map(({ name }) => name);
  if (missing.length > 0)
    return no(
      `there is no gradient rule for ${missing.join(', ')}: freeze what lies before, or bring a rule (docs/adding-a-gradient.md)`,
    );
  return YES;
}

/** Whether the commands know what to feed it. */
function usable(model: Model, ends: Ends | string): Ability {
  if (typeof ends === 'string') return no(ends);
  const fed = attempt(() => withPreprocessing(model));
  if (typeof fed === 'string') return no(fed);
  const { graph, metadata } = fed;
  const { elementType, shape } = graph.inputs.get(endsOf(graph).pixels)!;
  const images = elementType === 'float32' && shape?.length === 4;
  const texts = elementType === 'int64' && shape?.length === 2;
  if (texts && !metadata.has(TOKENIZER_KEY))
    return no(
      'it takes texts in numbers, but its metadata do not say which word has which (withTokenizer, docs/text-data.md)',
    );
  if (!images && !texts)
    return no(
      `it takes ${elementType} ${shapeText(shape)}, and neither images, float32 [batch, channels, height, width], nor texts, int64 [batch, time]${shape?.length === 4 ? '; images of another kind are declared by oe declare' : ''}`,
    );
  return gives({ graph }, ends) ?? YES;
}

/** What is wrong with the output of a classifier, where it says its shape. */
function gives({ graph }: Pick<Model, 'graph'>, { logits }: Ends): Ability | undefined {
  const shape = graph.outputs.get(logits)?.shape;
  if (!shape || (shape.length === 2 && shape[1] !== 1)) return undefined;
  return no(
    `it gives no logits of classes: its output "${logits}" is ${shapeText(shape)}, but [batch, classes] with 2 classes or more was expected`,
  );
}

const shapeText = (shape: readonly (number | string | undefined)[] | undefined) =>
  shape ? `[${shape.map((side) => side ?? '?').join(', ')}]` : 'of unknown shape';
