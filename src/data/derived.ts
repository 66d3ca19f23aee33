/** Sets made from another set: the paper's validation distributions D_out^val, and the negative of MNIST. */
import { Random } from '../random.ts';
import type { ImageShape, ImageSource } from './source.ts';

type Change = (image: Float32Array, shape: ImageShape, random: Random) => void;

/** Applies a change to each image; what is random depends on the seed and the image's number alone. */
function derive(source: ImageSource, name: string, seed: number, change: Change): ImageSource {
  const size = source.shape[0] * source.shape[1] * source.shape[2];
  return {
    name,
    length: source.length,
    shape: source.shape,
    fingerprint: `${name}, seed ${seed}, of ${source.fingerprint}`,
    async read(indices, out) {
      await source.read(indices, out);
      for (let i = 0; i < indices.length; i++) {
        change(out.subarray(i * size, (i + 1) * size), source.shape, Random.from(seed, name, indices[i]!));
      }
    },
  };
}

/** Mixes each image with another one of the set. */
function pairs(
  source: ImageSource,
  name: string,
  seed: number,
  mix: (a: number, b: number) => number,
): ImageSource {
  const size = source.shape[0] * source.shape[1] * source.shape[2];
  return {
    name,
    length: source.length,
    shape: source.shape,
    fingerprint: `${name}, seed ${seed}, of ${source.fingerprint}`,
    async read(indices, out) {
      const partners = Uint32Array.from(indices, (index) => {
        const other = Random.from(seed, name, index).integer(source.length - 1);
        return other < index ? other : other + 1;
      });
      const others = new Float32Array(indices.length * size);
      await source.read(indices, out);
      await source.read(partners, others);
      for (let i = 0; i < others.length; i++) out[i] = mix(out[i]!, others[i]!);
    },
  };
}

/** 1 − x. */
export function negative(source: ImageSource, name = 'Negative'): ImageSource {
  return derive(source, name, 0, (image) => {
    for (let i = 0; i < image.length; i++) image[i] = 1 - image[i]!;
  });
}

/** x/2 + x'/2 for a random other image x'. */
export function arithmeticMean(source: ImageSource, seed: number): ImageSource {
  return pairs(source, 'Arithmetic mean', seed, (a, b) => a / 2 + b / 2);
}

/** √(x·x') for a random other image x'. */
export function geometricMean(source: ImageSource, seed: number): ImageSource {
  return pairs(source, 'Geometric mean', seed, (a, b) => Math.sqrt(a * b));
}

/** x + x·ε with ε normal, cut to [0, 1]. */
export function speckle(source: ImageSource, seed: number): ImageSource {
  return derive(source, 'Speckle', seed, (image, _, random) => {
    for (let i = 0; i < image.length; i++)
      image[i] = Math.min(1, Math.max(0, image[i]! * (1 + random.normal())));
  });
}

/**
 * The paper code's fixed rearrangement of four quarters, two of them cut once more. Top: the left upper quarter
 * with its upper part moved below, beside the left lower quarter; bottom: the right lower quarter, beside the right
 * upper one with its right part moved to the left. Cuts are in proportion to a side of 28.
 */
export function jigsaw(source: ImageSource): ImageSource {
  return derive(source, 'Jigsaw', 0, (image, [channels, height, width]) => {
    const original = image.slice();
    const [halfY, halfX] = [height >> 1, width >> 1];
    const cutY = Math.round((6 / 28) * height);
    const cutX = Math.round((22 / 28) * width);
    for (let c = 0; c < channels; c++) {
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          let [fromY, fromX] = [y, x];
          if (y < halfY && x < halfX) fromY = (y + cutY) % halfY;
          else if (y < halfY) [fromY, fromX] = [y + halfY, x - halfX];
          else if (x < width - halfX) fromX = x + halfX;
          else [fromY, fromX] = [y - halfY, halfX + ((x - (width - halfX) + cutX - halfX) % (width - halfX))];
          image[(c * height + y) * width + x] = original[(c * height + fromY) * width + fromX]!;
        }
      }
    }
  });
}

/** Reduced to a fifth of the side by box averages, and blown up again. */
export function pixelate(source: ImageSource): ImageSource {
  return derive(source, 'Pixelate', 0, (image, [channels, height, width]) => {
    const [rows, columns] = [Math.floor(height * 0.2), Math.floor(width * 0.2)];
    for (let c = 0; c < channels; c++) {
      const plane = image.subarray(c * height * width, (c + 1) * height * width);
      const small = boxResize(plane, [height, width], [rows, columns]);
      plane.set(boxResize(small, [rows, columns], [height, width]));
    }
  });
}

/** Resizes a plane; each new pixel is the mean of those whose centres it covers, to the nearest of 256 steps. */
function boxResize(
  plane: Float32Array,
  [height, width]: readonly [number, number],
  [rows, columns]: readonly [number, number],
): Float32Array {
  const across = boxResizeRows(plane, height, width, columns);
  return transpose(boxResizeRows(transpose(across, height, columns), columns, height, rows), columns, rows);
}

function boxResizeRows(plane: Float32Array, height: number, width: number, columns: number): Float32Array {
  const result = new Float32Array(height * columns);
  const scale = width / columns;
  const support = Math.max(0.5, scale / 2);
  for (let x = 0; x < columns; x++) {
    const centre = (x + 0.5) * scale;
    const from = Math.max(0, Math.floor(centre - support + 0.5));
    const to = Math.min(width, Math.floor(centre + support + 0.5));
    for (let y = 0; y < height; y++) {
      let sum = 0;
      for (let i = from; i < to; i++) sum += plane[y * width + i]!;
      result[y * columns + x] = Math.round((sum / (to - from)) * 255) / 255;
    }
  }
  return result;
}

function transpose(plane: Float32Array, height: number, width: number): Float32Array {
  return Float32Array.from(plane, (_, i) => plane[(i % height) * width + Math.floor(i / height)]!);
}
