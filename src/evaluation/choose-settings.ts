/** Settings of a detector, chosen on validation outliers: never on those that it is tested with. */
import { type ExampleSet, isEncodedText } from '../data/index.ts';
import {
  configured,
  type Detector,
  describeDetector,
  type Settings,
  settingsOf,
} from '../detectors/index.ts';
import { OutlierExposureError } from '../errors.ts';
import { auroc } from '../metrics/index.ts';
import type { Model } from '../onnx/index.ts';
import { planDraws } from './draws.ts';
import { madeOutliers } from './made-outliers.ts';
import { openScorer, type ScorerOptions } from './scorer.ts';

/** Values to try, by parameter. */
export type Grid = Readonly<Record<string, readonly number[]>>;

export interface ChooseOptions extends Omit<ScorerOptions, 'onProgress'> {
  /** In-distribution examples that are not tested with. */
  inliers: ExampleSet;
  /**
   * Outliers to choose by; no test outliers. Default: made from the inliers, as in the paper's appendix A (noise, means of
   * pairs, jigsaws and so on); of texts none can be made.
   */
  validationOutliers?: readonly ExampleSet[] | undefined;
  /** Default: {@link gridOf} the detector. */
  grid?: Grid | undefined;
  /** How many outliers of each set are drawn, as a share of the inliers. Default 0.2, the paper's 1 : 5. */
  outRatio?: number;
  /** Decides which outliers are drawn, and the noise in those that are made. Default 1. */
  seed?: number;
  /** Told how many combinations were tried. */
  onProgress?: ((done: number, total: number) => void) | undefined;
}

/** What one combination of values achieved. */
export interface Choice {
  /** The values of the grid's parameters. */
  settings: Settings;
  /** AUROC by validation set, 0 to 1. */
  aurocs: Record<string, number>;
  /** Their unweighted mean, by which the best is chosen. */
  meanAuroc: number;
}

export interface ChosenSettings {
  /** The detector with the best values. */
  detector: Detector;
  /** The best values. */
  best: Choice;
  /** All combinations, in the order of the grid: the last parameter changes fastest. */
  table: Choice[];
}

/** Beyond this many combinations a grid is a mistake rather than a search. */
const MOST_COMBINATIONS = 10_000;

/** What a detector's parameters are to be chosen among: those with a grid, but for those that were set already. */
export function gridOf({ parameters = {}, settings = {} }: Detector): Grid {
  const open = Object.entries(parameters).filter(
    ([name, { grid }]) => grid && !Object.hasOwn(settings, name),
  );
  return Object.fromEntries(open.map(([name, { grid }]) => [name, grid!]));
}

/**
 * Tries all combinations of a grid, and takes the one with the highest mean AUROC over the validation sets; of equal ones
 * the first. Combinations that score the classifier's own outputs run it once for all of them.
 *
 * @throws OutlierExposureError `invalid-argument` when there is nothing to choose, an empty or unknown parameter in the
 * grid, or no validation outliers; the signal's reason when aborted
 */
export async function chooseSettings(
  model: Model,
  detector: Detector,
  options: ChooseOptions,
): Promise<ChosenSettings> {
  const {
    inliers,
    grid = gridOf(detector),
    outRatio = 0.2,
    seed = 1,
    onProgress,
    ...scorerOptions
  } = options;
  const combinations = combinationsOf(detector, grid);
  const candidates = combinations.map((settings) => configured(detector, settings));
  const sets = validationSets(model, options, seed).map((set) => ({
    set,
    indices: planDraws(set, Math.max(1, Math.floor(inliers.length * outRatio)), 1, seed).needed,
  }));
  const table: Choice[] = [];
  // A model of its own each: one at a time, so that memory holds one.
  const groups = detector.rewrite ? candidates.map((each) => [each]) : [candidates];
  for (const group of groups) {
    const scorer = await openScorer(model, group, scorerOptions);
    try {
      const all = Uint32Array.from({ length: inliers.length }, (_, i) => i);
      const own = (await scorer.scoreAll(inliers, all)).scores;
      const aurocs = group.map((): Record<string, number> => ({}));
      for (const { set, indices } of sets) {
        const theirs = (await scorer.scoreAll(set, indices)).scores;
        for (const [i, each] of group.entries()) {
          const name = describeDetector(each);
          aurocs[i]![set.name] = auroc(own[name]!, theirs[name]!);
        }
        options.signal?.throwIfAborted();
      }
      for (const of of aurocs) {
        const values = Object.values(of);
        table.push({
          settings: combinations[table.length]!,
          aurocs: of,
          meanAuroc: values.reduce((sum, value) => sum + value, 0) / values.length,
        });
      }
      onProgress?.(table.length, combinations.length);
    } finally {
      await scorer.release();
    }
  }
  const best = table.reduce((first, each) => (each.meanAuroc > first.meanAuroc ? each : first));
  return { detector: configured(detector, best.settings), best, table };
}

function combinationsOf(detector: Detector, grid: Grid): Settings[] {
  const entries = Object.entries(grid);
  if (entries.length === 0) {
    const { parameters = {}, settings = {} } = detector;
    const names = Object.keys(parameters);
    throw new OutlierExposureError(
      'invalid-argument',
      `The detector ${describeDetector(detector)} has nothing to choose: ${
        names.length === 0
          ? 'it has no parameters.'
          : Object.keys(settings).length > 0
            ? 'what could be chosen is set already.'
            : `name values for ${names.join(', ')} in a grid.`
      }`,
    );
  }
  const empty = entries.find(([, values]) => values.length === 0);
  const count = entries.reduce((product, [, values]) => product * values.length, 1);
  if (empty || count > MOST_COMBINATIONS) {
    throw new OutlierExposureError(
      'invalid-argument',
      empty
        ? `The grid has no values for ${empty[0]}: give at least one, or leave it out.`
        : `The grid has ${count} combinations, more than ${MOST_COMBINATIONS}: give fewer values.`,
    );
  }
  let combinations: Settings[] = [{}];
  for (const [name, values] of entries)
    combinations = combinations.flatMap((each) => values.map((value) => ({ ...each, [name]: value })));
  // The same detector by two names would be scored twice; the same name twice would hide one.
  const names = combinations.map((each) => JSON.stringify(settingsOf(configured(detector, each))));
  return combinations.filter((_, i) => names.indexOf(names[i]!) === i);
}

function validationSets(
  model: Model,
  { inliers, validationOutliers }: ChooseOptions,
  seed: number,
): readonly ExampleSet[] {
  if (inliers.length === 0)
    throw new OutlierExposureError(
      'invalid-argument',
      `"${inliers.name}" is empty: there is nothing to choose by.`,
    );
  if (!validationOutliers) {
    if (!isEncodedText(inliers)) return madeOutliers(inliers, { model, seed });
    throw new OutlierExposureError(
      'invalid-argument',
      'Of texts no validation outliers can be made: give some that are not tested with.',
    );
  }
  const names = validationOutliers.map(({ name }) => name);
  if (names.length > 0 && new Set(names).size === names.length) return validationOutliers;
  throw new OutlierExposureError(
    'invalid-argument',
    names.length === 0
      ? 'There are no validation outliers to choose by: give at least one set, or leave them out to have them made.'
      : `Validation sets have names of their own, but there are ${names.join(', ')}.`,
  );
}
