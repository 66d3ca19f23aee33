/** Reverse-mode differentiation of ONNX graphs: one sweep backwards, one rule a node. */
import { OutlierExposureError } from '../errors.ts';
import { inputsOf } from '../onnx/edit.ts';
import { type ElementType, type Graph, staticShape, type TensorType, zeros } from '../onnx/index.ts';
import type { Abilities } from '../runtime/abilities.ts';
import { type GradientRule, RuleContext } from './rule.ts';
import { gradientRules } from './rules/index.ts';

export interface DifferentiateOptions {
  /** Rules by op name, before the built-in ones; `'domain:Op'` for operators of another domain than ONNX's. */
  rules?: Readonly<Record<string, GradientRule>>;
  /**
   * What ONNX Runtime can do where the graph will run (see `abilitiesOf`): some gradients have a faster form there.
   * Default: what native ONNX Runtime can on every processor.
   */
  abilities?: Abilities;
}

const NATIVE: Abilities = { block: 1, device: 'cpu' };

/**
 * Adds to a graph the nodes that compute the gradient of a scalar with respect to some of its values.
 *
 * @param graph extended in place; its nodes must be in topological order, as ONNX demands
 * @param types the type and shape of every value, shapes in numbers (see `inferTypes`)
 * @param of the value to differentiate; one element
 * @param wrt inputs, initializers or intermediate values
 * @returns the name of the gradient of each value in `wrt`; zeros where `of` does not depend on it
 * @throws OutlierExposureError `unsupported` when a node in between has no rule
 */
export function differentiate(
  graph: Graph,
  types: ReadonlyMap<string, TensorType>,
  of: string,
  wrt: readonly string[],
  { rules = {}, abilities = NATIVE }: DifferentiateOptions = {},
): Map<string, string> {
  const forward = [...graph.nodes];
  const wanted = dependents(forward, types, wrt);
  const gradients = new Map<string, string>();
  const { elementType, shape } = knownType(types, of);
  if (shape.some((size) => size !== 1)) {
    throw new OutlierExposureError(
      'invalid-argument',
      `Only a scalar can be differentiated, but "${of}" has the shape [${shape.join(', ')}]; reduce it to one number first.`,
    );
  }
  const one = graph.scalar(1, elementType);
  gradients.set(of, shape.length === 0 ? one : graph.add('Reshape', [one, graph.ints(shape)]));

  for (let i = forward.length - 1; i >= 0; i--) {
    const node = forward[i]!;
    if (!node.outputs.some((output) => gradients.has(output))) continue;
    // What lies before the sources of the gradient needs no rule.
    if (!inputsOf(node).some((input) => wanted.has(input))) continue;
    const key = node.domain === '' ? node.op : `${node.domain}:${node.op}`;
    const rule = [rules, gradientRules].find((table) => Object.hasOwn(table, key))?.[key];
    if (!rule) {
      throw new OutlierExposureError(
        'unsupported',
        `There is no gradient rule for the operator ${key} (node "${node.name || node.outputs[0]}"): ` +
          `pass one in differentiate's option rules, { '${key}': (context) => [...] }, or keep what lies before it out of training.`,
      );
    }
    const context = new RuleContext(
      node,
      graph,
      node.outputs.map((output) => gradients.get(output)),
      types,
      wanted,
      abilities,
    );
    const inputGradients = rule(context);
    for (const [j, input] of node.inputs.entries()) {
      const gradient = inputGradients[j];
      if (gradient === undefined || !context.needs(j)) continue;
      const sum = gradients.get(input);
      gradients.set(input, sum === undefined ? gradient : context.add('Add', [sum, gradient]));
    }
  }

  return new Map(
    wrt.map((value) => {
      const gradient = gradients.get(value);
      if (gradient !== undefined) return [value, gradient];
      return [value, zerosLike(graph, types, value)];
    }),
  );
}

function knownType(types: ReadonlyMap<string, TensorType>, value: string) {
  const type = types.get(value);
  if (!type) throw new OutlierExposureError('not-found', `The graph has no value named "${value}".`);
  const shape = staticShape(type);
  if (!shape) {
    throw new OutlierExposureError(
      'unsupported',
      `The shape of "${value}" is not known: bind every named dimension (the batch size, say) to a number first.`,
    );
  }
  return { elementType: type.elementType, shape };
}

function zerosLike(graph: Graph, types: ReadonlyMap<string, TensorType>, value: string): string {
  const { elementType, shape } = knownType(types, value);
  // ONNX Runtime does not expand one number to none.
  if (!shape.includes(0)) return graph.add('Expand', [graph.scalar(0, elementType), graph.ints(shape)]);
  const data = zeros(elementType as Exclude<ElementType, 'string'>, 0);
  return graph.constant({ elementType, shape, data }, 'empty');
}

/** The values that depend on one of `sources` through floating-point values: the ones whose gradients matter. */
function dependents(
  nodes: Graph['nodes'],
  types: ReadonlyMap<string, TensorType>,
  sources: readonly string[],
): Set<string> {
  const reached = new Set(sources);
  for (const node of nodes) {
    if (!inputsOf(node).some((input) => reached.has(input))) continue;
    for (const output of node.outputs) {
      if (output === '') continue;
      const elementType = types.get(output)?.elementType;
      if (elementType === undefined || elementType.includes('float')) reached.add(output);
    }
  }
  return reached;
}
