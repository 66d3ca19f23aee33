/** Settings of detectors chosen on validation data, before a command tests them. */
import type { Command } from 'commander';
import type { ExampleSet } from '../data/index.ts';
import { type Detector, describeDetector } from '../detectors/index.ts';
import { OutlierExposureError } from '../errors.ts';
import { type Choice, chooseSettings, type Evaluation, gridOf, type ResultRow } from '../evaluation/index.ts';
import { percent, type Table } from '../report/index.ts';
import type { Runtime } from '../runtime/index.ts';
import type { OpenedSets } from './eval-sets.ts';
import type { Classifier } from './models.ts';
import { type OpenSetsRun, openForClassifier } from './open-for-classifier.ts';
import { namedPath } from './parse.ts';

export interface ChooseFlags {
  chooseIn?: string[] | undefined;
  chooseOn?: string[] | undefined;
}

/** What was chosen for one detector on one model. */
export interface ChosenRecord extends Choice {
  model: string;
  /** As it was asked for; the rows call it so, too. */
  detector: string;
  /** All combinations that were tried. */
  table: Choice[];
}

/** Adds the options that say what settings are chosen on. */
export function addChooseOptions(command: Command): Command {
  return command
    .option(
      '--choose-in <path...>',
      'choose settings of detectors (odin, gen, react, …) on these in-distribution images or texts, never those tested with; of sets in parts the training part',
    )
    .option(
      '--choose-on <path...>',
      'by how well they are told from these outliers, PATH or NAME=PATH (default: outliers made of --choose-in: noise, jigsaws, …)',
    );
}

/**
 * Refuses flags that make no sense together, before anything is opened.
 *
 * @throws OutlierExposureError `invalid-argument` when there are outliers to choose by, but nothing else, or no detector has
 * anything to choose
 */
export function checkChoose(detectors: readonly Detector[], { chooseIn, chooseOn }: ChooseFlags): void {
  if (chooseOn && !chooseIn) {
    throw new OutlierExposureError(
      'invalid-argument',
      '--choose-on needs in-distribution examples beside its outliers: give some that are not tested with, --choose-in PATH.',
    );
  }
  if (!chooseIn || detectors.some((detector) => Object.keys(gridOf(detector)).length > 0)) return;
  throw new OutlierExposureError(
    'invalid-argument',
    `--choose-in has nothing to choose for ${detectors.map(describeDetector).join(', ')}: leave it out, or name a detector with settings that are not set yet.`,
  );
}

export interface ChooseRun extends OpenSetsRun {
  runtime: Runtime;
  flags: ChooseFlags & { features?: string | undefined; seed: number; outRatio: number };
  /** What is tested with, and so not chosen on. */
  tested: OpenedSets;
  fit: ExampleSet | undefined;
}

/**
 * The detectors with their best settings for a model; as they are where there is nothing to choose by, or nothing to choose.
 *
 * @param name what the model is called
 * @throws OutlierExposureError `invalid-argument` for sets that are tested with
 */
export async function chooseForModel(
  classifier: Classifier,
  name: string,
  detectors: readonly Detector[],
  run: ChooseRun,
): Promise<{ detectors: Detector[]; chosen: ChosenRecord[] }> {
  const { flags, runtime, fit, signal, onProgress } = run;
  const { chooseIn, chooseOn, features, seed, outRatio } = flags;
  if (!chooseIn) return { detectors: [...detectors], chosen: [] };
  const inParts: OpenSetsRun = { ...run, options: { ...run.options, split: 'train' } };
  const inliers = await openForClassifier(
    classifier,
    'choose-in',
    chooseIn,
    { name: 'choose-in', labelled: 'none' },
    inParts,
  );
  let validationOutliers: ExampleSet[] | undefined;
  for (const { name, path } of (chooseOn ?? []).map(namedPath)) {
    validationOutliers ??= [];
    validationOutliers.push(await openForClassifier(classifier, name, path, { name, labelled: 'none' }, run));
  }
  checkApart([inliers, ...(validationOutliers ?? [])], run.tested);
  const chosen: ChosenRecord[] = [];
  const configured: Detector[] = [];
  for (const detector of detectors) {
    const called = describeDetector(detector);
    if (Object.keys(gridOf(detector)).length === 0) {
      configured.push(detector);
      continue;
    }
    const stage = `Choose settings of ${called}`;
    onProgress({ stage, done: 0, total: 1 });
    const settings = await chooseSettings(classifier.logits, detector, {
      runtime,
      inliers,
      validationOutliers,
      fit,
      features,
      seed,
      outRatio,
      signal,
      onProgress: (done, total) => onProgress({ stage, done, total }),
    });
    configured.push(settings.detector);
    chosen.push({ model: name, detector: called, ...settings.best, table: settings.table });
  }
  checkDistinct(detectors, configured);
  return { detectors: configured, chosen };
}

/** Scores are told apart by what detectors are called with their settings. */
function checkDistinct(asked: readonly Detector[], chosen: readonly Detector[]): void {
  const names = chosen.map(describeDetector);
  const again = names.findIndex((name, i) => names.indexOf(name) < i);
  if (again < 0) return;
  const [first, second] = [names.indexOf(names[again]!), again].map((i) => describeDetector(asked[i]!));
  throw new OutlierExposureError(
    'invalid-argument',
    `For ${first} and ${second} the same settings were chosen (${names[again]}): leave one of them out.`,
  );
}

/** The fingerprint of the examples alone: with labels or without, they are the same. */
function withoutLabels({ fingerprint }: ExampleSet): string {
  return fingerprint.replace(/, labels [^,]*$/, '');
}

function checkApart(sets: readonly ExampleSet[], { inliers, outlierSets }: OpenedSets): void {
  for (const set of sets) {
    const same = [inliers, ...outlierSets].find((tested) => withoutLabels(tested) === withoutLabels(set));
    if (!same) continue;
    throw new OutlierExposureError(
      'invalid-argument',
      `"${set.name}" is what is tested with ("${same.name}"): settings that are chosen on it would be tested on what they were chosen by. Choose on other examples.`,
    );
  }
}

/** An evaluation that calls detectors as they were asked for, so that models with other settings stand side by side. */
export function calledAs(
  asked: readonly Detector[],
  chosen: readonly Detector[],
  evaluation: Evaluation,
): Evaluation {
  const called = (score: string) => {
    const at = chosen.findIndex((detector) => describeDetector(detector) === score);
    return describeDetector(asked[at]!);
  };
  const renamed = (rows: readonly ResultRow[]) => rows.map((row) => ({ ...row, score: called(row.score) }));
  const byDetector = <Values>(values: Record<string, Values>) =>
    Object.fromEntries(Object.entries(values).map(([score, value]) => [called(score), value]));
  return {
    ...evaluation,
    rows: renamed(evaluation.rows),
    errorDetection: renamed(evaluation.errorDetection),
    scores: byDetector(evaluation.scores),
  };
}

/** What was chosen, for the terminal. */
export function chosenTable(chosen: readonly ChosenRecord[]): Table {
  return {
    title: 'Settings, chosen on validation outliers',
    header: ['model', 'detector', 'settings', 'AUROC ↑', 'combinations'],
    rows: chosen.map(({ model, detector, settings, meanAuroc, table }) => [
      model,
      detector,
      Object.entries(settings)
        .map(([key, value]) => `${key}=${value}`)
        .join(', '),
      percent(meanAuroc),
      String(table.length),
    ]),
    footer: 0,
    notes: ['AUROC is the mean over the validation sets; no test set was looked at.'],
  };
}
