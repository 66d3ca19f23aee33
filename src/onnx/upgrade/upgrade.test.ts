/** Each operator in an old form and in ours, run by ONNX Runtime: the same numbers. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../random.ts';
import { nodeRuntime, type Runtime } from '../../runtime/index.ts';
import { createModel, FloatsAttribute, float, Graph, type Model, OPSET } from '../graph.ts';
import { float32, int64 } from '../tensor.ts';
import { writeModel } from '../write.ts';
import { canUpgrade, NEWEST_OPSET, OLDEST_OPSET, upgradeModel } from './index.ts';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ threads: 1, place: 'here' });
});
afterAll(() => runtime.dispose());

const SHAPE = [2, 4, 3, 4];
const random = Random.from(1);
const normal = (shape: number[]) =>
  float32(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.normal()),
    shape,
  );
const x = normal(SHAPE);

/** A model of one input, x, in an old operator set. */
function old(opset: number, build: (graph: Graph) => string): Model {
  const graph = new Graph('old');
  graph.addInput('x', 'float32', SHAPE);
  const output = build(graph);
  graph.addOutput(output);
  const model = createModel(graph);
  // As an exporter of the time would write it: later versions of the format know newer sets.
  return { ...model, opsets: new Map([['', opset]]), irVersion: 8 };
}

async function run(model: Model): Promise<{ shape: readonly number[]; data: number[] }> {
  const session = await runtime.createSession(writeModel(model), { optimization: 'none' });
  const [output] = Object.values(await session.run({ x }));
  await session.release();
  return { shape: output!.shape, data: Array.from(output!.data as Float32Array, Number) };
}

const vector = (graph: Graph, size: number) => graph.constant(normal([size]));
const positive = (graph: Graph, size: number) =>
  graph.constant(
    float32(
      Float32Array.from({ length: size }, (_, i) => 0.5 + i),
      [size],
    ),
  );

const CASES: [string, number, (graph: Graph) => string][] = [
  ['Softmax over the axes from one on', 11, (g) => g.add('Softmax', ['x'], { axis: 1 })],
  ['Softmax over the last axis', 9, (g) => g.add('Softmax', ['x'], { axis: 3 })],
  ['Softmax as it is by default', 12, (g) => g.add('Softmax', ['x'])],
  ['LogSoftmax', 11, (g) => g.add('LogSoftmax', ['x'], { axis: 2 })],
  ['Hardmax', 11, (g) => g.add('Hardmax', ['x'], { axis: 2 })],
  [
    'Squeeze and Unsqueeze',
    11,
    (g) => {
      const more = g.add('Unsqueeze', ['x'], { axes: [0, 3] });
      return g.add('Squeeze', [more], { axes: [0] });
    },
  ],
  ['ReduceSum', 11, (g) => g.add('ReduceSum', ['x'], { axes: [1, -1], keepdims: 0 })],
  ['ReduceSum over all', 11, (g) => g.add('ReduceSum', ['x'], { keepdims: 1 })],
  ['ReduceMean', 13, (g) => g.add('ReduceMean', ['x'], { axes: [2, 3] })],
  ['ReduceL2', 17, (g) => g.add('ReduceL2', ['x'], { axes: [1] })],
  ['Split by sizes', 11, (g) => g.addMany('Split', ['x'], 2, { axis: 1, split: [1, 3] })[1]!],
  ['Split in equal parts', 13, (g) => g.addMany('Split', ['x'], 2, { axis: 1 })[1]!],
  ['Clip', 10, (g) => g.add('Clip', ['x'], { min: float(-0.5), max: float(0.25) })],
  ['Clip from above', 9, (g) => g.add('Clip', ['x'], { max: float(0.25) })],
  ['Pad', 10, (g) => g.add('Pad', ['x'], { pads: [0, 0, 1, 2, 0, 0, 0, 1], value: float(3) })],
  ['Slice', 9, (g) => g.add('Slice', ['x'], { starts: [1, 0], ends: [3, -1], axes: [1, 3] })],
  ['TopK', 9, (g) => g.addMany('TopK', ['x'], 2, { k: 2, axis: 3 })[0]!],
  ['Dropout', 10, (g) => g.add('Dropout', ['x'], { ratio: float(0.3) })],
  [
    'BatchNormalization',
    9,
    (g) => g.add('BatchNormalization', ['x', vector(g, 4), vector(g, 4), vector(g, 4), positive(g, 4)]),
  ],
  [
    'Upsample',
    9,
    (g) => {
      const scales = g.constant(float32([1, 1, 2, 1.5], [4]));
      return g.add('Upsample', ['x', scales], { mode: 'nearest' });
    },
  ],
  [
    'Upsample by its attribute',
    8,
    (g) => g.add('Upsample', ['x'], { mode: 'linear', scales: new FloatsAttribute([1, 1, 2, 2]) }),
  ],
  [
    'Resize of set 10',
    10,
    (g) => {
      const scales = g.constant(float32([1, 1, 2, 3], [4]));
      return g.add('Resize', ['x', scales], { mode: 'linear' });
    },
  ],
  [
    'Resize to sizes, with empty scales',
    11,
    (g) => {
      const empty = g.constant(float32([], [0]));
      const sizes = g.constant(int64([2, 4, 5, 7]));
      return g.add('Resize', ['x', empty, empty, sizes], {
        mode: 'linear',
        coordinate_transformation_mode: 'align_corners',
      });
    },
  ],
  [
    'Scatter',
    9,
    (g) => {
      const at = g.constant(int64([0, 2], [2, 1, 1, 1]));
      return g.add('Scatter', ['x', at, g.constant(normal([2, 1, 1, 1]))], { axis: 2 });
    },
  ],
  [
    'GridSample',
    16,
    (g) => {
      const grid = g.constant(
        float32(Array.from(normal([2, 2, 2, 2]).data as Float32Array, Math.tanh), [2, 2, 2, 2]),
      );
      return g.add('GridSample', ['x', grid], { mode: 'bilinear' });
    },
  ],
];

it.each(CASES)('%s (set %i)', async (_, opset, build) => {
  const model = old(opset, build);
  const upgraded = upgradeModel(model);
  expect(upgraded.opsets.get('')).toBe(OPSET);
  expect([...upgraded.graph.outputs.keys()]).toEqual([...model.graph.outputs.keys()]);
  const [before, after] = [await run(model), await run(upgraded)];
  expect(after.shape).toEqual(before.shape);
  expect(after.data.length).toBeGreaterThan(0);
  for (const [i, value] of before.data.entries()) expect(after.data[i]).toBeCloseTo(value, 5);
});

it('GroupNormalization (set 18), whose scale was one a group', async () => {
  const model = old(18, (g) =>
    g.add('GroupNormalization', ['x', vector(g, 2), vector(g, 2)], { num_groups: 2, epsilon: float(0.1) }),
  );
  const { data } = await run(upgradeModel(model));
  const [scale, bias] = [...model.graph.initializers.values()].map((tensor) => tensor.data as Float32Array);
  const values = x.data as Float32Array;
  for (let from = 0; from < values.length; from += 24) {
    const part = [...values.subarray(from, from + 24)];
    const mean = part.reduce((a, b) => a + b) / 24;
    const deviation = Math.sqrt(part.reduce((a, b) => a + (b - mean) ** 2, 0) / 24 + 0.1);
    const group = (from / 24) % 2;
    for (const [i, value] of part.entries())
      expect(data[from + i]).toBeCloseTo(((value - mean) / deviation) * scale![group]! + bias![group]!, 4);
  }
});

it('reaches into subgraphs, with names that nothing else has', async () => {
  const model = old(11, (g) => {
    const branch = (axis: number) => {
      const inner = new Graph(`branch ${axis}`);
      inner.addOutput(inner.add('Softmax', ['x'], { axis }, { name: `of ${axis}` }));
      return inner;
    };
    g.reserveAll(branch(1));
    const condition = g.constant({ elementType: 'bool', shape: [], data: Uint8Array.of(0) });
    return g.add('If', [condition], { then_branch: branch(1), else_branch: branch(2) });
  });
  const [before, after] = [await run(model), await run(upgradeModel(model))];
  for (const [i, value] of before.data.entries()) expect(after.data[i]).toBeCloseTo(value, 6);
});

describe('which models', () => {
  const at = (opset: number) => old(opset, (g) => g.add('Relu', ['x']));
  it('of our set are returned as they are, newer ones under its number', () => {
    expect(upgradeModel(at(OPSET)).graph.nodes).toHaveLength(1);
    const ours = at(OPSET);
    expect(upgradeModel(ours)).toBe(ours);
    expect(upgradeModel(at(NEWEST_OPSET)).opsets.get('')).toBe(OPSET);
  });
  it('are refused with a sentence', () => {
    for (const opset of [OLDEST_OPSET - 1, NEWEST_OPSET + 1]) {
      expect(canUpgrade(at(opset))).toBe(false);
      expect(() => upgradeModel(at(opset))).toThrowError(`operator set ${opset}, but 7 to 24 can be read`);
    }
  });
  it('leaves the model given alone', () => {
    const model = old(9, (g) => g.add('Clip', ['x'], { min: float(0) }));
    upgradeModel(model);
    expect(model.graph.nodes[0]).toMatchObject({ inputs: ['x'], attributes: { min: float(0) } });
  });
});
