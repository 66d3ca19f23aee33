/** What guards and commands have to know of a classifier before they can feed it. */
import { endsOf, withLogitsOutput } from '../classifier/index.ts';
import { type ImageShape, type Tokenizer, takesTexts, tokenizerOf } from '../data/index.ts';
import { OutlierExposureError } from '../errors.ts';
import { canUpgrade, type Model, upgradeModel, withOwnWeights } from '../onnx/index.ts';

export interface GuardedModel {
  /** As it was given, but for weights that it hid in constants. */
  model: Model;
  /** The same in our operator set and single precision, with logits for its output where the model ends in Softmax. */
  logits: Model;
  /** What turns texts into what it takes; undefined for classifiers of images. */
  tokenizer: Tokenizer | undefined;
  /** The shape of its images; undefined where the model leaves any of it open, and for texts. */
  shape: ImageShape | undefined;
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
  const logits = canUpgrade(model) ? upgradeModel(withLogitsOutput(model)) : withLogitsOutput(model);
  const ends = endsOf(model.graph);
  const input = logits.graph.inputs.get(ends.pixels)!;
  const output = model.graph.outputs.get(ends.logits)?.shape;
  const texts = takesTexts(input);
  const fail = (detail: string): never => {
    throw new OutlierExposureError('unsupported', `${name} ${detail}`);
  };
  if (!texts && (input.elementType !== 'float32' || input.shape?.length !== 4))
    return fail(
      `takes ${input.elementType} ${shapeText(input.shape)}, but a classifier of images takes float32 [batch, channels, height, width], and one of texts int64 [batch, time].`,
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
    classes: typeof output?.[1] === 'number' ? output[1] : undefined,
    classNames: classNamesOf(model),
  };
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
