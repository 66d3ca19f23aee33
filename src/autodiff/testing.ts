/** How gradient rules are proved: against central differences of what ONNX Runtime itself computes. For tests only. */
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import {
  createModel,
  type ElementType,
  float32,
  float64,
  Graph,
  sizeOf,
  staticShape,
  type TensorData,
  writeModel,
} from '../onnx/index.ts';
import { Random } from '../random.ts';
import { type Abilities, inferTypes } from '../runtime/index.ts';
import { nodeRuntime } from '../runtime/node.ts';
import { differentiate } from './differentiate.ts';
import type { GradientRule } from './rule.ts';

/** One runtime a test file: every file loads this module for itself. */
export const runtime = await nodeRuntime({ threads: 1, place: 'here' });

/** The operators that {@link checkGradient} has gone through so far. */
const exercised = new Set<string>();

export interface GradientCheck {
  /** Become the graph's inputs, under their names. */
  inputs: Record<string, TensorData>;
  /** Adds nodes and returns the value to check. */
  build: (graph: Graph) => string;
  /** The inputs whose gradients are checked; all of floating point by default. */
  wrt?: readonly string[];
  /** `'linear'` (piecewise, too) allows one big, exact step; `'smooth'` takes two and extrapolates. Default `'smooth'`. */
  method?: 'linear' | 'smooth';
  step?: number;
  /** Allowed error, relative to the gradient's largest entry. */
  tolerance?: number;
  /** What ONNX Runtime is taken to be able to do. */
  abilities?: Abilities;
}

const DEFAULTS = {
  float32: { linear: { step: 0.5, tolerance: 1e-4 }, smooth: { step: 0.05, tolerance: 1e-3 } },
  float64: { linear: { step: 1e-2, tolerance: 1e-9 }, smooth: { step: 1e-3, tolerance: 1e-7 } },
};

/** Beyond this many entries a sample of them is checked one by one; a random direction covers them all. */
const MOST_ENTRIES = 12;

/**
 * Closes the graph with a random linear functional, L = Σ weight · output, and compares every gradient with
 * central differences of L, which are summed in float64 outside the graph.
 */
export async function checkGradient(check: GradientCheck): Promise<void> {
  const { inputs, build, method = 'smooth', abilities } = check;
  const wrt =
    check.wrt ?? Object.keys(inputs).filter((name) => inputs[name]!.elementType.startsWith('float'));
  const graph = new Graph();
  for (const [name, { elementType, shape }] of Object.entries(inputs))
    graph.addInput(name, elementType, shape);
  const output = build(graph);
  const forward = await inferTypes(graph, runtime);
  const random = Random.from(7);
  const weights = randomTensor(
    random,
    staticShape(forward.get(output))!,
    forward.get(output)!.elementType as 'float32',
  );
  const product = graph.add('Mul', [output, graph.constant(weights)]);
  const loss = graph.add('ReduceSum', [product], { keepdims: 0 });
  for (const { op } of graph.nodes) exercised.add(op);
  const types = new Map(forward);
  types.set(product, forward.get(output)!).set(loss, { ...forward.get(output)!, shape: [] });
  const gradients = differentiate(graph, types, loss, wrt, abilities ? { abilities } : {});
  graph.addOutput(output);
  const outputOf = new Map(
    [...gradients].map(([name, gradient]) => [name, graph.add('Identity', [gradient])]),
  );
  for (const value of outputOf.values()) graph.addOutput(value);

  const session = await runtime.createSession(writeModel(createModel(graph)));
  try {
    const analytic = await session.run(inputs, [...outputOf.values()]);
    const functional = async (feeds: Record<string, TensorData>) =>
      numbers((await session.run(feeds, [output]))[output]!);
    for (const name of wrt) {
      const gradient = analytic[outputOf.get(name)!]!;
      const input = inputs[name]!;
      expect(gradient.shape, `shape of the gradient of ${name}`).toEqual(input.shape);
      expect(gradient.elementType, `type of the gradient of ${name}`).toBe(input.elementType);
      const defaults = DEFAULTS[input.elementType as 'float32'][method];
      const { step = defaults.step, tolerance = defaults.tolerance } = check;

      const slope = async (direction: Float64Array): Promise<number> => {
        const difference = async (size: number) => {
          const [ahead, behind] = [size, -size].map((by) => moved(input, direction, by));
          const above = await functional({ ...inputs, [name]: ahead! });
          const below = await functional({ ...inputs, [name]: behind! });
          let sum = 0;
          for (const [i, weight] of numbers(weights).entries()) sum += weight * (above[i]! - below[i]!);
          return sum / (2 * size);
        };
        if (method === 'linear') return difference(step);
        return (4 * (await difference(step / 2)) - (await difference(step))) / 3;
      };
      await compare(name, numbers(gradient), slope, tolerance, random);
    }
  } finally {
    await session.release();
  }
}

/** A check of one linear node over one random input, `x`. */
export function moves(
  shape: readonly number[],
  build: (graph: Graph) => string,
  random: Random,
): Promise<void> {
  return checkGradient({ inputs: { x: randomTensor(random, shape) }, build, method: 'linear' });
}

async function compare(
  name: string,
  gradient: readonly number[],
  slope: (direction: Float64Array) => Promise<number>,
  tolerance: number,
  random: Random,
): Promise<void> {
  const size = gradient.length;
  const largest = Math.max(0.1, ...gradient.map(Math.abs));
  const fail = (where: string, expected: number, got: number) => {
    throw new Error(
      `The gradient of ${name} ${where} is ${got}, but differences say ${expected} (largest entry ${largest}).`,
    );
  };
  for (const i of [...random.permutation(size)].slice(0, MOST_ENTRIES)) {
    const expected = await slope(Float64Array.from({ length: size }, (_, j) => (i === j ? 1 : 0)));
    // Not "greater": a gradient that is not a number must fail.
    if (!(Math.abs(gradient[i]! - expected) <= tolerance * largest)) fail(`at ${i}`, expected, gradient[i]!);
  }
  if (size <= 1) return;
  const direction = Float64Array.from({ length: size }, () => random.uniform() * 2 - 1);
  const along = gradient.reduce((sum, entry, i) => sum + entry * direction[i]!, 0);
  const expected = await slope(direction);
  if (!(Math.abs(along - expected) <= tolerance * largest * Math.sqrt(size))) {
    fail('along a random direction', expected, along);
  }
}

function moved({ elementType, shape, data }: TensorData, direction: Float64Array, by: number): TensorData {
  const values = (data as Float32Array).map((value, i) => value + by * direction[i]!);
  return { elementType, shape, data: values };
}

function numbers(tensor: TensorData): number[] {
  return Array.from(tensor.data as Float64Array);
}

/** Uniform values. */
export function randomTensor(
  random: Random,
  shape: readonly number[],
  elementType: 'float32' | 'float64' = 'float64',
  { low = -1, high = 1 }: { low?: number; high?: number } = {},
): TensorData {
  const values = Array.from({ length: sizeOf(shape) }, () => low + random.uniform() * (high - low));
  return elementType === 'float32' ? float32(values, shape) : float64(values, shape);
}

/** Values in random order that differ by at least `gap`, and from 0 by half of it: apart from every kink. */
export function distinctTensor(
  random: Random,
  shape: readonly number[],
  elementType: 'float32' | 'float64' = 'float64',
  gap = 0.25,
): TensorData {
  const size = sizeOf(shape);
  const values = [...random.permutation(size)].map((rank) => (rank - Math.floor(size / 2) + 0.5) * gap);
  return elementType === 'float32' ? float32(values, shape) : float64(values, shape);
}

/** Runs a property on a few random cases, the same ones every time. */
export async function forAll<T>(
  arbitrary: fc.Arbitrary<T>,
  check: (value: T) => Promise<void>,
  runs = 12,
): Promise<void> {
  await fc.assert(fc.asyncProperty(arbitrary, check), { numRuns: runs, seed: 20_181_211 });
}

/** Where a case's values come from. */
export const seeds: fc.Arbitrary<Random> = fc.nat().map((seed) => Random.from(seed));

/** Shapes of small tensors. */
export function shapes(
  minRank = 0,
  maxRank = 3,
  { least = 1, most = 4 }: { least?: number; most?: number } = {},
): fc.Arbitrary<number[]> {
  return fc.array(fc.integer({ min: least, max: most }), { minLength: minRank, maxLength: maxRank });
}

/** A shape, and an axis of it counted from either end. */
export function shapesWithAxis(minRank = 1, maxRank = 3): fc.Arbitrary<{ shape: number[]; axis: number }> {
  return shapes(minRank, maxRank).chain((shape) =>
    fc.integer({ min: -shape.length, max: shape.length - 1 }).map((axis) => ({ shape, axis })),
  );
}

/** `count` shapes that broadcast together: leading dimensions left out, others 1 on some of them or all. */
export function broadcastShapes(count: number): fc.Arbitrary<number[][]> {
  const operand = fc.record({
    drop: fc.nat(3),
    ones: fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
  });
  return fc
    .record({
      full: shapes(0, 3, { most: 3 }),
      operands: fc.array(operand, { minLength: count, maxLength: count }),
    })
    .map(({ full, operands }) =>
      operands.map(({ drop, ones }) => full.map((size, i) => (ones[i] ? 1 : size)).slice(drop)),
    );
}

/** Both float types, where ONNX Runtime has both. */
export const FLOATS = ['float32', 'float64'] as const satisfies readonly ElementType[];

/** One suite an operator, and a test that no rule of the family was left out. */
export function describeRules(
  rules: Readonly<Record<string, GradientRule>>,
  suites: Readonly<Record<string, () => void>>,
): void {
  for (const [op, suite] of Object.entries(suites)) describe(op, suite);
  it('leaves no rule without a test', () => {
    expect(Object.keys(suites).sort()).toEqual(Object.keys(rules).sort());
    expect(Object.keys(rules).filter((op) => !exercised.has(op))).toEqual([]);
  });
  afterAll(() => runtime.dispose());
}
