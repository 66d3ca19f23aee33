/** A classifier that says when it does not know: its class, how sure it is, and whether the example is an outlier. */
import {
  type ExampleSet,
  encodeTexts,
  type ImageShape,
  type ImageSource,
  memoryTexts,
  type Tokenizer,
} from '../data/index.ts';
import type { FittedDetector } from '../detectors/index.ts';
import { OutlierExposureError } from '../errors.ts';
import { openScorer, type Scorer, scoresInOrder } from '../evaluation/index.ts';
import { type Model, readModel } from '../onnx/index.ts';
import type { Runtime } from '../runtime/index.ts';
import { isOutlier, readThreshold, type ThresholdFile, thresholdDetector } from '../thresholds/index.ts';
import { aboutGuard, type GuardAbout } from './about.ts';
import { guardedModel } from './guarded-model.ts';
import { checkShape } from './image-size.ts';
import { type DecodeImage, type GuardInput, type Prepared, prepareInput } from './input.ts';

/** What a guard says of an image or text. */
export interface Verdict {
  /** The class with the highest logit, from 0. */
  label: number;
  /** What it is called, where the model says so. */
  className?: string;
  /** The highest softmax probability, from 1/classes to 1. */
  confidence: number;
  /** By the threshold's detector; higher = more anomalous. NaN where the model gave numbers that are none. */
  anomalyScore: number;
  /** Whether the score is at least the threshold, or no number. */
  isOutlier: boolean;
}

/** Of a batch: a verdict, or why there is none for this item. */
export type Checked = Verdict | { error: OutlierExposureError };

/** A threshold with its detector, as `openThreshold` gives it. */
export interface GuardThreshold {
  file: ThresholdFile;
  detector: FittedDetector;
}

export interface GuardOptions {
  runtime: Runtime;
  /** The file of `oe threshold`: its bytes, or read already. */
  threshold: Uint8Array | ThresholdFile | GuardThreshold;
  /** What the detector learned: the bytes of the .safetensors file beside the threshold's, where it has one. */
  state?: Uint8Array | undefined;
  /** Where the model leaves it open: the shape that images are brought to. */
  shape?: ImageShape | undefined;
  /** Images a call, at most. Default: 200, or fewer large ones. */
  batch?: number | undefined;
  /** Characters of a text, at most. Default 20,000. */
  maxTextLength?: number | undefined;
  /** Turns images' files into pixels; `openGuard` brings one. */
  decode?: DecodeImage | undefined;
  /** The SHA-256 of the model's file, where it is known: `loadGuard` computes it of bytes. */
  sha256?: string | undefined;
  /** Whether a model is taken that the threshold was not chosen for. Default: refuse. */
  otherModel?: 'refuse' | 'allow' | undefined;
}

export interface Guard {
  readonly about: GuardAbout;
  /**
   * Checks one image or text.
   *
   * @throws OutlierExposureError when it cannot be taken
   */
  check(input: GuardInput): Promise<Verdict>;
  /** Checks several together, which is faster. What cannot be taken gives an error in its place. */
  check(inputs: readonly GuardInput[]): Promise<Checked[]>;
  /** Lets go of the model; the runtime stays the caller's. */
  dispose(): Promise<void>;
}

export const MAX_TEXT_LENGTH = 20_000;

/**
 * Puts a classifier and a threshold together.
 *
 * @param model an ONNX model, or the bytes of its file
 * @throws OutlierExposureError `invalid-argument` when the threshold was chosen for another model; `invalid-file` or
 * `unsupported` when model or threshold cannot be used
 */
export async function loadGuard(model: Model | Uint8Array, options: GuardOptions): Promise<Guard> {
  const { runtime, batch, decode, otherModel = 'refuse', maxTextLength = MAX_TEXT_LENGTH } = options;
  const { file, detector } = openedThreshold(options.threshold, options.state);
  const sha256 = options.sha256 ?? (model instanceof Uint8Array ? await sha256Of(model) : undefined);
  if (otherModel === 'refuse') checkModel(file, sha256);
  const {
    logits,
    tokenizer,
    sides,
    shape = options.shape,
    classNames,
  } = guardedModel(model instanceof Uint8Array ? readModel(model) : model);
  if (sides && options.shape) checkShape(sides, options.shape);
  const scorer = await openScorer(logits, [detector], { runtime, batch, features: file.detector.features });
  const about = aboutGuard(file, { tokenizer, classNames }, shape);
  const prepare = { takes: about.takes, shape, decode, maxTextLength };
  const judged = (items: readonly Prepared[]) => judge(scorer, items, about, tokenizer);
  async function check(input: GuardInput): Promise<Verdict>;
  async function check(inputs: readonly GuardInput[]): Promise<Checked[]>;
  async function check(input: GuardInput | readonly GuardInput[]): Promise<Verdict | Checked[]> {
    if (!isList(input)) return (await judged([await prepareInput(input, prepare)]))[0]!;
    const items = await Promise.all(input.map((each) => attempt(() => prepareInput(each, prepare))));
    const good = items.filter((item) => !('error' in item)) as Prepared[];
    const verdicts = (await judged(good)).values();
    return items.map((item) => ('error' in item ? item : verdicts.next().value!));
  }
  return { about, check, dispose: () => scorer.release() };
}

const isList = (input: GuardInput | readonly GuardInput[]): input is readonly GuardInput[] =>
  Array.isArray(input);

async function attempt<T>(make: () => Promise<T>): Promise<T | { error: OutlierExposureError }> {
  try {
    return await make();
  } catch (error) {
    if (error instanceof OutlierExposureError) return { error };
    throw error;
  }
}

function openedThreshold(
  threshold: Uint8Array | ThresholdFile | GuardThreshold,
  state: Uint8Array | undefined,
): GuardThreshold {
  if ('file' in threshold) return threshold;
  const file = threshold instanceof Uint8Array ? readThreshold(threshold, "the threshold's file") : threshold;
  return { file, detector: thresholdDetector(file, state, "the threshold's file") };
}

function checkModel({ model }: ThresholdFile, sha256: string | undefined): void {
  if (sha256 === undefined || sha256 === model.sha256) return;
  throw new OutlierExposureError(
    'invalid-argument',
    `The threshold was chosen for another model, ${model.name} (SHA-256 ${model.sha256.slice(0, 12)}…), than this one (${sha256.slice(0, 12)}…), so that its rates do not hold: choose one for this model with oe threshold, or allow another model.`,
  );
}

/** Undefined where there is nothing to compute it with: pages without TLS have no `crypto.subtle`. */
async function sha256Of(bytes: Uint8Array): Promise<string | undefined> {
  const digest = await globalThis.crypto?.subtle?.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>);
  return digest && Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

async function judge(
  scorer: Scorer,
  items: readonly Prepared[],
  about: GuardAbout,
  tokenizer: Tokenizer | undefined,
): Promise<Verdict[]> {
  const verdicts: Verdict[] = new Array(items.length);
  for (const { set, places } of setsOf(items, tokenizer)) {
    for await (const { from, scores, predicted, confidence } of scoresInOrder(scorer, set)) {
      for (let i = 0; i < scores.length; i++) {
        const label = predicted[i]!;
        const className = about.classNames?.[label];
        verdicts[places[from + i]!] = {
          label,
          ...(className !== undefined && { className }),
          confidence: confidence[i]!,
          anomalyScore: scores[i]!,
          isOutlier: isOutlier(scores[i]!, about.threshold),
        };
      }
    }
  }
  return verdicts;
}

interface PlacedSet {
  set: ExampleSet;
  /** Where each example of it stands among the items. */
  places: readonly number[];
}

/** Images of one shape go through the model together, and so do texts. */
function setsOf(items: readonly Prepared[], tokenizer: Tokenizer | undefined): PlacedSet[] {
  if (items.length === 0) return [];
  if (tokenizer) {
    const texts = items.map((item) => (item as { text: string }).text);
    const source = memoryTexts({ name: 'the texts', texts, fingerprint: '' });
    return [{ set: encodeTexts(source, tokenizer), places: items.map((_, i) => i) }];
  }
  const images = items as readonly Extract<Prepared, { shape: ImageShape }>[];
  const byShape = new Map<string, number[]>();
  for (const [i, { shape }] of images.entries()) {
    const places = byShape.get(shape.join());
    if (places) places.push(i);
    else byShape.set(shape.join(), [i]);
  }
  return [...byShape.values()].map((places) => ({ set: imagesAt(images, places), places }));
}

/** The images as they lie: they are copied once, into the batch. */
function imagesAt(
  images: readonly Extract<Prepared, { shape: ImageShape }>[],
  places: readonly number[],
): ImageSource {
  const { shape } = images[places[0]!]!;
  const size = shape[0] * shape[1] * shape[2];
  return {
    name: 'the images',
    length: places.length,
    shape,
    fingerprint: '',
    read(indices, out) {
      for (let i = 0; i < indices.length; i++) {
        const { pixels } = images[places[indices[i]!]!]!;
        const to = i * size;
        if (pixels instanceof Float32Array) out.set(pixels, to);
        else for (let j = 0; j < size; j++) out[to + j] = BYTE_VALUES[pixels[j]!]!;
      }
    },
  };
}

/** value / 255 for each byte, rounded as float32 division rounds it. */
const BYTE_VALUES = Float32Array.from({ length: 256 }, (_, byte) => byte / 255);
