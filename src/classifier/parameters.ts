/** Which of a model's initializers train. */
import { nearestName, OutlierExposureError } from '../errors.ts';
import type { Graph, Node } from '../onnx/index.ts';

/** Whether an initializer of that name may change. */
export type Trainable = (name: string) => boolean;

/** Operators whose further inputs are settings, not weights. */
const SETTINGS: ReadonlySet<string> = new Set(['Clip', 'Dropout', 'Pad', 'Pow', 'Resize', 'Slice', 'Where']);

/**
 * The floating-point initializers with at least one dimension that a graph learns with, in their order. Settings of
 * operators are not among them, nor is what images are brought to the network's scale with before its first layer.
 * Running statistics are.
 *
 * @param graph in our operator set, weights in initializers
 * @param trainable what may change; default everything
 */
export function trainableParameters(graph: Graph, trainable: Trainable = () => true): string[] {
  const fixed = new Set(
    graph.nodes.flatMap((node) => (SETTINGS.has(node.op) && node.domain === '' ? node.inputs.slice(1) : [])),
  );
  for (const name of [...preprocessingConstants(graph), ...groupConstants(graph)]) fixed.add(name);
  return [...graph.initializers].flatMap(([name, { elementType, shape }]) =>
    elementType === 'float32' && shape.length > 0 && !fixed.has(name) && trainable(name) ? [name] : [],
  );
}

const SCALING: ReadonlySet<string> = new Set(['Add', 'Div', 'Mul', 'Sub']);
const PASSING: ReadonlySet<string> = new Set(['Cast', 'Identity', 'Resize', 'Transpose', 'Unsqueeze']);

/** Initializers that pixels are shifted and scaled by on their way to the first layer: a mean and a deviation, say. */
export function preprocessingConstants(graph: Graph): string[] {
  const found: string[] = [];
  const pixels = new Set(
    [...graph.inputs].flatMap(([name, { shape }]) => (shape?.length === 4 ? [name] : [])),
  );
  for (const node of graph.nodes) {
    const from = node.domain === '' ? node.inputs.filter((input) => pixels.has(input)) : [];
    if (from.length !== 1) continue;
    if (SCALING.has(node.op)) {
      const others = node.inputs.filter((input) => !pixels.has(input));
      found.push(...others.filter((name) => graph.initializers.has(name)));
    } else if (!PASSING.has(node.op)) continue;
    pixels.add(node.outputs[0]!);
  }
  return found;
}

/**
 * What patterns leave to train: a name that any of them matches stays as it is.
 *
 * @param patterns of names, `*` standing for any characters and `?` for one; `features.*`, say
 * @param names of the initializers there are
 * @throws OutlierExposureError `not-found` for a pattern that matches none
 */
export function frozenBy(patterns: readonly string[], names: Iterable<string>): Trainable {
  const known = [...names];
  const expressions = patterns.map((pattern) => {
    const expression = globExpression(pattern);
    if (known.some((name) => expression.test(name))) return expression;
    const near = nearestName(pattern.replaceAll(/[*?]/g, ''), known);
    throw new OutlierExposureError(
      'not-found',
      `Nothing is frozen by "${pattern}": no initializer of the model is named so${near ? `; the nearest is "${near}"` : ''}. oe inspect --parameters lists them.`,
    );
  });
  return (name) => !expressions.some((expression) => expression.test(name));
}

function globExpression(pattern: string): RegExp {
  const escaped = pattern.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll(/\*+/g, '.*').replaceAll('?', '.')}$`, 's');
}

/**
 * The ones and zeros of an InstanceNormalization over reshaped groups: exporters write GroupNormalization so, with its own
 * scale and bias behind.
 */
function groupConstants(graph: Graph): string[] {
  const producers = graph.producers();
  const filled = (name: string, value: number) => {
    const tensor = graph.initializers.get(name);
    return tensor?.elementType === 'float32' && (tensor.data as Float32Array).every((each) => each === value);
  };
  return graph.nodes.flatMap(({ op, inputs: [x, scale, bias] }) =>
    op === 'InstanceNormalization' &&
    producers.get(x!)?.op === 'Reshape' &&
    filled(scale!, 1) &&
    filled(bias!, 0)
      ? [scale!, bias!]
      : [],
  );
}

/** Whether a batch normalization's averages may move. */
export function movesStatistics({ inputs }: Node, trainable: Trainable = () => true): boolean {
  return inputs.slice(3, 5).every(trainable);
}
