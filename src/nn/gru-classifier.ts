/** The recurrent network of the paper's text experiments. */
import { OutlierExposureError } from '../errors.ts';
import { createModel, Graph, type Model } from '../onnx/index.ts';
import { Random } from '../random.ts';
import { type LayerScope, linear } from './layers.ts';
import { embedding, gru } from './recurrent.ts';

export interface GruClassifierOptions {
  /** Decides the parameters' start. */
  seed: number;
  /** How many tokens there are: they are the numbers 0 to `vocabulary` − 1. */
  vocabulary: number;
  /** How many logits. */
  classes: number;
  /** Values a token is given. Default 50, the paper's. */
  embedding?: number | undefined;
  /** Values of a layer's state. Default 128, the paper's. */
  hidden?: number | undefined;
  /** Layers of gated recurrent units. Default 2, the paper's. */
  layers?: number | undefined;
  /** The token that fills short texts up; its vector is zero, and is not trained. Default: none. */
  padding?: number | undefined;
}

const NAME = 'gru';

/**
 * Embeds each token, reads the text with gated recurrent units, and takes the logits from the last layer's last state
 * (paper, section 3 and appendix). Texts of a batch are equally long: padding goes first, so that a text's end is
 * what is read last, and no mask is needed. Parameters are named as in PyTorch: `embedding.weight`,
 * `gru.weight_ih_l0`, …, `linear.bias`.
 *
 * @returns a model from `tokens`, int64 [batch, time], to `logits` [batch, classes]; dimensions are named so
 * @throws OutlierExposureError `invalid-argument` for impossible sizes
 */
export function gruClassifier(options: GruClassifierOptions): Model {
  const { seed, vocabulary, classes, padding } = options;
  const { embedding: size = 50, hidden = 128, layers = 2 } = options;
  checkSizes({ vocabulary, classes, embedding: size, hidden, layers }, padding);
  const graph = new Graph(NAME);
  const scope: LayerScope = { graph, random: Random.from(seed, NAME) };
  const tokens = graph.addInput('tokens', 'int64', ['batch', 'time']);
  // Time goes first while tokens are still single numbers.
  const inTime = graph.add('Transpose', [tokens], { perm: [1, 0] });
  const vectors = embedding(scope, inTime, { name: 'embedding', vocabulary, size, padding });
  const state = gru(scope, vectors, { name: 'gru', in: size, hidden, layers });
  linear(scope, state, { name: 'linear', in: hidden, out: classes });
  graph.nodes.at(-1)!.outputs[0] = 'logits';
  graph.addOutput('logits', { elementType: 'float32', shape: ['batch', classes] });
  return createModel(graph, [['architecture', NAME]]);
}

function checkSizes(sizes: Readonly<Record<string, number>>, padding: number | undefined): void {
  for (const [what, value] of Object.entries(sizes)) {
    if (Number.isSafeInteger(value) && value >= 1) continue;
    throw new OutlierExposureError(
      'invalid-argument',
      `gruClassifier's ${what} is ${value}, but it must be a whole number of at least 1.`,
    );
  }
  if (padding === undefined || (Number.isInteger(padding) && padding >= 0 && padding < sizes.vocabulary!))
    return;
  throw new OutlierExposureError(
    'invalid-argument',
    `gruClassifier's padding is ${padding}, but it must be one of the tokens 0 to ${sizes.vocabulary! - 1}.`,
  );
}
