/** Training with synthetic outliers: a classifier, a generator and a discriminator together (Lee et al. 2018). */
import type { ImageSource } from '../../data/index.ts';
import { OutlierExposureError } from '../../errors.ts';
import { dcganDiscriminator, dcganGenerator } from '../../nn/index.ts';
import type { Model } from '../../onnx/index.ts';
import { adam } from '../adam.ts';
import type { Optimizer } from '../optimizer.ts';
import type { TrainOptions } from '../options.ts';
import type { Schedule } from '../schedule.ts';
import { checkStart, runPrograms, type TrainResult, withVariables } from '../trainer.ts';
import { Album, type AlbumPage } from './album.ts';
import { AdversarialFeeder } from './feeder.ts';
import { adversaryScalar, compileAdversarialStep } from './step.ts';

export interface SyntheticOutliersOptions
  extends Pick<TrainOptions, 'augment' | 'runtime' | 'signal' | 'onProgress' | 'checkpoints'> {
  /** A classifier of images, trained already or not. */
  model: Model;
  /** Labelled images of what the classifier is to know. */
  inliers: ImageSource;
  /** Default: {@link dcganGenerator} for the images' shape, with `features` and the seed. */
  generator?: Model;
  /** Default: {@link dcganDiscriminator}, likewise. */
  discriminator?: Model;
  /** The width of generator and discriminator where none are given. Default 64, the paper's; 16 is plenty for MNIST. */
  features?: number;
  /** The weight of KL(U ‖ p(G(z))). Default 1; Lee et al. use 0.1 for CIFAR-10. */
  beta?: number;
  /** Default 100, the paper's. */
  epochs?: number;
  /** Real images a step, and made ones in the place of outliers. Default 128 and 128, the paper's. */
  batch?: { inliers: number; outliers: number };
  /** The classifier's. Default Adam, as in the paper. */
  optimizer?: Optimizer;
  /** The classifier's. Default: the paper's, 2e-4, and a tenth of it behind 60 % of the epochs. */
  schedule?: Schedule;
  /** The generator's and the discriminator's. Default as in the paper: Adam with β = (0.5, 0.999) and the same rates. */
  adversaries?: { optimizer?: Optimizer; schedule?: Schedule };
  /** How many made images are kept of each epoch, from the same latent vectors. Default 12. */
  albumSize?: number;
  /** Decides how generator and discriminator start, the order of the images, latent vectors and dropout. Default 1. */
  seed?: number;
}

export interface SyntheticOutliersResult extends TrainResult {
  /** Makes near-distribution images: see `generateOutliers`. */
  generator: Model;
  discriminator: Model;
  /** Made images as training went on, an epoch a page. */
  album: AlbumPage[];
}

const LEARNING_RATE = 2e-4;

/** A rate that falls to a tenth behind 60 of 100 epochs, as Lee et al. have it. @param steps of all epochs */
export function decayedOnce({ rate, steps }: { rate: number; steps: number }): Schedule {
  return (step) => (step <= 0.6 * steps ? rate : rate / 10);
}

/**
 * Trains a classifier to be unsure of images that a generator makes near the in-distribution ones:
 * L_C = CE + β · KL(U ‖ p(G(z))), L_G = −log σ(D(G(z))) + β · KL(U ‖ p(G(z))), and the discriminator tells real from
 * made. The same seed, models, data, machine and threads give the same weights, whether the run was unbroken or went on
 * from checkpoints. Fine-tune the result by `trainWithOutlierExposure` with real outliers.
 *
 * @returns the three models with other weights, and what training looked like
 * @throws OutlierExposureError `invalid-argument` and `unsupported` for what does not fit; `diverged` when the classifier's
 *   loss stops being a number; the signal's reason when aborted
 */
export async function trainWithSyntheticOutliers({
  model,
  inliers,
  features,
  beta = 1,
  epochs = 100,
  batch = { inliers: 128, outliers: 128 },
  optimizer = adam(),
  albumSize = 12,
  seed = 1,
  augment,
  runtime,
  signal,
  onProgress,
  checkpoints,
  ...given
}: SyntheticOutliersOptions): Promise<SyntheticOutliersResult> {
  checkStart({ epochs, signal });
  const [channels, side, width] = inliers.shape;
  if (side !== width && !(given.generator && given.discriminator)) {
    throw new OutlierExposureError(
      'invalid-argument',
      `A DCGAN makes squares, but the images of "${inliers.name}" are ${width} × ${side}: give a generator and a discriminator of your own.`,
    );
  }
  const network = { seed, side, channels, features };
  const generator = given.generator ?? dcganGenerator(network);
  const discriminator = given.discriminator ?? dcganDiscriminator(network);
  const adversary = given.adversaries?.optimizer ?? adam({ beta1: 0.5 });
  const step = await compileAdversarialStep(
    { classifier: model, generator, discriminator },
    { beta, optimizer, adversaries: adversary, batch, runtime },
  );
  const feeder = new AdversarialFeeder({ inliers, batch, augment, seed, runtime }, step);
  const usual = decayedOnce({ rate: LEARNING_RATE, steps: epochs * feeder.stepsPerEpoch });
  const { schedule = usual } = given;
  const theirs = given.adversaries?.schedule ?? usual;
  const album = new Album(generator, step.variablesOf.generator, { count: albumSize, seed, runtime });
  const { variables, ...rest } = await runPrograms(
    { first: step, feeder, programFor: async () => undefined },
    {
      epochs,
      batch,
      schedule,
      runtime,
      signal,
      checkpoints,
      ...(onProgress ? { onProgress } : {}),
      scalars: (number) => ({
        ...optimizer.scalars(schedule(number), number),
        ...Object.fromEntries(
          Object.entries(adversary.scalars(theirs(number), number)).map(([name, value]) => [
            adversaryScalar(name),
            value,
          ]),
        ),
      }),
      ...(albumSize > 0 ? { companion: album } : {}),
    },
  );
  const {
    classifier: ofClassifier,
    generator: ofGenerator,
    discriminator: ofDiscriminator,
  } = step.variablesOf;
  return {
    ...rest,
    model: withVariables(model, ofClassifier, variables),
    generator: withVariables(generator, ofGenerator, variables),
    discriminator: withVariables(discriminator, ofDiscriminator, variables),
    album: album.pages,
  };
}
