/** A user's classifier, made fit for training, and given back as it was with other weights. */

import { endsOf } from '../../classifier/index.ts';
import type { SharedSettings } from '../../config/index.ts';
import type { ImageShape } from '../../data/index.ts';
import { OutlierExposureError } from '../../errors.ts';
import { withBranch } from '../../nn/index.ts';
import { objectiveNamed } from '../../objectives/index.ts';
import { type Model, withOwnWeights, withWeights } from '../../onnx/index.ts';

/**
 * The model for batches of images of one shape: sizes that it leaves open are bound, and its batch gets a name.
 *
 * @throws OutlierExposureError `unsupported` when it takes batches of one size only
 */
export function forImages(model: Model, shape: ImageShape, path: string): Model {
  const graph = model.graph.clone();
  const { pixels, logits } = endsOf(graph);
  const type = graph.inputs.get(pixels)!;
  const batch = type.shape?.[0];
  if (typeof batch === 'number') {
    throw new OutlierExposureError(
      'unsupported',
      `${path} takes ${batch} image${batch === 1 ? '' : 's'} a call and no other number, but training needs batches: export it with a dynamic batch dimension.`,
    );
  }
  graph.inputs.set(pixels, { ...type, shape: [batch ?? 'batch', ...shape] });
  graph.outputs.set(logits, undefined);
  return { ...model, graph };
}

/**
 * The model for batches of texts of any length: its batch, and how many words they have, get names.
 *
 * @throws OutlierExposureError `unsupported` when it takes batches of one size only
 */
export function forTexts(model: Model, path: string): Model {
  const graph = model.graph.clone();
  const { pixels, logits } = endsOf(graph);
  const type = graph.inputs.get(pixels)!;
  const [batch, time] = type.shape!;
  if (typeof batch === 'number') {
    throw new OutlierExposureError(
      'unsupported',
      `${path} takes ${batch} text${batch === 1 ? '' : 's'} a call and no other number, but training needs batches: export it with a dynamic batch dimension.`,
    );
  }
  graph.inputs.set(pixels, { ...type, shape: [batch ?? 'batch', time ?? 'time'] });
  graph.outputs.set(logits, undefined);
  return { ...model, graph };
}

/**
 * The model with the output that its objective trains; as it is where that is the logits alone.
 *
 * @throws OutlierExposureError `unsupported` when the model has no last linear layer to make it from
 */
export function forObjective(
  model: Model,
  { objective, seed }: Pick<SharedSettings, 'objective' | 'seed'>,
): Model {
  const { branch } = objectiveNamed(objective);
  return branch ? withBranch(model, branch, { seed }) : model;
}

/** The model as it was, inputs, outputs and all, with what training made of its weights. */
export function withWeightsOf(model: Model, trained: Model): Model {
  const stored = withOwnWeights(model).graph.initializers;
  const weights = [...trained.graph.initializers].filter(
    ([name, { elementType }]) => stored.has(name) && elementType === 'float32',
  );
  return withWeights(model, new Map(weights));
}
