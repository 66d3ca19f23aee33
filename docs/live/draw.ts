/** Makes the pictures: white on black, 28 × 28, as MNIST's. */
import { type ImageSource, memorySource, type Random } from 'outlier-exposure';

export const SIDE = 28;
const FONTS = ['sans-serif', 'serif', 'monospace', 'cursive', 'fantasy', 'system-ui'];
/** Letters that no digit looks like in some font. */
const LETTERS = [...'ACEFHJKMNPRTUVWXYdhkmnw'];

type Draw = (context: CanvasRenderingContext2D, random: Random, index: number) => void;

export function digits(count: number, random: Random): ImageSource {
  const labels = Int32Array.from({ length: count }, (_, i) => i % 10);
  return {
    ...drawn('digits', count, random, (context, _, i) => glyph(context, random, String(i % 10))),
    labels,
  };
}

export function letters(count: number, random: Random): ImageSource {
  return drawn('letters', count, random, (context) =>
    glyph(context, random, LETTERS[random.integer(LETTERS.length)]!),
  );
}

/** Lines of a shaky pen, and soft or hard blobs. */
export function scribbles(count: number, random: Random): ImageSource {
  return drawn('scribbles', count, random, (context, _, i) => (i % 3 === 2 ? blob : stroke)(context, random));
}

/** Stripes, checks and rings. */
export function textures(count: number, random: Random): ImageSource {
  return drawn('textures', count, random, (context, _, i) =>
    [stripes, checks, rings][i % 3]!(context, random),
  );
}

function drawn(name: string, count: number, random: Random, draw: Draw): ImageSource {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = SIDE;
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  const pixels = new Uint8Array(count * SIDE * SIDE);
  for (let i = 0; i < count; i++) {
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = '#000';
    context.fillRect(0, 0, SIDE, SIDE);
    context.fillStyle = context.strokeStyle = '#fff';
    draw(context, random, i);
    const { data } = context.getImageData(0, 0, SIDE, SIDE);
    for (let j = 0; j < SIDE * SIDE; j++) pixels[i * SIDE * SIDE + j] = data[4 * j]!;
  }
  return memorySource({ name, shape: [1, SIDE, SIDE], pixels, fingerprint: `${name}, drawn on this page` });
}

function glyph(context: CanvasRenderingContext2D, random: Random, text: string): void {
  const size = 19 + 6 * random.uniform();
  const style = random.uniform() < 0.25 ? 'italic ' : '';
  const weight = random.uniform() < 0.5 ? 'bold ' : '';
  context.font = `${style}${weight}${size}px ${FONTS[random.integer(FONTS.length)]}`;
  context.textAlign = 'center';
  context.textBaseline = 'alphabetic';
  const { actualBoundingBoxAscent: ascent, actualBoundingBoxDescent: descent } = context.measureText(text);
  context.translate(SIDE / 2 + 3 * (random.uniform() - 0.5), SIDE / 2 + 3 * (random.uniform() - 0.5));
  context.transform(1, 0, 0.4 * (random.uniform() - 0.5), 1, 0, 0);
  context.rotate(0.5 * (random.uniform() - 0.5));
  context.fillText(text, 0, (ascent - descent) / 2);
}

function stroke(context: CanvasRenderingContext2D, random: Random): void {
  const place = () => 3 + random.uniform() * (SIDE - 6);
  context.lineCap = context.lineJoin = 'round';
  context.lineWidth = 1.5 + 2.5 * random.uniform();
  for (let lines = 1 + random.integer(3); lines > 0; lines--) {
    context.beginPath();
    context.moveTo(place(), place());
    if (random.uniform() < 0.5)
      for (let corners = 1 + random.integer(2); corners > 0; corners--) context.lineTo(place(), place());
    else context.bezierCurveTo(place(), place(), place(), place(), place(), place());
    context.stroke();
  }
}

function blob(context: CanvasRenderingContext2D, random: Random): void {
  for (let blobs = 1 + random.integer(4); blobs > 0; blobs--) {
    const [x, y, radius] = [4 + 20 * random.uniform(), 4 + 20 * random.uniform(), 4 + 7 * random.uniform()];
    const gradient = context.createRadialGradient(x, y, radius * random.uniform(), x, y, radius);
    gradient.addColorStop(0, 'rgb(255 255 255)');
    gradient.addColorStop(1, 'rgb(255 255 255 / 0)');
    context.fillStyle = gradient;
    context.fillRect(0, 0, SIDE, SIDE);
  }
}

function stripes(context: CanvasRenderingContext2D, random: Random): void {
  const step = 3 + 5 * random.uniform();
  turn(context, random);
  for (let x = -SIDE; x < SIDE; x += step) context.fillRect(x, -SIDE, step / 2, 2 * SIDE);
}

function checks(context: CanvasRenderingContext2D, random: Random): void {
  const step = 3 + 4 * random.uniform();
  turn(context, random);
  for (let row = -10; row < 10; row++) {
    for (let column = -10; column < 10; column++)
      if ((row + column) % 2 === 0) context.fillRect(column * step, row * step, step, step);
  }
}

function rings(context: CanvasRenderingContext2D, random: Random): void {
  const step = 3 + 3 * random.uniform();
  turn(context, random);
  context.lineWidth = step / 2;
  for (let radius = step / 2; radius < SIDE; radius += step) {
    context.beginPath();
    context.arc(0, 0, radius, 0, 2 * Math.PI);
    context.stroke();
  }
}

function turn(context: CanvasRenderingContext2D, random: Random): void {
  context.translate(SIDE * (0.3 + 0.4 * random.uniform()), SIDE * (0.3 + 0.4 * random.uniform()));
  context.rotate(Math.PI * random.uniform());
}
