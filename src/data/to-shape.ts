/** Bringing images to another shape: grey or colour, another size. */
import { OutlierExposureError } from '../errors.ts';
import { grayBytes } from './gray.ts';
import { keptImages } from './kept-images.ts';
import { byteResizer } from './resize.ts';
import type { ImageShape, ImageSource } from './source.ts';

/** `fit`: the shorter side is resized and the middle cut out; `stretch`: the proportions are ignored. */
export type ResizeFit = 'fit' | 'stretch';

const RED = 0.2989;
const GREEN = 0.587;
const BLUE = 0.114;

/**
 * A set, brought to another shape. Opacity is shown on white; grey is 0.2989 R + 0.5870 G + 0.1140 B, colour from
 * grey has three equal channels. When the size changes, values become bytes and are resized with Pillow's bilinear
 * filter, as in the paper's code; else they stay as precise as they were.
 *
 * @param memory bytes of resized images to keep, so that they are resized once
 * @throws OutlierExposureError `invalid-argument` for channels that cannot be made from what there is
 */
export function toShape(
  source: ImageSource,
  shape: ImageShape,
  { resize = 'fit', memory = 0 }: { resize?: ResizeFit; memory?: number } = {},
): ImageSource {
  const [channels, height, width] = source.shape;
  const [toChannels, toHeight, toWidth] = shape;
  if (shape.some((side) => !(Number.isInteger(side) && side > 0))) {
    throw new OutlierExposureError(
      'invalid-argument',
      `Images cannot have the shape [${shape.join(', ')}]; give channels, height and width as whole numbers above 0.`,
    );
  }
  const sameSize = height === toHeight && width === toWidth;
  if (sameSize && channels === toChannels) return source;
  if (channels !== toChannels && !([1, 3, 4].includes(channels) && (toChannels === 1 || toChannels === 3))) {
    throw new OutlierExposureError(
      'invalid-argument',
      `"${source.name}" has images of ${channels} channels, from which none of ${toChannels} can be made; 1 (grey) and 3 (red, green, blue) can.`,
    );
  }
  const labelled = {
    ...source,
    shape,
    fingerprint: `${source.fingerprint}, ${resize === 'fit' ? 'fitted' : 'stretched'} to ${shape.join('×')}`,
  };
  if (!sameSize) return { ...labelled, ...resized(source, shape, { resize, memory }) };
  const [from, to] = [channels * height * width, toChannels * toHeight * toWidth];
  return {
    ...labelled,
    async read(indices, out) {
      const images = new Float32Array(indices.length * from);
      await source.read(indices, images);
      for (let i = 0; i < indices.length; i++) {
        const target = out.subarray(i * to, (i + 1) * to);
        changeChannels(images.subarray(i * from, (i + 1) * from), target, channels, toChannels);
      }
    },
    ...(source.close && { close: () => source.close!() }),
  };
}

/** Reading with another size: as bytes, which are kept. */
function resized(
  source: ImageSource,
  shape: ImageShape,
  { resize, memory }: { resize: ResizeFit; memory: number },
): Pick<ImageSource, 'read' | 'close'> {
  const from = source.shape[0] * source.shape[1] * source.shape[2];
  const to = shape[0] * shape[1] * shape[2];
  const fit = fitter(source.shape, shape, resize);
  const kept = keptImages({ size: to, count: source.length, memory });
  const put = (pixels: Uint8Array, out: Float32Array, at: number) => {
    for (let j = 0; j < to; j++) out[at + j] = pixels[j]! / 255;
  };
  return {
    async read(indices, out) {
      const missing: number[] = [];
      for (let i = 0; i < indices.length; i++) {
        const pixels = kept.get(indices[i]!);
        if (pixels) put(pixels, out, i * to);
        else missing.push(i);
      }
      const images = new Float32Array(missing.length * from);
      await source.read(
        Uint32Array.from(missing, (i) => indices[i]!),
        images,
      );
      for (const [k, i] of missing.entries()) {
        const pixels = fit(images.subarray(k * from, (k + 1) * from));
        kept.put(indices[i]!, pixels);
        put(pixels, out, i * to);
      }
    },
    async close() {
      kept.clear();
      await source.close?.();
    },
  };
}

/** Floats in [0, 1] from one number of channels to another. */
function changeChannels(image: Float32Array, out: Float32Array, channels: number, toChannels: number): void {
  const size = image.length / channels;
  const colour = channels === 4 ? onWhite(image, size) : image;
  if (channels === 1) for (let c = 0; c < toChannels; c++) out.set(image, c * size);
  else if (toChannels === 3) out.set(colour);
  else
    for (let j = 0; j < size; j++)
      out[j] = RED * colour[j]! + GREEN * colour[size + j]! + BLUE * colour[2 * size + j]!;
}

function onWhite(image: Float32Array, size: number): Float32Array {
  return Float32Array.from({ length: 3 * size }, (_, j) => {
    const opacity = image[3 * size + (j % size)]!;
    return image[j]! * opacity + 1 - opacity;
  });
}

/** From floats to bytes, to the other size, to the other channels; bytes, channels first. */
function fitter(
  [channels, height, width]: ImageShape,
  [toChannels, toHeight, toWidth]: ImageShape,
  resize: ResizeFit,
): (image: Float32Array) => Uint8Array {
  const colours = channels === 4 && toChannels !== 4 ? 3 : channels;
  const scale = Math.max(toHeight / height, toWidth / width);
  const between =
    resize === 'stretch'
      ? { height: toHeight, width: toWidth }
      : {
          height: Math.max(toHeight, Math.round(height * scale)),
          width: Math.max(toWidth, Math.round(width * scale)),
        };
  const top = (between.height - toHeight) >> 1;
  const left = (between.width - toWidth) >> 1;
  const whole = between.height === height && between.width === width;
  const bytes = whole ? undefined : byteResizer({ height, width }, between, 'bilinear');
  const size = height * width;
  const toSize = toHeight * toWidth;
  const channel = new Uint8Array(size);
  const interleaved = new Uint8Array(toSize * colours);
  return (image) => {
    const pixels = new Uint8Array(toChannels * toSize);
    const colour = colours < channels ? onWhite(image, size) : image;
    for (let c = 0; c < colours; c++) {
      for (let j = 0; j < size; j++)
        channel[j] = Math.round(255 * Math.min(1, Math.max(0, colour[c * size + j]!)));
      const fitted = bytes ? bytes(channel) : channel;
      for (let y = 0; y < toHeight; y++)
        for (let x = 0; x < toWidth; x++)
          interleaved[(y * toWidth + x) * colours + c] = fitted[(top + y) * between.width + left + x]!;
    }
    const last = toChannels < colours ? grayBytes(interleaved) : interleaved;
    const lastChannels = Math.min(colours, toChannels);
    for (let c = 0; c < toChannels; c++) {
      const shown = Math.min(c, lastChannels - 1);
      for (let j = 0; j < toSize; j++) pixels[c * toSize + j] = last[j * lastChannels + shown]!;
    }
    return pixels;
  };
}
