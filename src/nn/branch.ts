/** Branches: one more linear output of a classifier, from the features that its logits are made of. */
import { type Branch, CONFIDENCE, endsOf, partsOf, REJECT, withLogitsOutput } from '../classifier/index.ts';
import { OutlierExposureError } from '../errors.ts';
import type { Model } from '../onnx/index.ts';
import { Random } from '../random.ts';
import { linear } from './layers.ts';

export interface BranchOptions {
  /** Decides what the branch's weights start from. */
  seed: number;
}

/**
 * The classifier with a confidence branch: a further output `confidence`, [batch, 1], the logit s(x) of
 * b(x) = σ(s(x)) in [0, 1], which is near 1 where the classifier is sure to be right (DeVries & Taylor 2018).
 *
 * @param model any classifier with a last linear layer; left as it is
 * @throws OutlierExposureError `unsupported` when its logits are no linear layer's
 */
export function withConfidenceBranch(model: Model, options: BranchOptions): Model {
  return withBranch(model, CONFIDENCE, options);
}

/**
 * The classifier with one class more, for everything that is of none of its own: a further output `reject`, [batch, 1],
 * the logit r(x) that stands beside the classes' logits z(x) in one softmax over K + 1 classes. The logits stay K, so that
 * predictions are among the K classes.
 *
 * @param model any classifier with a last linear layer; left as it is
 * @throws OutlierExposureError `unsupported` when its logits are no linear layer's
 */
export function withRejectClass(model: Model, options: BranchOptions): Model {
  return withBranch(model, REJECT, options);
}

/**
 * The classifier with a linear output from its penultimate features, named as the branch, [batch, 1]; its weights start as
 * PyTorch's do, U(±1/√width). A model that ends in Softmax ends in logits then; one that has the branch already is
 * returned with it as it is.
 *
 * @throws OutlierExposureError `unsupported` when its logits are no linear layer's
 */
export function withBranch(model: Model, branch: Branch, { seed }: BranchOptions): Model {
  if (endsOf(model.graph)[branch] !== undefined) return model;
  const base = withLogitsOutput(model);
  const { features, head, logits } = partsOf(base);
  if (features === undefined || head === undefined) {
    throw new OutlierExposureError(
      'unsupported',
      `The output "${branch}" is made from the input of the last linear layer, but the model's logits "${logits}" come from another operator: export it with a linear layer (Gemm or MatMul) at its end.`,
    );
  }
  const graph = base.graph.clone();
  const random = Random.from(seed, 'branch', branch);
  const output = linear({ graph, random }, features, { name: branch, in: head.width, out: 1 });
  if (output !== branch) {
    throw new OutlierExposureError(
      'unsupported',
      `The model has a value "${branch}" already, which is none of its outputs: rename it to make room for the branch.`,
    );
  }
  const batch = graph.outputs.get(logits)?.shape?.[0];
  graph.addOutput(branch, { elementType: 'float32', shape: [batch, 1] });
  return { ...base, graph, metadata: new Map(base.metadata), opsets: new Map(base.opsets) };
}
