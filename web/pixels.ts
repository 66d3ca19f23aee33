/** Between canvases and what models take: channels first, float32 in [0, 1]. */
import { type ExampleSet, memorySource } from 'outlier-exposure';

export type Shape = readonly [channels: number, height: number, width: number];

/** One picture as a set of its own. */
export function oneImage(pixels: Float32Array, shape: Shape): ExampleSet {
  return memorySource({ name: 'yours', shape: [...shape], pixels, fingerprint: 'made on the page' });
}

export function canvasOf(
  width: number,
  height: number,
): { canvas: HTMLCanvasElement; context: CanvasRenderingContext2D } {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  return { canvas, context: canvas.getContext('2d', { willReadFrequently: true })! };
}

/** Reads a canvas of the model's size; colours become gray where the model takes one channel. */
export function readCanvas(
  context: CanvasRenderingContext2D,
  [channels, height, width]: Shape,
): Float32Array {
  const { data } = context.getImageData(0, 0, width, height);
  const size = height * width;
  const pixels = new Float32Array(channels * size);
  for (let i = 0; i < size; i++) {
    const [r, g, b] = [data[4 * i]! / 255, data[4 * i + 1]! / 255, data[4 * i + 2]! / 255];
    if (channels === 1) pixels[i] = 0.299 * r + 0.587 * g + 0.114 * b;
    else for (let c = 0; c < channels; c++) pixels[c * size + i] = [r, g, b][c] ?? 0;
  }
  return pixels;
}

/** Shows pixels in a canvas, a pixel each; the style sheet makes it larger. */
export function showPixels(
  canvas: HTMLCanvasElement,
  pixels: Float32Array,
  [channels, height, width]: Shape,
): void {
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d')!;
  const picture = context.createImageData(width, height);
  const size = height * width;
  for (let i = 0; i < size; i++) {
    for (let c = 0; c < 3; c++)
      picture.data[4 * i + c] = 255 * pixels[(channels === 1 ? 0 : Math.min(c, channels - 1)) * size + i]!;
    picture.data[4 * i + 3] = 255;
  }
  context.putImageData(picture, 0, 0);
}

/** How MNIST's digits stand in their pictures: the longer side 20 of 28 pixels, the centre of mass in the middle. */
const SHARE_OF_SIDE = 20 / 28;

/** A drawing as the model was taught to see such: like MNIST's where it takes one channel, else as it stands. */
export function fromDrawing(drawing: CanvasRenderingContext2D, shape: Shape): Float32Array {
  const [channels, height, width] = shape;
  const source = drawing.canvas;
  const { context } = canvasOf(width, height);
  context.fillRect(0, 0, width, height);
  context.imageSmoothingQuality = 'high';
  const box = channels === 1 ? inkOf(drawing) : undefined;
  if (!box) {
    context.drawImage(source, 0, 0, width, height);
    return readCanvas(context, shape);
  }
  const scale = (SHARE_OF_SIDE * Math.min(width, height)) / Math.max(box.width, box.height);
  const [w, h] = [box.width * scale, box.height * scale];
  const left = width / 2 - (box.massX - box.x) * scale;
  const top = height / 2 - (box.massY - box.y) * scale;
  context.drawImage(source, box.x, box.y, box.width, box.height, left, top, w, h);
  return readCanvas(context, shape);
}

/** Where there is anything, and its centre of mass; undefined of an empty drawing. */
function inkOf(drawing: CanvasRenderingContext2D) {
  const { width, height } = drawing.canvas;
  const { data } = drawing.getImageData(0, 0, width, height);
  let [left, top, right, bottom] = [width, height, -1, -1];
  let [mass, sumX, sumY] = [0, 0, 0];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const ink = data[4 * (y * width + x)]!;
      if (ink < 8) continue;
      [left, right] = [Math.min(left, x), Math.max(right, x)];
      [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
      mass += ink;
      sumX += ink * x;
      sumY += ink * y;
    }
  }
  if (right < 0) return undefined;
  return {
    x: left,
    y: top,
    width: right - left + 1,
    height: bottom - top + 1,
    massX: sumX / mass,
    massY: sumY / mass,
  };
}

/** A picture of any size, fitted whole into the model's, on black; inverted where it is dark on light. */
export async function fromPicture(
  file: Blob,
  shape: Shape,
  colours: 'as they are' | 'inverted',
): Promise<Float32Array> {
  const [, height, width] = shape;
  const picture = await createImageBitmap(file);
  const { context } = canvasOf(width, height);
  context.fillStyle = colours === 'inverted' ? '#fff' : '#000';
  context.fillRect(0, 0, width, height);
  context.imageSmoothingQuality = 'high';
  const scale = Math.min(width / picture.width, height / picture.height);
  const [w, h] = [picture.width * scale, picture.height * scale];
  context.drawImage(picture, (width - w) / 2, (height - h) / 2, w, h);
  picture.close();
  const pixels = readCanvas(context, shape);
  return colours === 'inverted' ? pixels.map((value) => 1 - value) : pixels;
}
