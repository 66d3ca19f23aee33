/** Images in MATLAB files, as SVHN is published. Node only. */
import { OutlierExposureError } from '../../../errors.ts';
import type { ImageSource } from '../../source.ts';
import { arraySource } from './array-source.ts';
import { fileFingerprint } from './fingerprint.ts';
import { labelNumbers } from './labels.ts';
import { readMat } from './mat5.ts';
import type { FormatOptions } from './options.ts';
import { valuesOf } from './pixels.ts';

const IMAGES = ['X', 'images', 'data'];
const LABELS = ['y', 'labels', 'label'];
const DIGITS = 10;

/**
 * The images `X` (or `images`, `data`) of shape [height, width, channels, count] or [height, width, count], and
 * the labels `y` (or `labels`). In SVHN's files, whose label 10 is the digit 0, labels become the digits.
 */
export async function openMat(path: string, options: FormatOptions): Promise<ImageSource> {
  const { arrays, names } = await readMat(path, (name) => IMAGES.includes(name) || LABELS.includes(name));
  const find = (wanted: readonly string[]) =>
    wanted.map((name) => arrays.find((array) => array.name === name)).find((array) => array !== undefined);
  const images = find(IMAGES);
  if (!images) {
    throw new OutlierExposureError(
      'invalid-file',
      `${path} holds the variables ${names.join(', ') || '(none)'}; images are looked for as ${IMAGES.join(', ')}: rename the array.`,
    );
  }
  const [height = 0, width = 0, channels = 0, last] = images.dimensions;
  const count = images.dimensions.length === 4 ? last! : channels;
  const colours = images.dimensions.length === 4 ? channels : 1;
  if (![3, 4].includes(images.dimensions.length) || ![1, 3, 4].includes(colours)) {
    throw new OutlierExposureError(
      'invalid-file',
      `${path} has ${images.name} of the shape [${images.dimensions.join(', ')}], but images have [height, width, channels, count], with 1, 3 or 4 channels, or [height, width, count].`,
    );
  }
  const answers = find(LABELS);
  const labels =
    answers && labelNumbers(valuesOf(await answers.bytes.read(0, answers.bytes.size), answers), path);
  const digits =
    labels !== undefined && colours === 3 && labels.every((label) => label >= 1 && label <= DIGITS);
  if (digits) for (let i = 0; i < labels.length; i++) labels[i]! %= DIGITS;
  return arraySource({
    name: options.name,
    bytes: images.bytes,
    count,
    shape: [colours, height, width],
    type: images.type,
    littleEndian: images.littleEndian,
    order: 'cwh',
    range: options.range,
    memory: options.memory,
    labels,
    classNames: digits ? Array.from({ length: DIGITS }, (_, digit) => String(digit)) : undefined,
    fingerprint: await fileFingerprint(path, options),
  });
}
