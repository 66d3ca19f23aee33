/** What a guard checks: images in several forms, or texts. */
import { type ImageShape, memorySource, toShape } from '../data/index.ts';
import { OutlierExposureError } from '../errors.ts';

/** An image as numbers, channels first. */
export interface PixelTensor {
  /** Floats in [0, 1], or bytes, which stand for value / 255. */
  data: Float32Array | Uint8Array;
  /** [channels, height, width], or the same with a 1 in front. */
  shape: readonly number[];
}

/** An image of a canvas: `ImageData`, or anything like it. Red, green, blue and opacity of one pixel after the other. */
export interface RgbaImage {
  data: Uint8ClampedArray | Uint8Array;
  width: number;
  height: number;
}

/**
 * One image or text. A string is a text for a classifier of texts, and the path of an image for one of images; bytes are an
 * image's file. Paths and files need a decoder, which `openGuard` has in Node.
 */
export type GuardInput = string | Uint8Array | PixelTensor | RgbaImage;

/** An image or text that is ready for the model. */
export type Prepared = { pixels: Float32Array | Uint8Array; shape: ImageShape } | { text: string };

/** Turns an image's file, by path or as bytes, into pixels of a shape. */
export type DecodeImage = (image: string | Uint8Array, shape: ImageShape) => Promise<PixelTensor>;

export interface PrepareOptions {
  takes: 'images' | 'texts';
  /** The images' shape; undefined where the model leaves it open. */
  shape: ImageShape | undefined;
  decode?: DecodeImage | undefined;
  /** Characters of a text, at most. */
  maxTextLength: number;
}

/**
 * Brings an image to the model's shape, and checks it; checks a text.
 *
 * @throws OutlierExposureError `invalid-argument` when it is no such thing, is of another shape, or holds values that are no
 * pixels; `invalid-file` when an image cannot be decoded; `unsupported` when there is no decoder or no shape to decode to
 */
export async function prepareInput(input: GuardInput, options: PrepareOptions): Promise<Prepared> {
  const { takes, shape } = options;
  if (takes === 'texts') return { text: checkedText(input, options.maxTextLength) };
  if (typeof input === 'string' || input instanceof Uint8Array) {
    if (!options.decode) throw noDecoder();
    return checkedPixels(await options.decode(input, knownShape(shape)), shape);
  }
  if (typeof input !== 'object' || input === null) throw notAnImage(typeof input);
  if ('shape' in input) return checkedPixels(input, shape);
  if ('width' in input) return fromCanvas(input, knownShape(shape));
  throw notAnImage('an object of another kind');
}

function checkedText(input: unknown, maxTextLength: number): string {
  if (typeof input !== 'string') throw invalid('The model takes texts, and this is none: give a string.');
  if (input.length > maxTextLength)
    throw invalid(
      `The text has ${input.length} characters, where at most ${maxTextLength} are taken: shorten it, or raise maxTextLength.`,
    );
  return input;
}

function knownShape(shape: ImageShape | undefined): ImageShape {
  if (shape) return shape;
  throw new OutlierExposureError(
    'unsupported',
    'The model leaves the size of its images open: give the guard the shape to bring them to, [channels, height, width].',
  );
}

function checkedPixels({ data, shape: given }: PixelTensor, wanted: ImageShape | undefined): Prepared {
  const shape = (given?.length === 4 && given[0] === 1 ? given.slice(1) : given) as unknown as ImageShape;
  if (
    !Array.isArray(shape) ||
    shape.length !== 3 ||
    !shape.every((side) => Number.isSafeInteger(side) && side > 0)
  )
    throw invalid(
      'The shape of a tensor is [channels, height, width], whole numbers above 0; give each image of a batch by itself.',
    );
  if (wanted?.some((side, i) => side !== shape[i]))
    throw invalid(
      `The tensor is [${shape.join(', ')}], but the model takes [${wanted.join(', ')}] (channels, height, width).`,
    );
  const size = shape[0] * shape[1] * shape[2];
  if (!(data instanceof Float32Array || data instanceof Uint8Array) || data.length !== size)
    throw invalid(
      `A tensor of [${shape.join(', ')}] has ${size} values, but ${data?.length ?? 'none'} were given as its data (a Float32Array or Uint8Array).`,
    );
  if (data instanceof Float32Array) checkValues(data);
  return { pixels: data, shape };
}

function checkValues(values: Float32Array): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value >= 0 && value <= 1) continue;
    throw invalid(
      `The tensor holds ${value}, but pixels are numbers from 0 to 1: divide bytes by 255, and leave normalisation to the model.`,
    );
  }
}

async function fromCanvas({ data, width, height }: RgbaImage, shape: ImageShape): Promise<Prepared> {
  if (!(Number.isSafeInteger(width) && Number.isSafeInteger(height) && width > 0 && height > 0))
    throw invalid(`An image of ${width}×${height} pixels cannot be: give whole numbers above 0.`);
  const size = width * height;
  if (!(data instanceof Uint8ClampedArray || data instanceof Uint8Array) || data.length !== 4 * size)
    throw invalid(
      `An image of ${width}×${height} pixels has ${4 * size} bytes (red, green, blue and opacity of each), but ${data?.length ?? 'none'} were given.`,
    );
  const pixels = new Uint8Array(4 * size);
  for (let c = 0; c < 4; c++) for (let j = 0; j < size; j++) pixels[c * size + j] = data[4 * j + c]!;
  const image = memorySource({ name: 'the image', shape: [4, height, width], pixels, fingerprint: '' });
  const out = new Float32Array(shape[0] * shape[1] * shape[2]);
  await toShape(image, shape).read([0], out);
  return { pixels: out, shape };
}

function noDecoder(): OutlierExposureError {
  return new OutlierExposureError(
    'unsupported',
    "An image's file was given, and there is nothing here to decode it: give ImageData or a tensor, or in Node take openGuard.",
  );
}

function notAnImage(what: string): OutlierExposureError {
  return invalid(
    `The model takes images, but ${what} was given: give a tensor { data, shape }, ImageData, or an image's file.`,
  );
}

const invalid = (sentence: string) => new OutlierExposureError('invalid-argument', sentence);
