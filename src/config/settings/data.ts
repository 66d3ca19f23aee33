/** Settings of what is trained on. */
import { TEXT_FORMATS } from '../../data/index.ts';
import { choice, file, paths, share, text, wholeNumber } from '../kinds.ts';
import { setting } from '../setting.ts';

export const dataSettings = {
  in: setting({
    kind: paths,
    group: 'data',
    required: 'both',
    description: 'the training images or texts: files, folders or archives, taken one after the other',
  }),
  labels: setting({
    kind: file,
    group: 'data',
    description: 'a file of their labels, one an example: numbers from 0 on, or names',
    otherwise: 'those inside the data, or the names of folders',
  }),
  outliers: setting({
    kind: paths,
    group: 'data',
    required: 'tune',
    description:
      'images or texts of anything else (D_out^OE), which the model learns to be unsure about; keep test sets out of them; or made:KIND, made of the training examples',
  }),
  trainSize: setting({
    kind: wholeNumber(1, '<examples>'),
    group: 'data',
    description: 'take only so many of the training examples, drawn by the seed',
    otherwise: 'all',
  }),
  validation: setting({
    kind: paths,
    group: 'data',
    description: 'labelled examples that the error is measured on, beside training',
  }),
  validationLabels: setting({
    kind: file,
    group: 'data',
    description: 'a file of the labels of the validation examples',
  }),
  validationSplit: setting({
    kind: share,
    group: 'data',
    default: 0,
    description:
      'the share of the training examples that is held out, chosen by the seed, to measure the error on',
  }),
  split: setting({
    kind: text,
    group: 'data',
    description: 'which part of sets that come in parts: train, test, extra, …',
    otherwise: 'train',
  }),
  layout: setting({
    kind: choice(['nhwc', 'nchw']),
    group: 'data',
    of: 'images',
    description: 'whether channels stand last or first in arrays of images',
    otherwise: 'told from the shape',
  }),
  resize: setting({
    kind: choice(['fit', 'stretch']),
    group: 'data',
    of: 'images',
    default: 'fit',
    description: "how images of another size are brought to the model's: cut to its shape, or stretched",
  }),
  side: setting({
    kind: wholeNumber(1, '<pixels>'),
    group: 'data',
    of: 'images',
    only: 'train',
    description: 'the height and width to which images are brought',
    otherwise: "the network's own: 28 for convnet, 224 for resnet-18, else 32",
  }),
  colour: setting({
    kind: choice(['gray', 'rgb']),
    group: 'data',
    of: 'images',
    only: 'train',
    description: 'whether images are brought to one channel or to three',
    otherwise: "the network's own: gray for convnet, else rgb",
  }),
  vocabulary: setting({
    kind: wholeNumber(1, '<words>'),
    group: 'data',
    of: 'texts',
    only: 'train',
    default: 10_000,
    description: 'how many words the network knows: the most frequent ones of the training texts',
  }),
  maxTokens: setting({
    kind: wholeNumber(1, '<words>'),
    group: 'data',
    of: 'texts',
    only: 'train',
    default: 100,
    description: 'how many words of a text count, its first ones; the model keeps to it afterwards',
  }),
  letters: setting({
    kind: choice(['lower', 'as-they-are']),
    group: 'data',
    of: 'texts',
    only: 'train',
    default: 'lower',
    description: 'whether words are made lower case',
  }),
  textFormat: setting({
    kind: choice(TEXT_FORMATS),
    group: 'data',
    of: 'texts',
    description: "the format of the training texts' files (docs/text-data.md)",
    otherwise: 'told by the name and the first lines',
  }),
  textColumn: setting({
    kind: text,
    group: 'data',
    of: 'texts',
    description: 'the column of the training texts, by its name, or by its number from 0 on',
    otherwise: 'told by its name, or by the number of columns',
  }),
  labelColumn: setting({
    kind: text,
    group: 'data',
    of: 'texts',
    description: 'the column of their labels',
    otherwise: 'told likewise',
  }),
  labelKind: setting({
    kind: choice(['fine', 'coarse', 'binary']),
    group: 'data',
    of: 'texts',
    default: 'fine',
    description:
      'which labels texts get: their own, what stands before the colon in them, or sentiments from 0 to 4 as negative and positive',
  }),
  encoding: setting({
    kind: choice(['utf-8', 'latin1']),
    group: 'data',
    of: 'texts',
    default: 'utf-8',
    description: 'how the bytes of files of texts are read',
  }),
};
