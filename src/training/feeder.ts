/** What prepares the batches of a training run: one for images, one for texts. */
import type { EncodedText } from '../data/index.ts';
import type { ImageSource } from '../data/source.ts';
import type { Tensors } from '../runtime/index.ts';
import type { TrainOptions } from './options.ts';

export interface Feeder {
  /** Whole batches of in-distribution examples in an epoch; a smaller rest is left out (other ones each epoch). */
  readonly stepsPerEpoch: number;
  /**
   * The batches of an epoch, counted from 1, beginning with number `from`, counted from 0. An epoch depends on
   * nothing but the seed and its number.
   */
  epoch(epoch: number, from?: number): AsyncGenerator<FedBatch>;
  /** Takes back the buffers of a batch that the runtime is done with. */
  recycle(feeds: Tensors): void;
}

export interface FedBatch {
  feeds: Tensors;
  /** To how many words texts are filled up; of outliers, where there are any. */
  lengths?: TextLengths;
}

export interface TextLengths {
  inliers: number;
  outliers?: number | undefined;
}

export type ImageTrainOptions = TrainOptions & { inliers: ImageSource; outliers?: ImageSource | undefined };
export type TextTrainOptions = TrainOptions & { inliers: EncodedText; outliers?: EncodedText | undefined };
