/** Puts weights into a model: every parameter, under its name and in its shape, or none. */
import { nearestName, OutlierExposureError } from '../errors.ts';
import type { Model, TensorData } from '../onnx/index.ts';
import { toFloat32 } from './convert.ts';

/** How many names of a kind an error lists. */
const LISTED = 3;

/**
 * A model like the given one, with the weights as its parameters (its float32 initializers of one dimension or more).
 * Weights of other number types become float32.
 *
 * @param weights by the parameters' names; see `readCheckpoint`
 * @throws OutlierExposureError `invalid-argument` when names or shapes do not fit: it lists what is missing, unexpected and of
 *   another shape
 */
export function intoModel(model: Model, weights: ReadonlyMap<string, TensorData>): Model {
  const parameters = new Map(
    [...model.graph.initializers].filter(
      ([, { elementType, shape }]) => elementType === 'float32' && shape.length > 0,
    ),
  );
  const missing = [...parameters.keys()].filter((name) => !weights.has(name));
  const unexpected = [...weights.keys()].filter((name) => !parameters.has(name));
  const misshapen = [...parameters].flatMap(([name, { shape }]) => {
    const given = weights.get(name)?.shape;
    return given && !sameShape(given, shape) ? [`${name} (${list(given)} in place of ${list(shape)})`] : [];
  });
  const complaints = [
    complaint(
      missing.map((name) => describeMissing(name, unexpected)),
      'missing',
    ),
    complaint(unexpected, 'unexpected'),
    complaint(misshapen, 'of another shape'),
  ].filter((each) => each !== undefined);
  if (complaints.length > 0) {
    throw new OutlierExposureError(
      'invalid-argument',
      `The weights do not fit the network ${model.metadata.get('architecture') ?? model.graph.name}, which has ${parameters.size} parameters: ` +
        `${complaints.join('; ')}. Choose the architecture and the sizes that they were trained in.`,
    );
  }
  const graph = model.graph.clone();
  for (const name of parameters.keys()) graph.initializers.set(name, toFloat32(weights.get(name)!));
  return { ...model, graph, metadata: new Map(model.metadata) };
}

function complaint(items: readonly string[], what: string): string | undefined {
  if (items.length === 0) return undefined;
  const more = items.length > LISTED ? ` and ${items.length - LISTED} more` : '';
  return `${items.length} ${items.length === 1 ? 'is' : 'are'} ${what}: ${items.slice(0, LISTED).join(', ')}${more}`;
}

function describeMissing(name: string, unexpected: readonly string[]): string {
  // Beyond the first few nobody sees it, and comparing all names with all takes long.
  const near = nearestName(name, unexpected.slice(0, 200));
  return near ? `${name} (perhaps ${near})` : name;
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i]);
}

function list(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`;
}
