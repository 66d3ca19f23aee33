/** Classifiers from .onnx files, as commands take them. */
import { endsOf, withLogitsOutput } from '../classifier/index.ts';
import { type ImageShape, type Tokenizer, takesTexts, tokenizerOf } from '../data/index.ts';
import { OutlierExposureError } from '../errors.ts';
import { canUpgrade, type Model, upgradeModel, withOwnWeights } from '../onnx/index.ts';
import { readModelFile } from '../onnx/node/index.ts';

export interface Classifier {
  path: string;
  /** As it stands in the file, but for weights that it hid in constants. */
  model: Model;
  /** The same in our operator set and single precision, with logits for its output where the file's model ends in Softmax. */
  logits: Model;
  /** What turns texts into what it takes; undefined for classifiers of images. */
  tokenizer: Tokenizer | undefined;
  /** The shape of its images; undefined where the model leaves any of it open, and for texts. */
  shape: ImageShape | undefined;
  /** How many logits it gives; undefined where the model does not say. */
  classes: number | undefined;
  /** What its classes are called, where it says so. */
  classNames: readonly string[] | undefined;
  sha256: string;
}

/** The entry of a model's metadata that names its classes, as a list in JSON. */
export const CLASS_NAMES = 'classes';

/**
 * Reads a classifier.
 *
 * @throws OutlierExposureError when the file is no model, or the model takes neither images nor texts, or gives no logits
 */
export async function readClassifier(path: string): Promise<Classifier> {
  const file = await readModelFile(path);
  const model = withOwnWeights(file.model);
  const ends = endsOf(model.graph);
  const current = canUpgrade(model) ? upgradeModel(withLogitsOutput(model)) : withLogitsOutput(model);
  const input = current.graph.inputs.get(ends.pixels)!;
  const output = model.graph.outputs.get(ends.logits);
  const text = (shape: readonly unknown[] | undefined) =>
    shape ? `[${shape.map((dimension) => dimension ?? '?').join(', ')}]` : 'of unknown shape';
  const tokenizer = takesTexts(input) ? tokenizerIn(model, path) : undefined;
  if (!tokenizer && (input.elementType !== 'float32' || input.shape?.length !== 4)) {
    throw new OutlierExposureError(
      'unsupported',
      `${path} takes ${input.elementType} ${text(input.shape)}, but a classifier of images takes float32 [batch, channels, height, width], and one of texts int64 [batch, time].`,
    );
  }
  if (output?.shape && (output.shape.length !== 2 || output.shape[1] === 1)) {
    throw new OutlierExposureError(
      'unsupported',
      `${path} gives no logits: its output "${ends.logits}" is ${text(output.shape)}, but [batch, classes] with 2 classes or more was expected.`,
    );
  }
  const shape = input.shape!.slice(1);
  const classes = output?.shape?.[1];
  return {
    path,
    model,
    logits: current,
    tokenizer,
    shape:
      !tokenizer && shape.every((side) => typeof side === 'number')
        ? (shape as unknown as ImageShape)
        : undefined,
    classes: typeof classes === 'number' ? classes : undefined,
    classNames: classNamesOf(model),
    sha256: file.sha256,
  };
}

function tokenizerIn(model: Model, path: string): Tokenizer {
  const tokenizer = tokenizerOf(model);
  if (tokenizer) return tokenizer;
  throw new OutlierExposureError(
    'unsupported',
    `${path} takes texts in numbers, but does not say which word has which: models of oe train carry their words, and withTokenizer (docs/text-data.md) gives them to others.`,
  );
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
