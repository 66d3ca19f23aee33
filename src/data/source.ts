/** Where examples come from. Everything that reads, makes or changes images speaks this. */

/** Channels, height, width. */
export type ImageShape = readonly [channels: number, height: number, width: number];

/** A set of images that is read by window, so that it may be larger than memory. */
export interface ImageSource {
  readonly name: string;
  /** How many images. */
  readonly length: number;
  readonly shape: ImageShape;
  /** Class indices, one an image, for labelled sets. */
  readonly labels?: Int32Array;
  /** What the classes are called, in the order of their indices, where the set says so. */
  readonly classNames?: readonly string[];
  /** What an image is called: the path of its file, say. Only sets whose images have names have it. */
  nameOf?(index: number): string;
  /** What the pixels came from, in a form that shows when it changes: the SHA-256 of files, or a recipe with its seed. */
  readonly fingerprint: string;
  /**
   * Writes the images at `indices`, one after the other, channels first, as float32 in [0, 1] (noise for
   * networks with other input ranges may leave it).
   *
   * @param out at least `indices.length` × channels × height × width long
   */
  read(indices: ArrayLike<number>, out: Float32Array): void | Promise<void>;
  /** Lets go of open files and kept images; reading again opens them again. Only sets that hold such have it. */
  close?(): Promise<void>;
}

/** Images held in memory, either as bytes (0 to 255, read as value / 255) or as floats. */
export function memorySource(options: {
  name: string;
  shape: ImageShape;
  pixels: Uint8Array | Float32Array;
  labels?: Int32Array;
  fingerprint: string;
}): ImageSource {
  const { pixels, shape, ...rest } = options;
  const size = shape[0] * shape[1] * shape[2];
  return {
    ...rest,
    shape,
    length: pixels.length / size,
    read(indices, out) {
      for (let i = 0; i < indices.length; i++) {
        const from = indices[i]! * size;
        const image = pixels.subarray(from, from + size);
        const to = i * size;
        if (image instanceof Float32Array) out.set(image, to);
        else for (let j = 0; j < size; j++) out[to + j] = BYTE_VALUES[image[j]!]!;
      }
    },
  };
}

/** value / 255 for each byte, rounded as float32 division rounds it. */
const BYTE_VALUES = Float32Array.from({ length: 256 }, (_, byte) => byte / 255);
