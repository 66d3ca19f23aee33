/** A network for weights: built by its architecture's name in the sizes that the weights tell, and filled with them. */
import { OutlierExposureError } from '../errors.ts';
import { ARCHITECTURES, architecture, type BuildOptions, buildNetwork } from '../nn/index.ts';
import type { Model, TensorData } from '../onnx/index.ts';
import { intoModel } from './into-model.ts';

/** The side of small images, for ResNet-18 with a small stem. */
const SMALL_SIDE = 32;

/**
 * Builds the architecture with the channels and classes that the first and last layers of the weights have, and puts
 * the weights in.
 *
 * @param options what the weights do not tell: the side of images, and how pixels are normalized
 * @returns a model from `pixels` [batch, channels, side, side] in [0, 1] to `logits` [batch, classes]
 * @throws OutlierExposureError `not-found` for an unknown architecture, `invalid-argument` when the weights do not fit it
 */
export function networkFromWeights(
  name: string,
  weights: ReadonlyMap<string, TensorData>,
  options: Omit<BuildOptions, 'seed'> = {},
): Model {
  try {
    return filled(name, weights, options);
  } catch (error) {
    if (!(error instanceof OutlierExposureError) || error.code !== 'invalid-argument') throw error;
    const fitting = ARCHITECTURES.map((each) => fit(each.name, weights)).find((each) => each !== undefined);
    throw fitting
      ? new OutlierExposureError(error.code, `${error.message} They fit ${fitting}.`, { cause: error })
      : error;
  }
}

function filled(
  name: string,
  weights: ReadonlyMap<string, TensorData>,
  options: Omit<BuildOptions, 'seed'>,
): Model {
  const { stem, head } = architecture(name);
  const stemShape = shapeOf(weights, stem, 4);
  const small = name === 'resnet-18' && stemShape?.[2] === 3;
  const network = buildNetwork(name, {
    ...options,
    seed: 0,
    classes: options.classes ?? shapeOf(weights, head, 2)?.[0],
    channels: options.channels ?? stemShape?.[1],
    side: options.side ?? (small ? SMALL_SIDE : undefined),
    ...(name === 'resnet-18' && stemShape ? { stem: small ? 'small' : 'imagenet' } : {}),
  });
  return intoModel(network, weights);
}

/** The architecture and sizes that the weights fit, in words. */
function fit(name: string, weights: ReadonlyMap<string, TensorData>): string | undefined {
  const { stem, head } = architecture(name);
  if (!weights.has(stem) || !weights.has(head)) return undefined;
  try {
    const { graph } = filled(name, weights, {});
    const [, ...image] = graph.inputs.get('pixels')!.shape!;
    return `${name} with ${graph.outputs.get('logits')!.shape![1]} classes and images of ${image.join(' × ')}`;
  } catch {
    return undefined;
  }
}

/** The shape of a tensor that holds values: what is empty may claim any size. */
function shapeOf(weights: ReadonlyMap<string, TensorData>, name: string, rank: number) {
  const tensor = weights.get(name);
  return tensor && tensor.data.length > 0 && tensor.shape.length === rank ? tensor.shape : undefined;
}
