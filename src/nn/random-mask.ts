/** Random masks inside a graph, made anew from each step's seed: what dropout drops, who gets a hint. */
import { type Attribute, dataTypeOf, float, type Graph } from '../onnx/index.ts';
import { hashSeed, Random } from '../random.ts';

export interface RandomMaskOptions {
  /** The name of a value that changes with each step, uint32 scalar. */
  seed: string;
  /** What the mask is for: masks of one seed and shape differ by it. */
  key: string;
  shape: readonly number[];
  /** The share of zeros, at least 0 and below 1. */
  ratio: number;
}

/**
 * A mask of 0 and 1, float32 of the given shape. An element is 1 by the product of its own random number and an odd factor
 * of the step and the key (multiplicative hashing, modulo 2³²), so that a step can be repeated on any device.
 *
 * @returns the mask's name
 */
export function randomMask(graph: Graph, { seed, key, shape, ratio }: RandomMaskOptions): string {
  const named = { name: `${key}/mask` };
  const op: Emit = (type, a, b, attributes = {}) => graph.add(type, [a, b], attributes, named);
  const number = (value: number) => graph.scalar(value >>> 0, 'uint32');
  const mixed = hash(op, number, op('BitwiseXor', seed, number(hashSeed(0, key))));
  const cast = (value: string, to: 'int32' | 'float32') =>
    graph.add('Cast', [value], { to: dataTypeOf(to) }, named);
  const factor = cast(op('BitwiseOr', mixed, number(1)), 'int32');
  // Uniform from −2³¹ on; the step to 1 stands where the ratio ends. ONNX Runtime turns int32 into float32 fast, but
  // not bool.
  const hashed = cast(op('Mul', randomNumbers(graph, shape), factor), 'float32');
  const threshold = Math.fround((ratio - 0.5) * 2 ** 32);
  return graph.add('HardSigmoid', [hashed], { alpha: float(1), beta: float(-threshold) }, named);
}

type Emit = (type: string, a: string, b: string, attributes?: Record<string, Attribute>) => string;

/** MurmurHash3's finalizer, of one number. */
function hash(op: Emit, number: (value: number) => string, value: string): string {
  const shifted = (x: string, bits: number) =>
    op('BitwiseXor', x, op('BitShift', x, number(bits), { direction: 'RIGHT' }));
  let mixed = op('Mul', shifted(value, 16), number(0x85ebca6b));
  mixed = op('Mul', shifted(mixed, 13), number(0xc2b2ae35));
  return shifted(mixed, 16);
}

/** A random number for each element, never 0; all masks of one shape start from the same. */
function randomNumbers(graph: Graph, shape: readonly number[]): string {
  const name = `dropout/numbers/${shape.join('x')}`;
  if (!graph.initializers.has(name)) {
    const count = shape.reduce((product, size) => product * size, 1);
    const random = Random.from(0, 'dropout', ...shape);
    const data = Int32Array.from({ length: count }, () => random.int32() || 1);
    graph.addInitializer(name, { elementType: 'int32', shape, data });
  }
  return name;
}
