/** Prepares the batches of a training run on texts: which ones, in which order, and their words' numbers. */
import { localOutlierBatches, shuffledOutlierBatches, type TextInput } from '../data/index.ts';
import { sortBuckets } from '../data/text/batches.ts';
import { hashSeed, Random } from '../random.ts';
import type { Tensors } from '../runtime/index.ts';
import { checkSets } from './check-sets.ts';
import type { FedBatch, Feeder, TextTrainOptions } from './feeder.ts';
import type { TrainingStep } from './step.ts';

/** Batches of a bucket, within which texts are sorted by length, as torchtext's BucketIterator has it. */
const POOL = 100;

/**
 * Batches of texts of similar length. In-distribution texts and outliers are padded each to their own length, as in the
 * paper's code, so that the amount of padding says nothing about which is which. Of a bucket, the batches of shorter
 * in-distribution texts go with those of shorter outliers, so that few pairs of lengths occur; then all come in random
 * order.
 */
export class TextFeeder implements Feeder {
  readonly stepsPerEpoch: number;
  readonly #options: TextTrainOptions;
  readonly #step: Pick<TrainingStep, 'inputs'>;
  readonly #input: TextInput;

  constructor(options: TextTrainOptions, step: Pick<TrainingStep, 'inputs' | 'classes'>, input: TextInput) {
    checkSets(options, step);
    this.#options = options;
    this.#step = step;
    this.#input = input;
    this.stepsPerEpoch = Math.floor(options.inliers.length / options.batch.inliers);
  }

  async *epoch(epoch: number, from = 0): AsyncGenerator<FedBatch> {
    const { inliers, outliers, batch, seed } = this.#options;
    const { inputs } = this.#step;
    const { stepsPerEpoch } = this;
    const inlierOrder = Random.from(seed, 'inliers', epoch)
      .permutation(inliers.length)
      .slice(0, stepsPerEpoch * batch.inliers);
    sortBuckets(inliers, inlierOrder, POOL * batch.inliers);
    const outlierOrder = this.#outlierOrder(epoch);
    if (outlierOrder) sortBuckets(outliers!, outlierOrder, POOL * batch.outliers);
    const order = Random.from(seed, 'batches', epoch).permutation(stepsPerEpoch);
    for (let i = from; i < stepsPerEpoch; i++) {
      const number = order[i]!;
      const part = (of: Uint32Array, size: number) => of.subarray(number * size, (number + 1) * size);
      const chosen = part(inlierOrder, batch.inliers);
      const length = this.#input.lengthOf(inliers, chosen);
      const feeds: Tensors = {
        [inputs.pixels]: this.#input.tokens(inliers, chosen, length),
        [inputs.labels]: {
          elementType: 'int64',
          shape: [chosen.length],
          data: BigInt64Array.from(chosen, (index) => BigInt(inliers.labels![index]!)),
        },
      };
      if (inputs.dropoutSeed) {
        const data = Uint32Array.of(hashSeed(seed, 'dropout', epoch, i));
        feeds[inputs.dropoutSeed] = { elementType: 'uint32', shape: [], data };
      }
      if (!outlierOrder) {
        yield { feeds, lengths: { inliers: length } };
        continue;
      }
      const others = part(outlierOrder, batch.outliers);
      const outlierLength = this.#input.lengthOf(outliers!, others);
      feeds[inputs.outliers!] = this.#input.tokens(outliers!, others, outlierLength);
      yield { feeds, lengths: { inliers: length, outliers: outlierLength } };
    }
  }

  /** Nothing is kept: a batch of texts is small. */
  recycle(): void {}

  /** The outliers of an epoch. */
  #outlierOrder(epoch: number): Uint32Array | undefined {
    const { outliers, batch, seed, outlierOrder = 'shuffled' } = this.#options;
    if (!outliers || batch.outliers === 0) return undefined;
    const ordered = outlierOrder === 'local' ? localOutlierBatches : shuffledOutlierBatches;
    const batches = ordered(outliers.length, batch.outliers, Random.from(seed, 'outliers', epoch));
    const order = new Uint32Array(this.stepsPerEpoch * batch.outliers);
    for (let i = 0; i < order.length; i += batch.outliers) order.set(batches.next().value, i);
    return order;
  }
}
