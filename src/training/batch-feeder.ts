/** Prepares the batches of a training run: which examples, in which order, stacked into one tensor. */
import { localOutlierBatches, shuffledBatches, shuffledOutlierBatches } from '../data/sampler.ts';
import type { ImageSource } from '../data/source.ts';
import { OutlierExposureError } from '../errors.ts';
import { hashSeed, Random } from '../random.ts';
import type { Tensors } from '../runtime/index.ts';
import { checkSets } from './check-sets.ts';
import type { FedBatch, Feeder, ImageTrainOptions } from './feeder.ts';
import type { TrainingStep } from './step.ts';

export class BatchFeeder implements Feeder {
  /** Whole batches of in-distribution examples in an epoch; a smaller rest is left out (other ones each epoch). */
  readonly stepsPerEpoch: number;
  readonly #options: ImageTrainOptions;
  readonly #step: TrainingStep;
  /** Buffers that came back from the runtime, to be filled again. */
  readonly #free: { pixels: Float32Array; labels: BigInt64Array }[] = [];

  constructor(options: ImageTrainOptions, step: TrainingStep) {
    const { inliers, outliers, batch } = options;
    checkShape(inliers, step.batchShape);
    if (outliers) checkShape(outliers, step.batchShape);
    checkSets(options, step);
    this.#options = options;
    this.#step = step;
    this.stepsPerEpoch = Math.floor(inliers.length / batch.inliers);
  }

  /**
   * The batches of an epoch, counted from 1, beginning with number `from`, counted from 0. An epoch depends on
   * nothing but the seed and its number.
   */
  async *epoch(epoch: number, from = 0): AsyncGenerator<FedBatch> {
    const { inliers, outliers, batch, seed, augment, outlierOrder } = this.#options;
    const inlierBatches = shuffledBatches(inliers.length, batch.inliers, Random.from(seed, 'inliers', epoch));
    const ordered = outlierOrder === 'shuffled' ? shuffledOutlierBatches : localOutlierBatches;
    const outlierBatches =
      outliers && batch.outliers > 0
        ? ordered(outliers.length, batch.outliers, Random.from(seed, 'outliers', epoch))
        : undefined;
    const { inputs, batchShape } = this.#step;
    const size = batchShape.reduce((product, dimension) => product * dimension, 1);
    const outlierStart = (size / batchShape[0]!) * batch.inliers;
    for (let i = 0; i < from; i++) {
      inlierBatches.next();
      outlierBatches?.next();
    }
    for (let i = from; i < this.stepsPerEpoch; i++) {
      const indices = inlierBatches.next().value as Uint32Array;
      const { pixels, labels } = this.#free.pop() ?? {
        pixels: new Float32Array(size),
        labels: new BigInt64Array(batch.inliers),
      };
      for (const [j, index] of indices.entries()) labels[j] = BigInt(inliers.labels![index]!);
      const [inlierPixels, outlierPixels] = [pixels.subarray(0, outlierStart), pixels.subarray(outlierStart)];
      await Promise.all([
        inliers.read(indices, inlierPixels),
        outlierBatches && outliers!.read(outlierBatches.next().value as Uint32Array, outlierPixels),
      ]);
      const random = (role: string) => Random.from(seed, 'augment', role, epoch, i);
      augment?.inliers?.apply(inlierPixels, inliers.shape, random('inliers'));
      if (outlierBatches) augment?.outliers?.apply(outlierPixels, inliers.shape, random('outliers'));
      const feeds: Tensors = {
        [inputs.pixels]: { elementType: 'float32', shape: batchShape, data: pixels },
        [inputs.labels]: { elementType: 'int64', shape: [batch.inliers], data: labels },
      };
      if (inputs.dropoutSeed) {
        const data = Uint32Array.of(hashSeed(seed, 'dropout', epoch, i));
        feeds[inputs.dropoutSeed] = { elementType: 'uint32', shape: [], data };
      }
      yield { feeds };
    }
  }

  /** Takes back the buffers of a batch that the runtime is done with. */
  recycle(feeds: Tensors): void {
    const { inputs } = this.#step;
    this.#free.push({
      pixels: feeds[inputs.pixels]!.data as Float32Array,
      labels: feeds[inputs.labels]!.data as BigInt64Array,
    });
  }
}

function checkShape(source: ImageSource, batchShape: readonly number[]): void {
  const wanted = batchShape.slice(1);
  if (wanted.some((size, i) => size !== source.shape[i])) {
    throw new OutlierExposureError(
      'invalid-argument',
      `The images of "${source.name}" are [${source.shape.join(', ')}] (channels, height, width), but the model takes [${wanted.join(', ')}].`,
    );
  }
}
