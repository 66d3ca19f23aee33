/**
 * Layers for sequences. Parameters have PyTorch's names, shapes, order of gates and start, so that its weights fit as
 * they are; ONNX's other order of gates is made in the graph, from a copy of each parameter.
 */
import { type LayerScope, normal, uniform } from './layers.ts';

export interface EmbeddingOptions {
  name: string;
  /** How many tokens there are: they are the numbers 0 to `vocabulary` − 1. */
  vocabulary: number;
  /** Values a token. */
  size: number;
  /** A token whose vector is zero and stays it: padding. Default: none. */
  padding?: number | undefined;
}

/** A vector for each token, [...] int64 → [..., size]; vectors start from N(0, 1). */
export function embedding({ graph, random }: LayerScope, tokens: string, options: EmbeddingOptions): string {
  const { name, vocabulary, size, padding } = options;
  const start = normal(random, [vocabulary, size], 1);
  if (padding !== undefined) (start.data as Float32Array).fill(0, padding * size, (padding + 1) * size);
  const weight = graph.addInitializer(`${name}.weight`, start);
  const vectors = graph.add('Gather', [weight, tokens], { axis: 0 }, { name });
  if (padding === undefined) return vectors;
  const isPadding = graph.add('Equal', [tokens, graph.scalar(padding, 'int64')]);
  const kept = graph.add('CastLike', [graph.add('Not', [isPadding]), vectors]);
  return graph.add('Mul', [vectors, graph.add('Unsqueeze', [kept, graph.ints([-1])])]);
}

export interface GruOptions {
  /** Parameters are called `${name}.weight_ih_l0`, `${name}.weight_hh_l0`, `${name}.bias_ih_l0` and so on. */
  name: string;
  /** Values a step. */
  in: number;
  hidden: number;
  layers: number;
}

/**
 * Gated recurrent units in layers, over time from the first step to the last, from a state of zeros; as PyTorch's,
 * the reset gate comes after the product: n = tanh(W x + b + r · (U h + c)) (Cho et al. 2014).
 *
 * @param x [time, batch, in]
 * @returns the last layer's state after the last step, [batch, hidden]
 */
export function gru(scope: LayerScope, x: string, { name, in: inputs, hidden, layers }: GruOptions): string {
  const { graph, random } = scope;
  const bound = 1 / Math.sqrt(hidden);
  const parameter = (part: string, shape: readonly number[]) =>
    graph.addInitializer(`${name}.${part}`, uniform(random, shape, bound));
  // PyTorch keeps its gates in the order reset, update, new; ONNX wants update, reset, new.
  const gates = (value: string) => {
    const [reset, update, fresh] = graph.addMany('Split', [value], 3, { axis: 0, num_outputs: 3 });
    return [update!, reset!, fresh!];
  };
  const ordered = (...values: string[]) => {
    const together = graph.add('Concat', values.flatMap(gates), { axis: 0 });
    return graph.add('Unsqueeze', [together, graph.ints([0])]);
  };
  let sequence = x;
  for (let layer = 0; ; layer++) {
    const weight = parameter(`weight_ih_l${layer}`, [3 * hidden, layer === 0 ? inputs : hidden]);
    const recurrent = parameter(`weight_hh_l${layer}`, [3 * hidden, hidden]);
    const biases = [`bias_ih_l${layer}`, `bias_hh_l${layer}`].map((part) => parameter(part, [3 * hidden]));
    const [states, last] = graph.addMany(
      'GRU',
      [sequence, ordered(weight), ordered(recurrent), ordered(...biases)],
      2,
      { hidden_size: hidden, linear_before_reset: 1 },
      { name: `${name}.l${layer}` },
    );
    if (layer === layers - 1) return graph.add('Squeeze', [last!, graph.ints([0])]);
    sequence = graph.add('Squeeze', [states!, graph.ints([1])]);
  }
}
