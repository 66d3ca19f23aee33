/** Settings of the network. */
import { z } from 'zod';
import { ARCHITECTURE_NAMES } from '../../nn/index.ts';
import { choice, file, numbersOf, share, text, wholeNumber } from '../kinds.ts';
import { setting } from '../setting.ts';

export const modelSettings = {
  arch: setting({
    kind: text,
    group: 'model',
    only: 'train',
    required: 'train',
    description: `the network: ${ARCHITECTURE_NAMES.join(', ')} for images, gru for texts`,
  }),
  model: setting({
    kind: file,
    group: 'model',
    only: 'tune',
    required: 'tune',
    description: 'the trained classifier (.onnx), from images or texts to logits',
  }),
  classes: setting({
    kind: wholeNumber(2),
    group: 'model',
    only: 'train',
    description: 'how many classes the network tells apart',
    otherwise: 'as many as the labels have',
  }),
  dropout: setting({
    kind: share,
    group: 'model',
    of: 'images',
    only: 'train',
    description: 'the share of activations that is dropped while training',
    otherwise: "the network's own",
  }),
  normalize: setting({
    kind: choice(['data', 'none']),
    group: 'model',
    of: 'images',
    only: 'train',
    default: 'data',
    description:
      'whether the network subtracts the mean of the training images and divides by their deviation, channel by channel; the model does it by itself afterwards',
  }),
  mean: setting({
    kind: numbersOf(z.number(), 'a list of numbers, one for each channel'),
    group: 'model',
    of: 'images',
    only: 'train',
    description: 'the mean of each channel, with pixels from 0 to 1, in place of the measured one',
    otherwise: 'measured',
  }),
  std: setting({
    kind: numbersOf(z.number().positive(), 'a list of numbers above 0, one for each channel'),
    group: 'model',
    of: 'images',
    only: 'train',
    description: 'the standard deviation of each channel, in place of the measured one',
    otherwise: 'measured',
  }),
};
