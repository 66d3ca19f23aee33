/** What a classifier of images expects of its pixels, declared once in its metadata. */
import { z } from 'zod';
import { OutlierExposureError } from '../errors.ts';
import {
  dataTypeOf,
  type ElementType,
  float32,
  type Graph,
  int64,
  type Model,
  nodeOf,
  scalar,
  type TensorData,
} from '../onnx/index.ts';
import { endsOf } from './ends.ts';

/**
 * From pixels in [0, 1], red, green and blue, [batch, channels, height, width], to what a model takes:
 * (scale · x − mean) / std, its channels and axes in its own order. What is left out changes nothing.
 */
export interface Preprocessing {
  /** What pixels are multiplied by first: 255 for models of bytes. */
  scale?: number | undefined;
  /** Taken off after the scale: one number for each channel in the model's order, or one for all. */
  mean?: readonly number[] | undefined;
  /** Divided by in the end, likewise. */
  std?: readonly number[] | undefined;
  channels?: 'rgb' | 'bgr' | undefined;
  /** Whether channels stand before the sides, or last. */
  layout?: 'nchw' | 'nhwc' | undefined;
}

/** The entry of the metadata, an object in JSON. */
export const PREPROCESSING = 'preprocessing';

const numbers = z.array(z.number()).min(1).max(4096);
const schema = z.strictObject({
  scale: z.number().positive().optional(),
  mean: numbers.optional(),
  std: z.array(z.number().positive()).min(1).max(4096).optional(),
  channels: z.enum(['rgb', 'bgr']).optional(),
  layout: z.enum(['nchw', 'nhwc']).optional(),
});

/**
 * What a model declares; undefined where it declares nothing.
 *
 * @throws OutlierExposureError `invalid-file` when the entry is no such declaration
 */
export function preprocessingOf({ metadata }: Pick<Model, 'metadata'>): Preprocessing | undefined {
  const entry = metadata.get(PREPROCESSING);
  if (entry === undefined) return undefined;
  let json: unknown;
  try {
    json = JSON.parse(entry);
  } catch {
    json = undefined;
  }
  const read = schema.safeParse(json);
  if (read.success) return read.data;
  const { path, message } = read.error.issues[0]!;
  const where = path.length > 0 ? ` at "${path.map(String).join('.')}"` : '';
  throw new OutlierExposureError(
    'invalid-file',
    `The model's metadata "${PREPROCESSING}" is no declaration of what its pixels are${where} (${message.slice(0, 200)}): declare it again with oe declare.`,
  );
}

/**
 * The model with a declaration, its graph untouched: whoever feeds it, feeds it as before.
 *
 * @throws OutlierExposureError `invalid-argument` for numbers that do not fit the model's channels, `unsupported` for a
 * model that takes no images
 */
export function declarePreprocessing(model: Model, preprocessing: Preprocessing): Model {
  const { error } = schema.safeParse(preprocessing);
  if (error) {
    const { path, message } = error.issues[0]!;
    throw new OutlierExposureError(
      'invalid-argument',
      `What pixels are cannot be declared so: its ${path.map(String).join(' ')} is wrong (${message}).`,
    );
  }
  const declared = {
    ...model,
    metadata: new Map(model.metadata).set(PREPROCESSING, JSON.stringify(preprocessing)),
  };
  withPreprocessing(declared);
  return declared;
}

/** The element types that pixels can be given in. */
const TYPES: readonly string[] = ['float32', 'uint8'];

/**
 * The model that takes pixels in [0, 1], float32 [batch, channels, height, width], and does first what it declares; as it
 * is where it declares nothing. The result declares nothing any more.
 *
 * @throws OutlierExposureError as {@link declarePreprocessing}, and `invalid-file` for a damaged declaration
 */
export function withPreprocessing(model: Model): Model {
  const declared = preprocessingOf(model);
  if (!declared) return model;
  const graph = model.graph.clone();
  const { pixels } = endsOf(graph);
  const { elementType, shape } = graph.inputs.get(pixels)!;
  if (shape?.length !== 4 || !TYPES.includes(elementType)) {
    throw new OutlierExposureError(
      'unsupported',
      `The model takes ${elementType} ${shape ? `[${shape.map((side) => side ?? '?').join(', ')}]` : 'of unknown shape'}, but only images have a declaration of what their pixels are: float32 or uint8 with four dimensions.`,
    );
  }
  const [batch, ...sides] = declared.layout === 'nhwc' ? [0, 3, 1, 2].map((axis) => shape[axis]) : shape;
  if (declared.layout === 'nhwc' && typeof sides[0] === 'number' && sides[0] > 4) {
    throw new OutlierExposureError(
      'invalid-argument',
      `The model takes [${shape.map((side) => side ?? '?').join(', ')}], which has ${sides[0]} channels if they come last: declare them as --layout nchw.`,
    );
  }
  const input = graph.unique('pixels');
  const before = graph.nodes.length;
  const x = preprocess(graph, input, declared, { channels: sides[0], elementType });
  const front = graph.nodes.splice(before);
  // What was the input is now made by the last of them.
  graph.nodes = [...front, nodeOf('Identity', [x], pixels), ...graph.nodes];
  graph.inputs.delete(pixels);
  graph.inputs.set(input, { elementType: 'float32', shape: [batch, ...sides] });
  const metadata = new Map(model.metadata);
  metadata.delete(PREPROCESSING);
  return { ...model, graph, metadata };
}

/** Adds what is declared, for pixels of `input`; its numbers are constant nodes, so that training leaves them alone. */
function preprocess(
  graph: Graph,
  input: string,
  { scale = 1, mean, std, channels: order, layout }: Preprocessing,
  { channels, elementType }: { channels: number | string | undefined; elementType: ElementType },
): string {
  const constant = (value: TensorData, name: string) => graph.add('Constant', [], { value }, { name });
  const vector = (values: readonly number[], name: string) => {
    if (values.length !== 1 && values.length !== channels)
      throw new OutlierExposureError(
        'invalid-argument',
        `The ${name} [${values.join(', ')}] has ${values.length} numbers, but the model has ${channels ?? 'an unknown number of'} channels: give one for each, or one for all.`,
      );
    return constant(float32(values, [1, values.length, 1, 1]), `preprocessing.${name}`);
  };
  let x = input;
  if (order === 'bgr') {
    if (channels !== 3)
      throw new OutlierExposureError(
        'invalid-argument',
        `Channels in the order blue, green, red need a model of 3 channels; this one has ${channels ?? 'an unknown number'}.`,
      );
    x = graph.add('Gather', [x, constant(int64([2, 1, 0]), 'preprocessing.order')], { axis: 1 });
  }
  if (scale !== 1) x = graph.add('Mul', [x, constant(scalar(scale), 'preprocessing.scale')]);
  if (mean) x = graph.add('Sub', [x, vector(mean, 'mean')]);
  if (std) x = graph.add('Div', [x, vector(std, 'std')]);
  if (layout === 'nhwc') x = graph.add('Transpose', [x], { perm: [0, 2, 3, 1] });
  if (elementType === 'float32') return x;
  return graph.add('Cast', [graph.add('Round', [x])], { to: dataTypeOf(elementType) });
}
