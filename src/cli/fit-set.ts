/** The examples that a detector learns from, as commands take them. */
import type { Command } from 'commander';
import type { ExampleSet } from '../data/index.ts';
import type { Detector } from '../detectors/index.ts';
import { OutlierExposureError } from '../errors.ts';
import type { Classifier } from './models.ts';
import { type OpenSetsRun, openForClassifier } from './open-for-classifier.ts';

export interface FitOptions {
  fit?: string[] | undefined;
  fitLabels?: string | undefined;
  features?: string | undefined;
}

/** Adds the options that say what detectors learn from, and what they take for features. */
export function addFitOptions(command: Command): Command {
  return command
    .option(
      '--fit <path...>',
      'in-distribution training images or texts, for detectors that learn (never those that are tested or calibrated with)',
    )
    .option('--fit-labels <file>', 'their labels (default: those inside the data, or the names of folders)')
    .option(
      '--features <value>',
      "the model's value to take for features (default: the last linear layer's input)",
    );
}

/**
 * Opens what detectors learn from; nothing where none of them learns.
 *
 * @throws OutlierExposureError `invalid-argument` when one learns and nothing was given, or the other way round
 */
export async function openFitSet(
  detectors: readonly Detector[],
  classifier: Classifier,
  { fit, fitLabels }: FitOptions,
  run: OpenSetsRun,
): Promise<ExampleSet | undefined> {
  checkFit(detectors, { fit, fitLabels });
  return (
    fit &&
    openForClassifier(
      classifier,
      'fit',
      fit,
      { name: 'fit', labels: fitLabels, labelled: 'where-there-are' },
      // Of a set in parts, never the part that is tested.
      { ...run, options: { ...run.options, split: 'train' } },
    )
  );
}

/** As {@link openFitSet} does, before anything is opened. */
export function checkFit(detectors: readonly Detector[], { fit, fitLabels }: FitOptions): void {
  const learner = detectors.find((detector) => detector.fit);
  if (learner && !fit) {
    throw new OutlierExposureError(
      'invalid-argument',
      `The detector ${learner.name} learns from in-distribution examples before it scores: give training data with --fit.`,
    );
  }
  if (learner || (fit === undefined && fitLabels === undefined)) return;
  throw new OutlierExposureError(
    'invalid-argument',
    `${fit ? '--fit' : '--fit-labels'} is for detectors that learn, and ${detectors.map(({ name }) => name).join(', ')} does not: leave it out.`,
  );
}
