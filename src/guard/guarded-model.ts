/** What guards and commands have to know of a classifier before they can feed it. */
import { endsOf, PREPROCESSING, withLogitsOutput, withPreprocessing } from '../classifier/index.ts';
import { type ImageShape, type Tokenizer, takesTexts, tokenizerOf } from '../data/index.ts';
import { OutlierExposureError } from '../errors.ts';
import { canUpgrade, type Model, upgradeModel, withOwnWeights } from '../onnx/index.ts';
import type { ModelSides } from './image-size.ts';

export interface GuardedModel {
  /** As it was given, but for weights that it hid in constants. */
  model: Model;
  /**
   * The same in our operator set and single precision, with logits for its output where the model ends in Softmax, of pixels
   * in [0, 1] where it declares what it does with them.
   */
  logits: Model;
  /** What turns texts into what it takes; undefined for classifiers of images. */
  tokenizer: Tokenizer | undefined;
  /** The shape of its images; undefined where the model leaves any of it open, and for texts. */
  shape: ImageShape | undefined;
  /** What it says of its images' channels, height and width; undefined for texts. */
  sides: ModelSides | undefined;
  /** How many logits it gives; undefined where the model does not say. */
  classes: number | undefined;
  /** What its classes are called, where it says so. */
  classNames: readonly string[] | undefined;
}

/** The entry of a model's metadata that names its classes, as a list in JSON. */
export const CLASS_NAMES = 'classes';

/**
 * Looks a classifier over.
 *
 * @param name what errors call it
 * @throws OutlierExposureError `unsupported` when it takes neither images nor texts, gives no logits, or takes texts and
 * does not say which number is which word
 */
export function guardedModel(given: Model, name = 'The model'): GuardedModel {
  const model = withOwnWeights(given);
  const bare = withLogitsOutput(model);
  const logits = withPreprocessing(canUpgrade(bare) ? upgradeModel(bare) : bare);
  const ends = endsOf(model.graph);
  const input = logits.graph.inputs.get(endsOf(logits.graph).pixels)!;
  const output = model.graph.outputs.get(ends.logits)?.shape;
  const texts = takesTexts(input);
  const fail = (detail: string): never => {
    throw new OutlierExposureError('unsupported', `${name} ${detail}`);
  };
  if (!texts && (input.elementType !== 'float32' || input.shape?.length !== 4))
    return fail(
      `takes ${input.elementType} ${shapeText(input.shape)}, but a classifier of images takes float32 [batch, channels, height, width], and one of texts int64 [batch, time]${input.shape?.length === 4 ? '; if these are images of another kind, say so with oe declare' : ''}.`,
    );
  if (!texts && !model.metadata.has(PREPROCESSING) && looksChannelsLast(input.shape!))
    return fail(
      `takes ${shapeText(input.shape)}, which looks as if channels came last: say so with oe declare --layout nhwc, or, if they do come first, --layout nchw.`,
    );
  if (output && (output.length !== 2 || output[1] === 1))
    return fail(
      `gives no logits: its output "${ends.logits}" is ${shapeText(output)}, but [batch, classes] with 2 classes or more was expected.`,
    );
  const tokenizer = texts ? tokenizerOf(model) : undefined;
  if (texts && !tokenizer)
    return fail(
      'takes texts in numbers, but does not say which word has which: models of oe train carry their words, and withTokenizer (docs/text-data.md) gives them to others.',
    );
  const sides = input.shape!.slice(1);
  const known = !texts && sides.every((side) => typeof side === 'number');
  return {
    model,
    logits,
    tokenizer,
    shape: known ? (sides as unknown as ImageShape) : undefined,
    sides: texts ? undefined : sides,
    classes: typeof output?.[1] === 'number' ? output[1] : undefined,
    classNames: classNamesOf(model),
  };
}

/** 224 channels of 224 by 3 pixels are possible, and nobody's classifier. */
function looksChannelsLast([, a, b, c]: readonly (number | string | undefined)[]): boolean {
  return (c === 1 || c === 3) && a === b && a !== c && a !== 1;
}

function shapeText(shape: readonly (number | string | undefined)[] | undefined): string {
  return shape ? `[${shape.map((side) => side ?? '?').join(', ')}]` : 'of unknown shape';
}

/** Metadata of others under the same name, which is no list of texts, is no business of ours. */
function classNamesOf({ metadata }: Model): readonly string[] | undefined {
  try {
    const names = JSON.parse(metadata.get(CLASS_NAMES) ?? '') as unknown;
    return Array.isArray(names) && names.every((name) => typeof name === 'string') ? names : undefined;
  } catch {
    return undefined;
  }
}
