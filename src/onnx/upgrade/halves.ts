/** Models in half precision, computed in single precision. */
import { dataTypeOf } from '../data-types.ts';
import { type Attribute, Graph } from '../graph.ts';
import type { ElementType, TensorData, TensorType } from '../tensor.ts';

const HALVES: readonly ElementType[] = ['float16', 'bfloat16'];

export function isHalf(elementType: ElementType): boolean {
  return HALVES.includes(elementType);
}

/** The number that 16 bits of IEEE 754's binary16 stand for. */
export function fromFloat16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The 16 bits of the nearest binary16 number, ties to even; beyond 65,504 infinity. */
export function toFloat16(value: number): number {
  if (Number.isNaN(value)) return 0x7e00;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (size >= 65520) return sign | 0x7c00;
  // Below 2⁻¹⁴ numbers stand 2⁻²⁴ apart.
  const exponent = Math.max(-14, Math.floor(Math.log2(size || 1e-30)));
  const steps = roundToEven(size / 2 ** (exponent - 10));
  // A carry runs over into the exponent by itself.
  return sign | (exponent === -14 ? steps : ((exponent + 14) << 10) + steps);
}

function roundToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}

/** A tensor of halves in single precision; others as they are. */
export function widened(tensor: TensorData): TensorData {
  if (!isHalf(tensor.elementType)) return tensor;
  const { elementType, shape } = tensor;
  const bits = tensor.data as Uint16Array;
  if (elementType === 'float16')
    return { elementType: 'float32', shape, data: Float32Array.from(bits, fromFloat16) };
  // bfloat16 is the upper half of a float32.
  const words = Uint32Array.from(bits, (half) => half * 0x10000);
  return { elementType: 'float32', shape, data: new Float32Array(words.buffer) };
}

/** A float32 tensor in the given precision, rounded to the nearest. */
export function narrowed(tensor: TensorData, elementType: ElementType): TensorData {
  if (tensor.elementType !== 'float32' || !isHalf(elementType)) return tensor;
  const values = tensor.data as Float32Array;
  if (elementType === 'float16')
    return { elementType, shape: tensor.shape, data: Uint16Array.from(values, toFloat16) };
  const words = new Uint32Array(Float32Array.from(values).buffer);
  const data = Uint16Array.from(words, (word) => (word + 0x7fff + ((word >>> 16) & 1)) >>> 16);
  return { elementType, shape: tensor.shape, data };
}

/** Whether a graph holds or names halves anywhere. */
export function hasHalves(graph: Graph): boolean {
  const types = [...graph.inputs.values(), ...graph.outputs.values(), ...graph.initializers.values()];
  return (
    types.some((type) => type && isHalf(type.elementType)) ||
    graph.nodes.some(({ attributes }) =>
      Object.entries(attributes).some(([name, value]) => holds(name, value)),
    )
  );
}

const CODES = HALVES.map(dataTypeOf);
/** The attributes by which operators name the type of what they make. */
const TYPE_NAMES = new Set(['to', 'dtype', 'stash_type', 'output_dtype']);

function holds(name: string, value: Attribute): boolean {
  if (value instanceof Graph) return hasHalves(value);
  if (typeof value === 'number') return TYPE_NAMES.has(name) && CODES.includes(value);
  return typeof value === 'object' && 'elementType' in value && isHalf(value.elementType);
}

/** Turns every half of a graph into a float32, in place: inputs, outputs, weights, constants and casts. */
export function widenHalves(graph: Graph): void {
  const widenedType = <T extends TensorType | undefined>(type: T): T =>
    type && isHalf(type.elementType) ? { ...type, elementType: 'float32' } : type;
  for (const [name, type] of graph.inputs) graph.inputs.set(name, widenedType(type));
  for (const [name, type] of graph.outputs) graph.outputs.set(name, widenedType(type));
  for (const [name, tensor] of graph.initializers) graph.initializers.set(name, widened(tensor));
  for (const node of graph.nodes) {
    node.attributes = Object.fromEntries(
      Object.entries(node.attributes).map(([name, value]) => [name, widenedAttribute(name, value)]),
    );
  }
}

function widenedAttribute(name: string, value: Attribute): Attribute {
  if (!holds(name, value)) return value;
  if (value instanceof Graph) {
    widenHalves(value);
    return value;
  }
  return typeof value === 'number' ? dataTypeOf('float32') : widened(value as TensorData);
}
