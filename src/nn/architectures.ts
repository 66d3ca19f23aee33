/** All networks, by name. The command line, the documentation and the tests go through this list. */
import { nearestName, OutlierExposureError } from '../errors.ts';
import type { Model } from '../onnx/index.ts';
import { allConv } from './all-conv.ts';
import { cifarResNet } from './cifar-resnet.ts';
import type { NetworkOptions } from './classifier.ts';
import { convNet } from './convnet.ts';
import { resNet18 } from './resnet18.ts';
import { wideResNet } from './wide-resnet.ts';

/** What a network by name can be built with. */
export interface BuildOptions extends NetworkOptions {
  /** Dropout ratio while training. Default: the paper's for the architecture. */
  dropRate?: number | undefined;
  /** What ResNet-18 begins with; other networks have one stem alone. Default: by the side. */
  stem?: 'imagenet' | 'small' | undefined;
}

export interface Architecture {
  /** What it is called on the command line and in a model's metadata, `architecture`. */
  name: string;
  /** A phrase for lists: what it is and where it comes from. */
  description: string;
  /** The shape of an image that it is made for. */
  channels: number;
  side: number;
  /** The paper's dropout ratio; `undefined` for a network without dropout. */
  dropRate: number | undefined;
  /** The parameters whose shapes tell the channels of images and the number of classes. */
  stem: string;
  head: string;
  /** @throws OutlierExposureError `invalid-argument` for impossible sizes */
  build(options: BuildOptions): Model;
}

/** WRN-40-2 is the paper's network for CIFAR and Tiny ImageNet, WRN-16-4 the one for SVHN. */
const wideResNets = [
  [40, 2],
  [16, 4],
] as const;

const resNetDepths = [20, 32, 44, 56, 110] as const;

/** The networks to choose from; {@link architecture} also knows every other depth and width, `wrn-D-W`. */
export const ARCHITECTURES: readonly Architecture[] = [
  {
    name: 'convnet',
    description: "two convolutions and 50 hidden units, the paper's for MNIST",
    channels: 1,
    side: 28,
    dropRate: 0.5,
    stem: 'conv1.weight',
    head: 'fc2.weight',
    build: convNet,
  },
  {
    name: 'allconv',
    description: "nine convolutions with GELU, the paper's second network for CIFAR and SVHN",
    channels: 3,
    side: 32,
    dropRate: 0.5,
    stem: 'features.0.weight',
    head: 'classifier.weight',
    build: allConv,
  },
  ...wideResNets.map(([depth, widen]) => wideResNetOf(depth, widen)),
  ...resNetDepths.map((depth) => ({
    name: `resnet-${depth}`,
    description: `${depth} layers with option-A shortcuts, for small images`,
    channels: 3,
    side: 32,
    dropRate: undefined,
    stem: 'conv1.weight',
    head: 'linear.weight',
    build: (options: BuildOptions) => cifarResNet({ ...options, depth }),
  })),
  {
    name: 'resnet-18',
    description: "torchvision's, the paper's for Places365; with a 3×3 stem up to 64 pixels a side",
    channels: 3,
    side: 224,
    dropRate: undefined,
    stem: 'conv1.weight',
    head: 'fc.weight',
    build: resNet18,
  },
];

function wideResNetOf(depth: number, widen: number): Architecture {
  // The paper drops more in its network for SVHN.
  const dropRate = depth === 16 && widen === 4 ? 0.4 : 0.3;
  return {
    name: `wrn-${depth}-${widen}`,
    description: `wide residual network of depth ${depth}, ${widen} times as wide`,
    channels: 3,
    side: 32,
    dropRate,
    stem: 'conv1.weight',
    head: 'fc.weight',
    build: (options) => wideResNet({ ...options, depth, widen, dropRate: options.dropRate ?? dropRate }),
  };
}

/** The names to choose from, for help and messages; the last is a pattern. */
export const ARCHITECTURE_NAMES: readonly string[] = [...ARCHITECTURES.map(({ name }) => name), 'wrn-D-W'];

/**
 * The architecture of a name: one of {@link ARCHITECTURES}, or `wrn-D-W` with a depth D of 6n + 4 and a width W.
 *
 * @throws OutlierExposureError `not-found` for other names, with the nearest one; `invalid-argument` for impossible depths
 */
export function architecture(name: string): Architecture {
  const known = ARCHITECTURES.find((each) => each.name === name);
  if (known) return known;
  const [, depth, widen] = /^wrn-(\d{1,3})-(\d{1,2})$/.exec(name) ?? [];
  if (depth && widen) return wideResNetOf(Number(depth), Number(widen));
  const nearest = nearestName(name, ARCHITECTURE_NAMES);
  throw new OutlierExposureError(
    'not-found',
    `There is no architecture "${name}"${nearest ? `; did you mean ${nearest}?` : '.'} Known are ${ARCHITECTURE_NAMES.join(', ')}.`,
  );
}

/**
 * Builds a network by its name, with parameters that start as its authors' do.
 *
 * @returns a model from `pixels` [batch, channels, side, side] in [0, 1] to `logits` [batch, classes]
 * @throws OutlierExposureError `not-found` for an unknown name, `invalid-argument` for impossible sizes and for
 *   dropout in a network that has none
 */
export function buildNetwork(name: string, options: BuildOptions): Model {
  const { build, dropRate, ...found } = architecture(name);
  const ratio = options.dropRate;
  if (ratio !== undefined && !(ratio >= 0 && ratio < 1)) {
    throw new OutlierExposureError(
      'invalid-argument',
      `A dropout ratio is at least 0 and below 1, not ${ratio}.`,
    );
  }
  if (ratio && dropRate === undefined) {
    throw new OutlierExposureError(
      'invalid-argument',
      `The network ${found.name} has no dropout: leave the ratio out, or choose one of ${ARCHITECTURES.filter(
        (each) => each.dropRate !== undefined,
      )
        .map((each) => each.name)
        .join(', ')}.`,
    );
  }
  return build(options);
}
