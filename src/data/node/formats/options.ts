/** What can be said about a set of images when it is opened. */
import type { ImageShape } from '../../source.ts';
import type { ResizeFit } from '../../to-shape.ts';
import type { ArrayLayout } from './layout.ts';
import type { ValueRange } from './pixels.ts';

export interface OpenImagesOptions {
  /**
   * A file with a label for each image: .npy, .json (a list), .csv (its column `label`, or its only one) or text (a
   * line an image). Integers are class indices from 0 on; other words are sorted and numbered. It takes the place of
   * labels that come with the set.
   */
  labels?: string;
  /** Of arrays of four dimensions: channels last or first. Told by where 1, 3 or 4 stands unless given. */
  layout?: ArrayLayout;
  /** What the images are brought to: grey or colour, and this size. As they are, unless given. */
  shape?: ImageShape;
  /**
   * How they are brought to another size: `fit` resizes the shorter side and cuts out the middle, `stretch` ignores
   * the proportions.
   */
  resize?: ResizeFit;
  /** Which part, where a set has several: `train`, `test`, `validation`, `extra`. */
  split?: string;
  /** Parquet's columns; told by name and type unless given. */
  columns?: { image?: string; label?: string };
  /** The values of black and white in arrays: [0, 255] or [0, 1], told by a sample unless given. */
  range?: ValueRange;
  /** What to call the set; the last part of its path unless given. */
  name?: string;
  /**
   * How many bytes to keep in memory, 512 MiB unless given: of decoded pictures, the first ones read; of arrays, the
   * whole file when it is not larger.
   */
  memory?: number;
  signal?: AbortSignal;
  /** Bytes read of those to read, while files are checked, unpacked or hashed; it begins anew with each stage. */
  onProgress?: (done: number, total: number) => void;
}

/** The default of `memory`: room for 170,000 images of 32×32 pixels. */
export const MEMORY = 2 ** 29;

/** What a format's reader gets. */
export type FormatOptions = Omit<OpenImagesOptions, 'labels' | 'name'> & { name: string };
