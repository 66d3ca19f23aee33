/** Classifiers from .onnx files, as commands take them. */
import { type GuardedModel, guardedModel } from '../guard/index.ts';
import { readModelFile } from '../onnx/node/index.ts';

export interface Classifier extends GuardedModel {
  path: string;
  sha256: string;
}

/**
 * Reads a classifier.
 *
 * @throws OutlierExposureError when the file is no model, or the model takes neither images nor texts, or gives no logits
 */
export async function readClassifier(path: string): Promise<Classifier> {
  const { model, sha256 } = await readModelFile(path);
  return { path, sha256, ...guardedModel(model, path) };
}
