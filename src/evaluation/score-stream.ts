/** Scores of a set too large to keep: a batch at a time, the next one read while the model works. */
import { type EncodedText, type ExampleSet, isEncodedText, textInput } from '../data/index.ts';
import type { ImageSource } from '../data/source.ts';
import { type Detector, msp, mspScore, predictions } from '../detectors/index.ts';
import { OutlierExposureError } from '../errors.ts';
import { type Model, removeUnused, type TensorType, writeModel } from '../onnx/index.ts';
import type { Runtime, Session } from '../runtime/index.ts';
import { readTextLogits } from './logits.ts';
import { withLogitsOutput } from './logits-output.ts';

export interface ScoreStreamOptions {
  /** Default: the maximum softmax probability. */
  detector?: Detector;
  /**
   * Images a call. Default: at most 200, and at most 32 MB of pixels. A model of a fixed batch size keeps its own. Of texts:
   * how many scores come at once; default 2,000.
   */
  batch?: number;
  signal?: AbortSignal | undefined;
}

/** What a model says of images or texts that stand one after the other in their set. */
export interface ScoredBatch {
  /** The number of the first of them in its set. */
  from: number;
  /** One score each; higher = more anomalous. */
  scores: Float32Array;
  /** The class with the highest logit. */
  predicted: Int32Array;
  /** The highest softmax probability, from 1/classes to 1. */
  confidence: Float32Array;
}

const MOST_IMAGES = 200;
/** Enough that many texts of one length are among them. */
const TEXTS = 2000;
const MOST_BYTES = 2 ** 25;

/**
 * Scores every image or text of a set in its order, in constant memory: two batches of pixels are held, whatever the set's
 * size, and the next one is read only when the last one was taken. A text's score does not depend on the others.
 *
 * @param model a session, which stays open, or a model, for which one is opened on `runtime` and closed at the end; of
 * a model that ends in Softmax the logits before it are taken
 * @throws OutlierExposureError `unsupported` when the model has not one input of images or texts and one output of logits,
 * `invalid-argument` when the set does not fit it; the signal's reason when aborted
 */
export function scoreStream(
  model: Model,
  source: ExampleSet,
  options: ScoreStreamOptions & { runtime: Runtime },
): AsyncGenerator<ScoredBatch, void>;
export function scoreStream(
  session: Session,
  source: ExampleSet,
  options?: ScoreStreamOptions,
): AsyncGenerator<ScoredBatch, void>;
export async function* scoreStream(
  model: Model | Session,
  source: ExampleSet,
  options: ScoreStreamOptions & { runtime?: Runtime } = {},
): AsyncGenerator<ScoredBatch, void> {
  options.signal?.throwIfAborted();
  if ('run' in model) {
    yield* scored(model, source, options);
    return;
  }
  if (!options.runtime) {
    throw new OutlierExposureError(
      'invalid-argument',
      'A model needs a runtime to score on: give { runtime }, or a session.',
    );
  }
  const { graph, ...rest } = withLogitsOutput(model);
  const used = graph.clone();
  removeUnused(used);
  const session = await options.runtime.createSession(writeModel({ ...rest, graph: used }));
  try {
    yield* scored(session, source, options);
  } finally {
    await session.release();
  }
}

function scored(
  session: Session,
  source: ExampleSet,
  options: ScoreStreamOptions,
): AsyncGenerator<ScoredBatch, void> {
  return isEncodedText(source)
    ? scoredTexts(session, source, options)
    : scoredBatches(session, source, options);
}

async function* scoredTexts(
  session: Session,
  source: EncodedText,
  { detector = msp, batch = TEXTS, signal }: ScoreStreamOptions,
): AsyncGenerator<ScoredBatch, void> {
  const { pixels, logits } = namesOf(session);
  textInput(pixels, session.inputs.get(pixels));
  checkOutput(session, logits);
  checkBatch(batch, 'texts');
  for (let from = 0; from < source.length; from += batch) {
    const indices = Uint32Array.from({ length: Math.min(batch, source.length - from) }, (_, i) => from + i);
    const read = await readTextLogits(session, { pixels, logits }, source, indices, () => {
      signal?.throwIfAborted();
    });
    checkLogits(logits, [indices.length, read.classes], indices.length);
    yield { from, ...judged(detector, read.logits, read.classes) };
  }
}

/** What a detector and the highest probability say of logits. */
function judged(detector: Detector, logits: Float32Array, classes: number): Omit<ScoredBatch, 'from'> {
  const scores = detector.score(logits, classes);
  return {
    scores,
    predicted: predictions(logits, classes),
    confidence: (detector === msp ? scores : mspScore(logits, classes)).map((value) => -value),
  };
}

async function* scoredBatches(
  session: Session,
  source: ImageSource,
  { detector = msp, batch, signal }: ScoreStreamOptions,
): AsyncGenerator<ScoredBatch, void> {
  const ends = endsOfSession(session);
  checkFit(source, ends.input);
  const size = source.shape.reduce((product, dimension) => product * dimension, 1);
  const fixed = typeof ends.input[0] === 'number' ? ends.input[0] : undefined;
  const count = fixed ?? batch ?? Math.max(1, Math.min(MOST_IMAGES, Math.floor(MOST_BYTES / (4 * size))));
  checkBatch(count, 'images');
  // One is read into while the model works on the other.
  const buffers = [new Float32Array(count * size), new Float32Array(count * size)] as const;
  const read = async (from: number, buffer: Float32Array) => {
    const length = Math.min(count, source.length - from);
    const indices = Uint32Array.from({ length }, (_, i) => from + i);
    await source.read(indices, buffer.subarray(0, length * size));
    return length;
  };
  let turn = 0;
  let reading = source.length > 0 ? read(0, buffers[0]) : undefined;
  try {
    for (let from = 0; from < source.length; ) {
      const length = await reading!;
      signal?.throwIfAborted();
      const pixels = buffers[turn % 2]!;
      const next = from + length;
      reading = next < source.length ? read(next, buffers[++turn % 2]!) : undefined;
      // Until it is waited for, a failure must not count as unhandled.
      reading?.catch(() => {});
      const fed = fixed ?? length;
      const outputs = await session.run({
        [ends.pixels]: {
          elementType: 'float32',
          shape: [fed, ...source.shape],
          data: pixels.subarray(0, fed * size),
        },
      });
      const { shape, data } = outputs[ends.logits]!;
      checkLogits(ends.logits, shape, fed);
      const classes = shape[1]!;
      const logits = (data as Float32Array).subarray(0, length * classes);
      yield { from, ...judged(detector, logits, classes) };
      from = next;
    }
  } finally {
    await reading?.catch(() => {});
  }
}

type Shape = NonNullable<TensorType['shape']>;

function checkBatch(count: number, what: string): void {
  if (Number.isSafeInteger(count) && count >= 1) return;
  throw new OutlierExposureError(
    'invalid-argument',
    `A batch of ${count} ${what} cannot be scored: give a whole number, 1 or more.`,
  );
}

function namesOf({ inputs, outputs }: Session): { pixels: string; logits: string } {
  const [pixels, ...moreInputs] = inputs.keys();
  const [logits, ...moreOutputs] = outputs.keys();
  if (pixels === undefined || logits === undefined || moreInputs.length > 0 || moreOutputs.length > 0) {
    throw new OutlierExposureError(
      'unsupported',
      `A classifier has one input and one output of logits, but this model has the inputs ${[...inputs.keys()].join(', ')} and the outputs ${[...outputs.keys()].join(', ')}.`,
    );
  }
  return { pixels, logits };
}

function endsOfSession(session: Session): { pixels: string; input: Shape; logits: string } {
  const { pixels, logits } = namesOf(session);
  const input = session.inputs.get(pixels)!;
  if (input.elementType !== 'float32' || input.shape?.length !== 4) {
    throw new OutlierExposureError(
      'unsupported',
      `The model's input "${pixels}" is ${input.elementType} ${shapeText(input.shape)}, but float32 images of [batch, channels, height, width] are what can be fed to it.`,
    );
  }
  checkOutput(session, logits);
  return { pixels, input: input.shape, logits };
}

function checkOutput({ outputs }: Session, logits: string): void {
  const { elementType, shape } = outputs.get(logits)!;
  if (elementType === 'float32' && (!shape || shape.length === 2)) return;
  throw new OutlierExposureError(
    'unsupported',
    `The model has no logits: they are float32 [batch, classes], but its output "${logits}" is ${elementType} ${shapeText(shape)}.`,
  );
}

function checkLogits(name: string, shape: readonly number[], count: number): void {
  if (shape.length === 2 && shape[0] === count && shape[1]! >= 2) return;
  throw new OutlierExposureError(
    'unsupported',
    `The model has no logits: for ${count} images its output "${name}" should be [${count}, classes] with 2 classes or more, but is ${shapeText(shape)}.`,
  );
}

function checkFit({ name, shape }: ImageSource, input: Shape): void {
  const wanted = input.slice(1);
  if (wanted.every((dimension, i) => typeof dimension !== 'number' || dimension === shape[i])) return;
  throw new OutlierExposureError(
    'invalid-argument',
    `The images of "${name}" are ${shapeText(shape)} (channels, height, width), but the model takes ${shapeText(wanted)}.`,
  );
}

function shapeText(shape: readonly (number | string | undefined)[] | undefined): string {
  return shape ? `[${shape.map((dimension) => dimension ?? '?').join(', ')}]` : 'of unknown shape';
}
