/** Monte Carlo dropout: many answers of one network, each with other units dropped out. */
import { addLogMeanExp, addLogSoftmax } from '../../classifier/index.ts';
import { OutlierExposureError } from '../../errors.ts';
import {
  createModel,
  Graph,
  inlineGraph,
  inputsOf,
  type Model,
  type Node,
  removeUnused,
  type TensorType,
} from '../../onnx/index.ts';
import { Random } from '../../random.ts';
import { inferTypes } from '../../runtime/infer.ts';
import { trainingMode } from '../../training/training-mode.ts';
import type { Detector, Parameter, RewriteContext, Rewritten } from '../detector.ts';
import { mspScore } from '../msp.ts';
import type { Outputs } from '../outputs.ts';
import { graphForRewriting, withoutDropout } from './bound.ts';

/**
 * The classifier, and S passes of it with dropout on (Gal & Ghahramani 2016). The logits to score are the logarithm of the
 * mean softmax p̄ over the passes; the features are their mutual information, (1/S) Σ_s KL(p_s ‖ p̄), [examples, 1]. Batch normalization keeps its running statistics. What lies before
 * the first dropout is computed once.
 *
 * The S masks follow from the seed and are the same for every example, so that a score depends on nothing but the example.
 *
 * @throws OutlierExposureError `unsupported` for a model that nothing is dropped out of
 */
export async function withDropoutPasses(
  model: Model,
  { settings, parts, input, runtime }: RewriteContext,
): Promise<Rewritten> {
  const { samples = 1, seed = 0 } = settings;
  const graph = graphForRewriting('mc-dropout', model, { parts, input });
  checkDropout(graph);
  const types = await inferTypes(graph, runtime);
  // Nothing depends on the number of examples: a model that takes any goes on to.
  graph.inputs.set(parts.pixels, {
    elementType: 'float32',
    shape: model.graph.inputs.get(parts.pixels)!.shape,
  });

  const body = onePass(graph, parts.logits, types, input[0]!);
  withoutDropout(graph);
  const random = Random.from(seed, 'mc-dropout');
  const seeds = Uint32Array.from({ length: samples }, () => random.int32());
  graph.reserveAll(body);
  const scanned = graph.constant(
    { elementType: 'uint32', shape: [samples], data: seeds },
    'mc-dropout/seeds',
  );
  const passes = graph.add('Scan', [scanned], { body, num_scan_inputs: 1 }, { name: 'mc-dropout/passes' });

  const logProbabilities = addLogSoftmax(graph, passes);
  const mean = addLogMeanExp(graph, logProbabilities);
  // As a mean of divergences it loses nothing to cancellation, as a difference of entropies it does.
  const gaps = graph.add('Sub', [logProbabilities, mean]);
  const products = graph.add('Mul', [graph.add('Exp', [logProbabilities]), gaps]);
  const divergences = graph.add('ReduceSum', [products, graph.ints([2])], { keepdims: 1 });
  const information = graph.add('ReduceMean', [divergences, graph.ints([0])], { keepdims: 0 });
  const output = (value: string, name: string) => {
    const named = graph.add('Identity', [value], {}, { name: `mc-dropout/${name}` });
    graph.addOutput(named);
    return named;
  };
  return {
    logits: output(mean, 'logits'),
    features: output(information, 'information'),
    model: createModel(graph),
  };
}

function checkDropout({ nodes }: Graph): void {
  if (nodes.some(isDropout)) return;
  throw new OutlierExposureError(
    'unsupported',
    'The detector mc-dropout needs a model with Dropout nodes before its logits, and this one has none: exporters often take them out; PyTorch keeps them with training=TrainingMode.PRESERVE and the model in training mode.',
  );
}

function isDropout({ op, domain }: Node): boolean {
  return op === 'Dropout' && domain === '';
}

/** The part of the graph that dropout changes, as a graph of its own: from a seed to logits. */
function onePass(
  graph: Graph,
  logits: string,
  types: ReadonlyMap<string, TensorType>,
  examples: number,
): Graph {
  const [fromPixels, fromDropout] = [new Set(graph.inputs.keys()), new Set<string>()];
  for (const node of graph.nodes) {
    const inputs = inputsOf(node);
    if (inputs.some((input) => fromPixels.has(input)))
      for (const output of node.outputs) fromPixels.add(output);
    if (isDropout(node) || inputs.some((input) => fromDropout.has(input)))
      for (const output of node.outputs) fromDropout.add(output);
  }
  // Constants come along: what is constant in one graph ONNX Runtime lays out once.
  const nodes = graph.nodes.filter(({ outputs }) =>
    outputs.some((output) => fromDropout.has(output) || !fromPixels.has(output)),
  );
  const made = new Set(nodes.flatMap(({ outputs }) => outputs));
  const outside = [...fromPixels].filter((name) => !made.has(name));
  const body = new Graph('pass');
  body.reserveAll(graph);
  const rename = inlineGraph(
    body,
    { nodes, initializers: graph.initializers },
    { prefix: 'pass/', values: new Map(outside.map((name) => [name, name])) },
  );
  body.addOutput(rename(logits));
  removeUnused(body);
  trainingMode(body, maskTypes(graph, types, examples, rename), { normalization: 'frozen' });
  return body;
}

/** The types that dropout makes its masks by, for one example: a mask of one holds for all. */
function maskTypes(
  graph: Graph,
  types: ReadonlyMap<string, TensorType>,
  examples: number,
  rename: (name: string) => string,
): Map<string, TensorType> {
  const masks = new Map<string, TensorType>();
  for (const node of graph.nodes.filter(isDropout)) {
    const dropped = node.inputs[0]!;
    const type = types.get(dropped)!;
    if (type.shape?.[0] !== examples) {
      throw new OutlierExposureError(
        'unsupported',
        `The detector mc-dropout drops values of examples, but the dropout "${node.name || node.outputs[0]}" is of values whose first dimension is not the batch.`,
      );
    }
    masks.set(rename(dropped), { ...type, shape: [1, ...type.shape.slice(1)] });
  }
  return masks;
}

const parameters: Readonly<Record<string, Parameter>> = {
  samples: {
    default: 30,
    meaning: 'how many passes with dropout',
    source: "pytorch-ood's default",
    least: 1,
    most: 10_000,
    integer: true,
  },
  seed: {
    default: 1,
    meaning: 'decides what is dropped',
    source: 'any number will do',
    least: 0,
    most: 0xffff_ffff,
    integer: true,
  },
};

/** −max_k of the mean softmax over the passes, in [−1, −1/classes]. Some implementations average logits; here, probabilities. */
export const mcDropout: Detector = {
  name: 'mc-dropout',
  title: 'Monte Carlo dropout',
  needs: ['logits', 'dropout'],
  formula: '−max_k (1/S) Σ_s softmax(f_s(x))_k, with dropout on',
  source: 'Gal & Ghahramani 2016',
  parameters,
  rewrite: withDropoutPasses,
  score: ({ logits }) => mspScore(logits.data, logits.shape[1]),
};

/**
 * How much the passes disagree: the mutual information of label and dropout, H(p̄) − (1/S) Σ_s H(p_s), in nats, in
 * [0, log classes].
 */
export const mcDropoutMutualInformation: Detector = {
  name: 'mc-dropout-mi',
  title: 'Monte Carlo dropout, mutual information',
  needs: ['logits', 'dropout'],
  formula: 'H(1/S Σ_s p_s) − 1/S Σ_s H(p_s), p_s = softmax(f_s(x)) with dropout on',
  source: 'Gal & Ghahramani 2016; Smith & Gal 2018',
  parameters,
  rewrite: withDropoutPasses,
  score({ features }: Outputs) {
    if (!features) {
      throw new OutlierExposureError(
        'invalid-argument',
        'The detector mc-dropout-mi needs the mutual information of the passes, which withDropoutPasses gives as features.',
      );
    }
    // Rounding alone makes it negative.
    return features.data.map((value) => Math.max(0, value));
  },
};
