/** A trained generator's images, out of its .onnx file. Node only. */
import { type ImageSource, memorySource } from '../../data/index.ts';
import { OutlierExposureError } from '../../errors.ts';
import { readModelFile } from '../../onnx/node/index.ts';
import { nodeRuntime, type Runtime } from '../../runtime/index.ts';
import { generateOutliers } from '../../training/index.ts';
import { type OnProgress, stageMeter } from '../progress.ts';

/** Bytes of images that are kept at most: where the in-distribution set is larger, fewer are made than it has. */
const MEMORY = 2 ** 28;

/** Images between two reports of progress. */
const CHUNK = 256;

/**
 * As many images as `inliers` has, or as fit in 256 MB, each pixel rounded to a byte. All are made at once: to make them
 * anew for every epoch would take longer.
 *
 * @param path an .onnx file from latent vectors to images, as `oe reproduce` writes it
 * @throws OutlierExposureError `unsupported` for another kind of model; `invalid-argument` for images of another shape than
 *   the in-distribution ones, and for values that are no numbers
 */
export async function generatedImages(
  path: string,
  inliers: ImageSource,
  { name, seed, runtime: given, signal, onProgress }: { name: string; seed: number } & GeneratedRun,
): Promise<ImageSource> {
  const { model, sha256 } = await readModelFile(path);
  const { shape } = inliers;
  const size = shape[0] * shape[1] * shape[2];
  const count = Math.max(1, Math.min(inliers.length, Math.floor(MEMORY / size)));
  const runtime = given ?? (await nodeRuntime());
  let source: ImageSource | undefined;
  try {
    source = generateOutliers(model, { count, seed, runtime });
    if (source.shape.join() !== shape.join()) {
      throw new OutlierExposureError(
        'invalid-argument',
        `It makes images of shape [${source.shape.join(', ')}], but those of "${inliers.name}" have [${shape.join(', ')}]: give a generator that was trained on such images.`,
      );
    }
    const pixels = new Uint8Array(count * size);
    const chunk = new Float32Array(Math.min(CHUNK, count) * size);
    const report = stageMeter('Make outliers', onProgress);
    report(0, count);
    for (let start = 0; start < count; start += CHUNK) {
      signal?.throwIfAborted();
      const indices = Array.from({ length: Math.min(CHUNK, count - start) }, (_, i) => start + i);
      await source.read(indices, chunk);
      for (let i = 0; i < indices.length * size; i++) {
        const value = chunk[i]!;
        if (Number.isNaN(value)) throw notANumber();
        pixels[start * size + i] = Math.round(255 * Math.min(1, Math.max(0, value)));
      }
      report(start + indices.length, count);
    }
    return memorySource({ name, shape, pixels, fingerprint: `${name} (seed ${seed}) of ${sha256}` });
  } catch (error) {
    if (!(error instanceof OutlierExposureError)) throw error;
    throw new OutlierExposureError(error.code, `No outliers can be made with ${path}: ${error.message}`);
  } finally {
    await source?.close?.();
    if (!given) await runtime.dispose();
  }
}

function notANumber(): OutlierExposureError {
  return new OutlierExposureError(
    'invalid-argument',
    `It makes pixels that are no numbers, so that its training must have diverged: train it again with a lower learning rate.`,
  );
}

export interface GeneratedRun {
  /** Default: one of its own, for as long as it takes. */
  runtime?: Runtime | undefined;
  signal?: AbortSignal | undefined;
  onProgress?: OnProgress | undefined;
}
