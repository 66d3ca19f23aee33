/** The model that training starts from: a new network, or one that was trained elsewhere. Node only. */
import { createHash } from 'node:crypto';
import { endsOf, withPreprocessing } from '../classifier/index.ts';
import type { ImageShape } from '../data/index.ts';
import { OutlierExposureError } from '../errors.ts';
import { readFileBounded } from '../files/atomic.ts';
import { buildNetwork, type Normalization, normalizationOf } from '../nn/index.ts';
import { type Model, readModel } from '../onnx/index.ts';
import { networkFromWeights } from '../weights/index.ts';
import { parseCheckpoint } from '../weights/node/index.ts';

export interface StartOptions {
  network: string;
  shape: ImageShape;
  classes: number;
  normalization?: Normalization | undefined;
}

/** A network with parameters that were never trained; the seed decides them. */
export function newNetwork({ network, shape, classes, normalization }: StartOptions, seed: number): Model {
  return buildNetwork(network, {
    seed,
    classes,
    side: shape[1],
    ...(normalization ? { normalize: normalization } : {}),
  });
}

export interface TrainedElsewhere {
  model: Model;
  /** Of the file. */
  sha256: string;
}

/**
 * Reads a trained classifier: an .onnx file as it is, or a checkpoint into the network that was named.
 *
 * @throws OutlierExposureError when it does not fit the experiment
 */
export async function trainedElsewhere(path: string, options: StartOptions): Promise<TrainedElsewhere> {
  const bytes = await readFileBounded(path, { what: 'file of weights' });
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (!path.toLowerCase().endsWith('.onnx')) {
    const weights = await parseCheckpoint(bytes, { name: path });
    const { network, shape, classes, normalization } = options;
    const sizes = { classes, channels: shape[0], side: shape[1] };
    const model = networkFromWeights(network, weights, { ...sizes, normalize: normalization });
    return { model, sha256 };
  }
  const model = withPreprocessing(readModel(bytes));
  if (options.normalization && !normalizationOf(model)) {
    throw new OutlierExposureError(
      'invalid-argument',
      `${path} says nothing of a normalization, so that --mean and --std cannot be applied to it: leave them out if it takes pixels in [0, 1], or bring its weights in with \`oe import\`, which puts the normalization in front.`,
    );
  }
  checkEnds(model, path, options);
  return { model, sha256 };
}

/**
 * Reads a trained classifier of texts, an .onnx file.
 *
 * @throws OutlierExposureError when it is another file, or a classifier of images
 */
export async function trainedOnTexts(path: string): Promise<TrainedElsewhere> {
  if (!path.toLowerCase().endsWith('.onnx')) {
    throw new OutlierExposureError(
      'unsupported',
      `${path} is no .onnx file: weights alone do not say which words their numbers mean, so that a classifier of texts can only be taken from a model that \`oe train\` or \`oe reproduce\` wrote.`,
    );
  }
  const bytes = await readFileBounded(path, { what: 'file of weights' });
  return { model: readModel(bytes), sha256: createHash('sha256').update(bytes).digest('hex') };
}

/** Found out now, not after the data are read. */
function checkEnds(model: Model, path: string, { shape, classes }: StartOptions): void {
  const { pixels, logits } = endsOf(model.graph);
  const fits = (
    found: readonly (number | string | null | undefined)[] | undefined,
    wanted: readonly number[],
  ) =>
    !found ||
    (found.length === wanted.length + 1 &&
      wanted.every((size, i) => typeof found[i + 1] !== 'number' || found[i + 1] === size));
  const input = model.graph.inputs.get(pixels)?.shape;
  const output = model.graph.outputs.get(logits)?.shape;
  for (const [what, found, wanted] of [
    ['takes', input, shape],
    ['gives', output, [classes]],
  ] as const) {
    if (fits(found, wanted)) continue;
    throw new OutlierExposureError(
      'invalid-argument',
      `The model of ${path} ${what} [${found!.map((size) => size ?? '?').join(', ')}], but the experiment needs [batch, ${wanted.join(', ')}]: choose a model that was made for it.`,
    );
  }
}
