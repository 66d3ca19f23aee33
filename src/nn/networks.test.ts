import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sizeOf, writeModel } from '../onnx/index.ts';
import { nodeRuntime, type Runtime } from '../runtime/index.ts';
import { convNet, isRunningStatistic, wideResNet } from './index.ts';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ threads: 1, place: 'here' });
});
afterAll(() => runtime.dispose());

const parameters = (model: ReturnType<typeof convNet>) =>
  [...model.graph.initializers].filter(([name]) => /\.(weight|bias)$/.test(name));
const count = (model: ReturnType<typeof convNet>) =>
  parameters(model).reduce((sum, [, { shape }]) => sum + sizeOf(shape), 0);

describe('convNet', () => {
  it("has the paper's parameters, named as PyTorch names them", () => {
    expect(count(convNet({ seed: 1 }))).toBe(21_840);
    expect(parameters(convNet({ seed: 1 })).map(([name]) => name)).toEqual([
      'conv1.weight',
      'conv1.bias',
      'conv2.weight',
      'conv2.bias',
      'fc1.weight',
      'fc1.bias',
      'fc2.weight',
      'fc2.bias',
    ]);
  });

  it('starts as PyTorch starts, within ±1/√fan_in and all over it', () => {
    for (const [name, fanIn] of [
      ['conv1.weight', 25],
      ['conv2.weight', 250],
      ['fc1.weight', 320],
      ['fc1.bias', 320],
    ] as const) {
      const values = convNet({ seed: 3 }).graph.initializers.get(name)!.data as Float32Array;
      const bound = 1 / Math.sqrt(fanIn);
      expect(Math.max(...values)).toBeLessThanOrEqual(bound);
      expect(Math.min(...values)).toBeGreaterThanOrEqual(-bound);
      expect(Math.max(...values)).toBeGreaterThan(0.8 * bound);
      expect(Math.abs(values.reduce((sum, value) => sum + value, 0) / values.length)).toBeLessThan(
        0.3 * bound,
      );
    }
  });

  it('depends on the seed alone', () => {
    expect(writeModel(convNet({ seed: 1 }))).toEqual(writeModel(convNet({ seed: 1 })));
    expect(writeModel(convNet({ seed: 2 }))).not.toEqual(writeModel(convNet({ seed: 1 })));
  });

  it('takes batches of any size', async () => {
    const session = await runtime.createSession(writeModel(convNet({ seed: 1, classes: 4 })));
    for (const batch of [1, 7]) {
      const { logits } = await session.run({
        pixels: { elementType: 'float32', shape: [batch, 1, 28, 28], data: new Float32Array(batch * 784) },
      });
      expect(logits!.shape).toEqual([batch, 4]);
    }
  });
});

describe('wideResNet', () => {
  it.each([
    // WRN-40-2 and WRN-16-4 for ten classes, as counted by their authors' code.
    [40, 2, 2_243_546],
    [16, 4, 2_748_890],
  ])('WRN-%d-%d has %d parameters', (depth, widen, expected) => {
    const model = wideResNet({ seed: 1, depth, widen });
    expect(count(model)).toBe(expected);
    expect([...model.graph.initializers.keys()].filter(isRunningStatistic).length).toBeGreaterThan(10);
  });

  it('starts as He et al. do, with normalizations that change nothing', () => {
    const { initializers } = wideResNet({ seed: 5, depth: 10, widen: 2 }).graph;
    const values = (name: string) => initializers.get(name)!.data as Float32Array;
    for (const [name, fanOut] of [
      ['block2.layer.0.conv2.weight', 64 * 9],
      ['block3.layer.0.convShortcut.weight', 128],
    ] as const) {
      const kernel = values(name);
      const square = kernel.reduce((sum, value) => sum + value ** 2, 0) / kernel.length;
      expect((square * fanOut) / 2).toBeGreaterThan(0.95);
      expect((square * fanOut) / 2).toBeLessThan(1.05);
    }
    for (const [name, wanted] of [
      ['bn1.weight', 1],
      ['bn1.bias', 0],
      ['bn1.running_mean', 0],
      ['bn1.running_var', 1],
      ['fc.bias', 0],
    ] as const) {
      expect(new Set(values(name))).toEqual(new Set([wanted]));
    }
  });

  it('names its blocks, and projects a shortcut where the width changes alone', () => {
    const names = [...wideResNet({ seed: 1, depth: 16, widen: 1 }).graph.initializers.keys()];
    expect(names.filter((name) => name.includes('convShortcut'))).toEqual([
      'block2.layer.0.convShortcut.weight',
      'block3.layer.0.convShortcut.weight',
    ]);
    expect(names.filter((name) => name.endsWith('.conv2.weight')).sort()).toEqual(
      [1, 2, 3].flatMap((group) => [0, 1].map((block) => `block${group}.layer.${block}.conv2.weight`)),
    );
  });

  it('depends on the seed alone, and drops inside its blocks', () => {
    const small = (seed: number, dropRate?: number) =>
      wideResNet({ seed, depth: 16, widen: 1, ...(dropRate === undefined ? {} : { dropRate }) });
    expect(writeModel(small(1))).toEqual(writeModel(small(1)));
    expect(writeModel(small(2))).not.toEqual(writeModel(small(1)));
    const drops = (model: ReturnType<typeof small>) =>
      model.graph.nodes.filter(({ op }) => op === 'Dropout').length;
    expect([drops(small(1)), drops(small(1, 0))]).toEqual([6, 0]);
  });

  it('gives logits', async () => {
    const session = await runtime.createSession(
      writeModel(wideResNet({ seed: 1, depth: 16, widen: 1, classes: 100 })),
    );
    const { logits } = await session.run({
      pixels: { elementType: 'float32', shape: [2, 3, 32, 32], data: new Float32Array(2 * 3072).fill(0.5) },
    });
    expect(logits!.shape).toEqual([2, 100]);
    expect((logits!.data as Float32Array).every(Number.isFinite)).toBe(true);
  });

  it.each([12, 9, 4])('refuses depth %d', (depth) => {
    expect(() => wideResNet({ seed: 1, depth })).toThrowError(/depth is 6n \+ 4/);
  });
});
