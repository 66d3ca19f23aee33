/** ODIN: a softmax at a high temperature, after a small step on the input that makes the model surer. */
import { differentiate } from '../../autodiff/index.ts';
import { OutlierExposureError } from '../../errors.ts';
import { meanCrossEntropy } from '../../objectives/cross-entropy.ts';
import {
  createModel,
  inlineGraph,
  type Model,
  removeUnused,
  staticShape,
  type TensorType,
} from '../../onnx/index.ts';
import { abilitiesOf } from '../../runtime/abilities.ts';
import { inferTypes } from '../../runtime/infer.ts';
import { foldShapes } from '../../training/static-shapes.ts';
import type { Detector, RewriteContext, Rewritten } from '../detector.ts';
import { mspScore } from '../msp.ts';
import { graphForRewriting, withoutDropout } from './bound.ts';

/**
 * The classifier followed by itself on the changed input: x̂ = x − ε·sign ∇ₓ CE(softmax(f(x)/T), ŷ), ŷ = argmax f(x), and
 * then f(x̂)/T. The gradient is that of the model as it is used, with running statistics and without dropout; sign 0 is 0
 * (the reference has +1 there, for values that change nothing).
 *
 * ε is in units of the model's input, pixels in [0, 1]. The reference divides its step by the standard deviation because
 * its inputs are normalized already; a step of ε/σ there is a step of ε here, so that its values of ε hold.
 *
 * @throws OutlierExposureError `unsupported` for a model with an operator that has no gradient
 */
export async function withInputStep(
  model: Model,
  { settings, parts, input, runtime }: RewriteContext,
): Promise<Rewritten> {
  const { temperature = 1, epsilon = 0 } = settings;
  const graph = graphForRewriting('odin', model, { parts, input });
  withoutDropout(graph);
  const { pixels, logits } = parts;
  const again = epsilon === 0 ? logits : await secondPass();
  const scored = graph.add('Div', [again, graph.scalar(temperature)], {}, { name: 'odin/logits' });
  graph.addOutput(scored);
  removeUnused(graph);
  return { model: createModel(graph), logits: scored };

  async function secondPass(): Promise<string> {
    const classes = classesOf(logits, await foldShapes(graph, runtime));
    const own = { nodes: [...graph.nodes], initializers: new Map(graph.initializers) };
    const loss = meanCrossEntropy({
      graph,
      inlierLogits: graph.add('Div', [logits, graph.scalar(temperature)]),
      outlierLogits: undefined,
      labels: graph.add('ArgMax', [logits], { axis: 1, keepdims: 0 }),
      classes,
    });
    const [types, abilities] = [await inferTypes(graph, runtime), await abilitiesOf(runtime)];
    const gradients = differentiable(() => differentiate(graph, types, loss, [pixels], { abilities }));
    const step = graph.add('Mul', [graph.add('Sign', [gradients.get(pixels)!]), graph.scalar(epsilon)]);
    const stepped = graph.add('Sub', [pixels, step], {}, { name: 'odin/pixels' });
    const shared = [...own.initializers.keys()].map((name) => [name, name] as const);
    const rename = inlineGraph(graph, own, {
      prefix: 'odin/',
      values: new Map([...shared, [pixels, stepped]]),
    });
    return rename(logits);
  }
}

function classesOf(logits: string, types: ReadonlyMap<string, TensorType>): number {
  const shape = staticShape(types.get(logits));
  if (shape?.length === 2) return shape[1]!;
  throw new OutlierExposureError(
    'unsupported',
    `The detector odin needs logits of [batch, classes], but the shape of "${logits}" is ${shape ? `[${shape.join(', ')}]` : 'unknown'}.`,
  );
}

function differentiable<T>(differentiated: () => T): T {
  try {
    return differentiated();
  } catch (error) {
    if (!(error instanceof OutlierExposureError) || error.code !== 'unsupported') throw error;
    throw new OutlierExposureError(
      'unsupported',
      `The detector odin needs the gradient of the model's input: ${error.message} With odin:epsilon=0 it goes without.`,
      { cause: error },
    );
  }
}

/**
 * −max_k softmax(f(x̂)/T)_k, in [−1, −1/classes] (Liang, Li & Srikant 2018). Some implementations leave the temperature
 * out of the second softmax; it is in both here, as in the paper.
 */
export const odin: Detector = {
  name: 'odin',
  title: 'ODIN',
  needs: ['logits'],
  formula: '−max_k softmax(f(x̂)/T)_k, x̂ = x − ε·sign ∇ₓ CE(f(x)/T, ŷ)',
  source: 'Liang, Li & Srikant 2018',
  parameters: {
    temperature: {
      default: 1000,
      meaning: 'T, what logits are divided by',
      source: 'Liang, Li & Srikant 2018',
      least: 1e-3,
      grid: [1, 10, 100, 1000],
    },
    epsilon: {
      default: 0.0014,
      meaning: 'ε, the step on every value of the input, in units of pixels in [0, 1]; 0 for none',
      source: 'Liang, Li & Srikant 2018, for CIFAR-10',
      least: 0,
      grid: [0, 0.0014, 0.0028],
    },
  },
  rewrite: withInputStep,
  score: ({ logits }) => mspScore(logits.data, logits.shape[1]),
};
