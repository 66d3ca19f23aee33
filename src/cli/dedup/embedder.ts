/** The model that tells how alike examples are, by its features. */
import { endsOf, partsOf } from '../../classifier/index.ts';
import { OutlierExposureError } from '../../errors.ts';
import { type GuardedModel, guardedModel } from '../../guard/index.ts';
import { type Model, removeUnused, withOwnWeights } from '../../onnx/index.ts';
import { readModelFile } from '../../onnx/node/index.ts';

export interface Embedder extends Pick<GuardedModel, 'tokenizer' | 'sides'> {
  path: string;
  sha256: string;
  /** The name of the value that is compared. */
  features: string;
  /** Takes pixels in [0, 1], or texts in numbers, and gives the features alone. */
  model: Model;
}

/**
 * Reads a model for its features: the input of the last linear layer, or the value of a name, which any model with one
 * input may have.
 *
 * @throws OutlierExposureError `not-found` when no value has that name, `unsupported` when there is none to take or the
 * model takes neither images nor texts
 */
export async function readEmbedder(path: string, features: string | undefined): Promise<Embedder> {
  const { model, sha256 } = await readModelFile(path);
  const own = withOwnWeights(model);
  if (features !== undefined) checkNamed(own, features);
  const { logits, tokenizer, sides } = guardedModel(
    features === undefined ? own : telling(own, features),
    path,
  );
  // Named, it is the one output that was left.
  const value = features === undefined ? partsOf(logits).features : endsOf(logits.graph).logits;
  if (value === undefined) {
    throw new OutlierExposureError(
      'unsupported',
      `${path} has no last linear layer whose input could be compared: name a value of it with --features, such as its output "${endsOf(logits.graph).logits}".`,
    );
  }
  const only = telling(logits, value);
  removeUnused(only.graph);
  return { path, sha256, features: features ?? value, model: only, tokenizer, sides };
}

/** The first output stands for all, as only one can be a classifier's. */
function checkNamed(model: Model, features: string): void {
  const [output] = model.graph.outputs.keys();
  partsOf(output === undefined ? model : telling(model, output), { features });
}

function telling(model: Model, output: string): Model {
  const graph = model.graph.clone();
  graph.outputs.clear();
  graph.addOutput(output);
  return { ...model, graph };
}
