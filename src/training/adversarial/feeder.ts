/** The batches of a training run with synthetic outliers: real images with labels, and latent vectors. */
import type { ImageSource } from '../../data/index.ts';
import { crossEntropy } from '../../objectives/index.ts';
import { Random } from '../../random.ts';
import type { Tensors } from '../../runtime/runtime.ts';
import { BatchFeeder } from '../batch-feeder.ts';
import type { FedBatch, Feeder } from '../feeder.ts';
import type { TrainOptions } from '../options.ts';
import type { AdversarialStep } from './step.ts';

export type FeederOptions = Pick<TrainOptions, 'batch' | 'augment' | 'seed' | 'runtime'> & {
  inliers: ImageSource;
};

/** Latent vectors follow from the seed, the epoch and the step alone, as the order of the images does. */
export class AdversarialFeeder implements Feeder {
  readonly stepsPerEpoch: number;
  readonly #images: BatchFeeder;
  readonly #step: AdversarialStep;
  readonly #seed: number;

  constructor(options: FeederOptions, step: AdversarialStep) {
    this.#images = new BatchFeeder(
      {
        ...options,
        batch: { ...options.batch, outliers: 0 },
        // The feeder asks it for nothing but whether sets of outliers are needed.
        objective: crossEntropy(),
      } as ConstructorParameters<typeof BatchFeeder>[0],
      step,
    );
    this.stepsPerEpoch = this.#images.stepsPerEpoch;
    this.#step = step;
    this.#seed = options.seed;
  }

  async *epoch(epoch: number, from = 0): AsyncGenerator<FedBatch> {
    const { latents, latentShape } = this.#step;
    let number = from;
    for await (const { feeds } of this.#images.epoch(epoch, from)) {
      const random = Random.from(this.#seed, 'latent', epoch, number++);
      const vectors: Tensors = {};
      for (const name of latents)
        vectors[name] = {
          elementType: 'float32',
          shape: latentShape,
          data: latentVectors(random, ...latentShape),
        };
      yield { feeds: { ...feeds, ...vectors } };
    }
  }

  recycle(feeds: Tensors): void {
    this.#images.recycle(feeds);
  }
}

/** Vectors of N(0, 1), one after the other. */
export function latentVectors(random: Random, count: number, size: number): Float32Array {
  return Float32Array.from({ length: count * size }, () => random.normal());
}
