/** Values of a model for a set of examples, a window at a time; the next images are read while the model works. */
import { type EncodedText, type ExampleSet, isEncodedText, takesTexts, textInput } from '../data/index.ts';
import type { ImageSource } from '../data/source.ts';
import { type Matrix, matrix } from '../detectors/index.ts';
import { OutlierExposureError } from '../errors.ts';
import type { TensorType } from '../onnx/index.ts';
import type { Session } from '../runtime/index.ts';
import { textWindows } from './text-windows.ts';

export interface OutputWindow {
  /** Places in the list of indices that was given; of images, one after the other. */
  places: Uint32Array;
  /** By name, a row for each place. */
  outputs: Record<string, Matrix>;
}

export interface WindowOptions {
  /** Examples a call; default: at most 200, and at most 32 MB of pixels. A model of a fixed batch size keeps its own. */
  batch?: number | undefined;
  signal?: AbortSignal | undefined;
}

const MOST_EXAMPLES = 200;
const MOST_BYTES = 2 ** 25;

/**
 * Runs a model over the images or texts at `indices`. Two batches of pixels are held, whatever the set's size.
 *
 * @param pixels the name of the model's input
 * @param values the names of the outputs that are wanted, each with one row an example
 * @throws OutlierExposureError `invalid-argument` for texts where the model takes images, the other way round, or images
 * of another size; the signal's reason when aborted
 */
export function outputWindows(
  session: Session,
  { pixels, values }: { pixels: string; values: readonly string[] },
  set: ExampleSet,
  indices: Uint32Array,
  options: WindowOptions = {},
): AsyncGenerator<OutputWindow, void> {
  return isEncodedText(set)
    ? windowsOfTexts(session, { pixels, values }, set, indices, options)
    : windowsOfImages(session, { pixels, values }, set, indices, options);
}

async function* windowsOfImages(
  session: Session,
  { pixels, values }: { pixels: string; values: readonly string[] },
  source: ImageSource,
  indices: Uint32Array,
  { batch, signal }: WindowOptions,
): AsyncGenerator<OutputWindow, void> {
  checkFit(source, pixels, session.inputs.get(pixels));
  const size = source.shape[0] * source.shape[1] * source.shape[2];
  const fixed = fixedBatch(session, pixels);
  const most = fixed ?? batch ?? Math.max(1, Math.min(MOST_EXAMPLES, Math.floor(MOST_BYTES / (4 * size))));
  checkBatch(most);
  // For a few images no more memory than they need.
  const count = fixed ?? Math.max(1, Math.min(most, indices.length));
  // One is read into while the model works on the other.
  const buffers = [new Float32Array(count * size), new Float32Array(count * size)] as const;
  const read = async (from: number, buffer: Float32Array) => {
    const window = indices.subarray(from, from + count);
    await source.read(window, buffer.subarray(0, window.length * size));
    return window.length;
  };
  let turn = 0;
  let reading = indices.length > 0 ? read(0, buffers[0]) : undefined;
  try {
    for (let from = 0; from < indices.length; ) {
      const length = await reading!;
      signal?.throwIfAborted();
      const buffer = buffers[turn % 2]!;
      const next = from + length;
      reading = next < indices.length ? read(next, buffers[++turn % 2]!) : undefined;
      // Until it is waited for, a failure must not count as unhandled.
      reading?.catch(() => {});
      const fed = fixed ?? length;
      const feed = {
        elementType: 'float32' as const,
        shape: [fed, ...source.shape],
        data: buffer.subarray(0, fed * size),
      };
      const outputs = await session.run({ [pixels]: feed }, values);
      const places = Uint32Array.from({ length }, (_, i) => from + i);
      yield { places, outputs: rowsOf(outputs, values, fed, length) };
      from = next;
    }
  } finally {
    await reading?.catch(() => {});
  }
}

async function* windowsOfTexts(
  session: Session,
  { pixels, values }: { pixels: string; values: readonly string[] },
  set: EncodedText,
  indices: Uint32Array,
  { batch = MOST_EXAMPLES, signal }: WindowOptions,
): AsyncGenerator<OutputWindow, void> {
  const input = textInput(pixels, session.inputs.get(pixels));
  const fixed = fixedBatch(session, pixels);
  checkBatch(fixed ?? batch);
  for (const window of textWindows(set, indices, { input, batch: fixed ?? batch })) {
    signal?.throwIfAborted();
    const { places, length } = window;
    const fed = fixed ?? places.length;
    const outputs = await session.run({ [pixels]: input.tokens(set, window.indices, length, fed) }, values);
    yield { places, outputs: rowsOf(outputs, values, fed, places.length) };
  }
}

/** The first `wanted` rows of every value: a batch that was filled up gives more. */
function rowsOf(
  outputs: Awaited<ReturnType<Session['run']>>,
  values: readonly string[],
  fed: number,
  wanted: number,
): Record<string, Matrix> {
  return Object.fromEntries(
    values.map((name) => {
      const { elementType, shape, data } = outputs[name]!;
      if (elementType !== 'float32' || shape[0] !== fed || data.length === 0) {
        throw new OutlierExposureError(
          'unsupported',
          `For ${fed} examples the model's "${name}" should be float32 values with a row for each, but is ${elementType} ${shapeText(shape)}.`,
        );
      }
      const columns = data.length / fed;
      return [name, matrix((data as Float32Array).subarray(0, wanted * columns), columns)];
    }),
  );
}

/** A model exported for one size of batch gets that size, the last one filled up with black images or zeros. */
function fixedBatch(session: Session, input: string): number | undefined {
  const batch = session.inputs.get(input)?.shape?.[0];
  return typeof batch === 'number' ? batch : undefined;
}

function checkBatch(count: number): void {
  if (Number.isSafeInteger(count) && count >= 1) return;
  throw new OutlierExposureError(
    'invalid-argument',
    `A batch of ${count} examples cannot be scored: give a whole number, 1 or more.`,
  );
}

function checkFit({ name, shape }: ImageSource, pixels: string, input: TensorType | undefined): void {
  if (takesTexts(input)) {
    throw new OutlierExposureError(
      'invalid-argument',
      `"${name}" holds images, but the model takes texts: give a set that \`encodeTexts\` made.`,
    );
  }
  if (input?.elementType !== 'float32' || input.shape?.length !== 4) {
    throw new OutlierExposureError(
      'unsupported',
      `The model's input "${pixels}" is ${input?.elementType} ${shapeText(input?.shape)}, but float32 images of [batch, channels, height, width] are what can be fed to it.`,
    );
  }
  const wanted = input.shape.slice(1);
  if (wanted.every((dimension, i) => typeof dimension !== 'number' || dimension === shape[i])) return;
  throw new OutlierExposureError(
    'invalid-argument',
    `The images of "${name}" are ${shapeText(shape)} (channels, height, width), but the model takes ${shapeText(wanted)}.`,
  );
}

/** A shape for sentences. */
export function shapeText(shape: readonly (number | string | undefined)[] | undefined): string {
  return shape ? `[${shape.map((dimension) => dimension ?? '?').join(', ')}]` : 'of unknown shape';
}
