import { afterAll, describe, expect, it } from 'vitest';
import { createModel, dataTypeOf, float32, Graph, type TensorData, writeModel } from '../onnx/index.ts';
import { inferTypes } from '../runtime/index.ts';
import { differentiate } from './differentiate.ts';
import { gradientRules } from './rules/index.ts';
import { runtime } from './testing.ts';

afterAll(() => runtime.dispose());

/** x [2, 3] and what is built of it, summed. */
function summed(build: (graph: Graph) => string): { graph: Graph; loss: string } {
  const graph = new Graph();
  graph.addInput('x', 'float32', [2, 3]);
  const loss = graph.add('ReduceSum', [build(graph)], { keepdims: 0 });
  return { graph, loss };
}

const X = float32([1, -2, 3, -4, 5, -6], [2, 3]);

async function computed(graph: Graph, value: string, feeds: Record<string, TensorData>): Promise<TensorData> {
  const probe = graph.clone();
  probe.outputs.clear();
  probe.addOutput(probe.add('Identity', [value]));
  const session = await runtime.createSession(writeModel(createModel(probe)));
  const [result] = Object.values(await session.run(feeds));
  await session.release();
  return result!;
}

async function gradientOf({ graph, loss }: { graph: Graph; loss: string }, of = 'x'): Promise<number[]> {
  const gradient = differentiate(graph, await inferTypes(graph, runtime), loss, [of]).get(of)!;
  return [...((await computed(graph, gradient, { x: X })).data as Float32Array)];
}

describe('an operator without a rule', () => {
  const build = (graph: Graph) => graph.add('Sinh', ['x'], {}, { name: 'wave' });

  it('is named, with its node and the way to add a rule', async () => {
    const { graph, loss } = summed(build);
    const types = await inferTypes(graph, runtime);
    expect(() => differentiate(graph, types, loss, ['x'])).toThrow(
      /no gradient rule for the operator Sinh \(node "wave"\).*option rules, \{ 'Sinh':/,
    );
  });

  it('takes a rule from the options', async () => {
    const { graph, loss } = summed(build);
    const types = await inferTypes(graph, runtime);
    const gradients = differentiate(graph, types, loss, ['x'], {
      rules: { Sinh: (c) => [c.add('Mul', [c.gradient, c.add('Cosh', [c.input(0)])])] },
    });
    const { data } = await computed(graph, gradients.get('x')!, { x: X });
    for (const [i, value] of (X.data as Float32Array).entries())
      expect((data[i] as number) / Math.cosh(value)).toBeCloseTo(1, 5);
  });

  it('of another domain takes one by domain and name', async () => {
    const build = (graph: Graph) => graph.add('QuickGelu', ['x'], {}, { domain: 'com.microsoft' });
    const { graph, loss } = summed(build);
    const types = await inferTypes(graph, runtime);
    expect(() => differentiate(graph, types, loss, ['x'])).toThrow(/operator com\.microsoft:QuickGelu/);
    const rules = { 'com.microsoft:QuickGelu': () => ['seen'] };
    expect(differentiate(graph, types, loss, ['x'], { rules }).get('x')).toBe('seen');
  });

  it('needs none where it lies before the values differentiated, or beside them', async () => {
    const { graph, loss } = summed((graph) => {
      const before = graph.add('Sinh', ['x'], {}, { name: 'before' });
      return graph.add('Mul', [before, graph.add('Exp', [before], {}, { name: 'after' })]);
    });
    expect(await gradientOf({ graph, loss }, 'before')).toHaveLength(6);
  });

  it.each(['constructor', 'toString', '__proto__'])('may be called %s', (op) => {
    const { graph, loss } = summed((graph) => graph.add(op, ['x']));
    const types = new Map(
      [loss, 'x', op].map((name) => [name, { elementType: 'float32' as const, shape: [] }]),
    );
    expect(() => differentiate(graph, types, loss, ['x'])).toThrow(`operator ${op} `);
  });

  it('is found even where only its subgraph sees the value', async () => {
    const { graph, loss } = summed((graph) => {
      const branch = new Graph('branch');
      branch.addOutput(branch.add('Neg', ['x'], {}, { name: 'negated' }));
      const other = new Graph('other');
      other.addOutput(other.add('Identity', ['x'], {}, { name: 'same' }));
      return graph.add('If', [graph.scalar(1, 'bool')], { then_branch: branch, else_branch: other });
    });
    const types = await inferTypes(graph, runtime);
    expect(() => differentiate(graph, types, loss, ['x'])).toThrow(/operator If/);
  });
});

it('replaces built-in rules by those in the options', async () => {
  const { graph, loss } = summed((graph) => graph.add('Relu', ['x']));
  const types = await inferTypes(graph, runtime);
  const straightThrough = differentiate(graph, types, loss, ['x'], { rules: { Relu: (c) => [c.gradient] } });
  const { data } = await computed(graph, straightThrough.get('x')!, { x: X });
  expect([...(data as Float32Array)]).toEqual([1, 1, 1, 1, 1, 1]);
});

it('gives zeros for what the loss does not depend on', async () => {
  const { graph, loss } = summed((graph) => graph.add('Neg', ['x']));
  graph.addInitializer('w', float32([1, 2], [2]));
  graph.addInitializer('empty', float32([], [0, 2]));
  const gradients = differentiate(graph, await inferTypes(graph, runtime), loss, ['w', 'empty']);
  expect(await computed(graph, gradients.get('w')!, { x: X })).toEqual(float32([0, 0], [2]));
  expect(await computed(graph, gradients.get('empty')!, { x: X })).toEqual(float32([], [0, 2]));
});

it('gives 1 for the loss itself', async () => {
  const { graph, loss } = summed((graph) => graph.add('Neg', ['x']));
  expect(await gradientOf({ graph, loss }, loss)).toEqual([1]);
});

it('takes a loss of one element of any rank', async () => {
  const graph = new Graph();
  graph.addInput('x', 'float32', [2, 3]);
  const loss = graph.add('ReduceSum', ['x']);
  expect(await gradientOf({ graph, loss })).toEqual([1, 1, 1, 1, 1, 1]);
});

it('adds up over every path', async () => {
  const build = (graph: Graph) => {
    const y = graph.add('Mul', ['x', graph.scalar(2)]);
    return graph.add('Add', [graph.add('Add', [y, y]), graph.add('Neg', ['x'])]);
  };
  expect(await gradientOf(summed(build))).toEqual([3, 3, 3, 3, 3, 3]);
});

it('cuts paths through integers and booleans', async () => {
  const build = (graph: Graph) => {
    const whole = graph.add('Cast', ['x'], { to: dataTypeOf('int64') });
    const positive = graph.add('Greater', ['x', graph.scalar(0)]);
    const factor = graph.add('Cast', [whole], { to: dataTypeOf('float32') });
    const gate = graph.add('Cast', [positive], { to: dataTypeOf('float32') });
    return graph.add('Mul', [graph.add('Mul', ['x', factor]), gate]);
  };
  expect((await gradientOf(summed(build))).map(Math.abs)).toEqual([1, 0, 3, 0, 5, 0]);
});

it('does not take a left-out output for a left-out input', async () => {
  // Sin has no rule: it must not seem to depend on w because both nodes leave something out.
  const { graph, loss } = summed((graph) => {
    graph.addInitializer('w', float32([1], []));
    const [dropped] = graph.addMany('Dropout', ['w'], 2);
    graph.nodes.at(-1)!.outputs[1] = '';
    const clipped = graph.add('Clip', [graph.add('Sinh', ['x']), undefined, graph.scalar(1)]);
    return graph.add('Mul', [graph.add('Sin', [clipped]), dropped!]);
  });
  expect(await gradientOf({ graph, loss }, 'w')).toHaveLength(1);
});

describe('what cannot be differentiated', () => {
  it('is a loss of more than one number', async () => {
    const graph = new Graph();
    graph.addInput('x', 'float32', [2, 3]);
    const y = graph.add('Neg', ['x']);
    const types = await inferTypes(graph, runtime);
    expect(() => differentiate(graph, types, y, ['x'])).toThrow(/"Neg" has the shape \[2, 3\]; reduce it/);
  });

  it('is a value that is not there', async () => {
    const { graph, loss } = summed((graph) => graph.add('Neg', ['x']));
    const types = await inferTypes(graph, runtime);
    expect(() => differentiate(graph, types, loss, ['nowhere'])).toThrow(/no value named "nowhere"/);
    expect(() => differentiate(graph, types, 'nowhere', ['x'])).toThrow(/no value named "nowhere"/);
  });

  it('is a graph with a dimension that is not bound', async () => {
    const graph = new Graph();
    graph.addInput('x', 'float32', ['batch', 3]);
    const loss = graph.add('ReduceMean', ['x'], { keepdims: 0 });
    const types = await inferTypes(graph, runtime);
    expect(() => differentiate(graph, types, loss, ['x'])).toThrow(
      /ReduceMean \(node "ReduceMean"\).*shape of "x" is not known: bind every named dimension/,
    );
    graph.addInitializer('w', float32([1], [1]));
    types.set('y', { elementType: 'float32', shape: ['batch'] });
    expect(() => differentiate(graph, types, loss, ['y'])).toThrow(/shape of "y" is not known: bind/);
  });
});

it('has rules for what classifiers and their objectives are made of', () => {
  const required =
    'Conv Gemm MatMul Add Sub Mul Div Neg Pow Sqrt Exp Log Abs Relu LeakyRelu Sigmoid Tanh Softplus Erf Clip ' +
    'MaxPool AveragePool GlobalAveragePool BatchNormalization Softmax LogSoftmax ReduceSum ReduceMean ReduceMax ' +
    'ReduceLogSumExp Reshape Flatten Transpose Concat Slice Split Squeeze Unsqueeze Expand Gather Pad Where Cast ' +
    'Identity Dropout';
  expect(required.split(' ').filter((op) => !Object.hasOwn(gradientRules, op))).toEqual([]);
});
