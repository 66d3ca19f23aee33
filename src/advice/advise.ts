/** Which outliers to train with: candidates tried in short tunings, and judged without any test set. */
import type { ExampleSet } from '../data/index.ts';
import type { Matrix } from '../detectors/index.ts';
import { OutlierExposureError } from '../errors.ts';
import type { Model } from '../onnx/index.ts';
import { checkApart, checkCandidates } from './check-candidates.ts';
import { closenessOf } from './closeness.ts';
import { curveSizes, learningCurve, mostSeen, partOf } from './curve.ts';
import { judgesOf, whoJudges } from './judges.ts';
import { judge, mean } from './measure.ts';
import type { Advice, AdviseOptions, CandidateAdvice, LearningCurve, TrialSettings } from './options.ts';
import { type Costs, stepsWithin, trialSettings } from './plan.ts';
import { AdviceClock } from './progress.ts';
import { errorOfDifference } from './ranking.ts';
import { foremost, recommend } from './recommend.ts';
import { exclusions, only, partTrial, trialsOnTerms } from './terms.ts';
import { type TrialRun, type Tried, tryOutliers } from './trial.ts';
import { heldOutParts, madeValidation } from './validation.ts';

/** Steps of the tunings that are timed. */
const TIMED = [2, 10] as const;

/** How often the learning rate is lowered when a tuning diverges. */
const MOST_LOWERED = 2;

/**
 * Compares sets of outliers for Outlier Exposure with a classifier: how much each would help against outliers that nothing is
 * tuned on, what it costs in accuracy and time, how close it is to the in-distribution set, and how many of the best are
 * enough. Test sets play no part, so that what is chosen may be tested.
 *
 * The same seed, settings, model, data, machine and number of threads give the same numbers, but for seconds.
 *
 * @throws OutlierExposureError `invalid-argument` for sets that cannot be compared (empty, of another kind or shape, called
 *   alike, sharing examples with the validation sets), and for a budget that allows too few steps; `diverged` when tunings
 *   diverge at a sixteenth of the learning rate, too; the signal's reason when aborted
 */
export async function advise(model: Model, options: AdviseOptions): Promise<Advice> {
  const started = performance.now();
  const { candidates, runtime, features, signal, budgetSeconds } = options;
  const settings = trialSettings(options);
  const { seed } = settings;
  checkCandidates(options.inliers, candidates, options.validationOutliers ?? []);
  const { inliers, heldOut } = heldOutParts(options.inliers, options.heldOut, seed);
  const who = options.validationOutliers ? 'given' : 'all';
  const outliers = options.validationOutliers ?? madeValidation(heldOut, { model, seed });
  checkJudges(outliers);
  const clock = new AdviceClock(trialsOf(candidates, settings), options.onProgress);
  clock.stage('Compare the sets', 0, 1);
  const notes = await checkApart(
    candidates,
    { heldOut, validation: options.validationOutliers ?? [] },
    { signal },
  );
  clock.stage('Compare the sets', 1, 1);
  const judges = judgesOf(outliers, candidates, who);
  const logits: Record<string, Matrix> = {};
  const first = await judge(
    model,
    { heldOut, validation: judges.map(({ set }) => set) },
    { runtime, seed, signal, onLogits: (name, theirs) => Object.assign(logits, { [name]: theirs }) },
  );
  const jury = whoJudges(candidates, judges, logits, { who, seed });
  notes.push(...exclusions(jury, judges));
  const called = new Set([...jury.values()].flat());
  const validation = judges.map(({ set }) => set).filter(({ name }) => called.has(name));
  const before = { ...first, aurocs: only(first.aurocs, [...called]) };
  const closeness = await closenessOf(
    model,
    { heldOut, candidates },
    {
      runtime,
      features,
      seed,
      signal,
      onSet: (done, total) => clock.stage('Measure the model as it is', done, total),
    },
  );
  const run: TrialRun = { model, inliers, heldOut, validation, before, runtime, signal };
  if (budgetSeconds !== undefined) {
    const costs = await timed(candidates[0]!, settings, run);
    const remaining = budgetSeconds - (performance.now() - started) / 1000;
    settings.steps = stepsWithin(remaining, trialsOf(candidates, settings), costs);
  }
  const tried = await loweringRate(settings, notes, async () => {
    clock.restart();
    const tried: Tried[] = [];
    for (const [i, candidate] of candidates.entries()) {
      const stage = `Tune on ${candidate.name} (${i + 1} of ${candidates.length})`;
      tried.push(await tryOutliers(candidate, settings, run, clock.steps(stage, settings.tunings)));
      clock.tuned(settings.tunings);
    }
    const trials = trialsOnTerms(
      tried.map((each, i) => ({ ...each, judges: jury.get(candidates[i]!.name)! })),
    );
    const measured = candidates.map(
      (candidate, i): CandidateAdvice => ({
        ...described(candidate),
        ...trials[i]!,
        errorStandardError: errorOfDifference(before.wrong, tried[i]!.after[0]!.wrong),
        ...closeness[i]!,
      }),
    );
    measured.sort((a, b) => b.score - a.score);
    const best = foremost(measured);
    const source = candidates.find(({ name }) => name === best.name)!;
    return { measured, curve: await curveOf(source, best, settings, run, clock) };
  });
  const baseline = {
    error: before.error,
    meanAuroc: mean(Object.values(before.aurocs)),
    aurocs: before.aurocs,
  };
  return {
    settings,
    heldOut: described(heldOut),
    validation: validation.map(described),
    baseline,
    candidates: tried.measured,
    curve: tried.curve,
    ...recommend(tried.measured, { curve: tried.curve, settings, baseline }),
    notes,
    seconds: (performance.now() - started) / 1000,
  };
}

async function curveOf(
  candidate: ExampleSet,
  full: CandidateAdvice,
  settings: TrialSettings,
  run: TrialRun,
  clock: AdviceClock,
): Promise<LearningCurve> {
  const points = [];
  for (const count of curveSizes(candidate.length, settings)) {
    const stage = `Tune on ${count.toLocaleString('en')} of ${candidate.name}`;
    const part = partOf(candidate, count, settings.seed);
    const tried = await tryOutliers(part, settings, run, clock.steps(stage, settings.tunings));
    clock.tuned(settings.tunings);
    points.push({ ...partTrial(tried, full), count });
  }
  points.push({ ...full, count: mostSeen(candidate.length, settings) });
  return learningCurve(candidate.name, points);
}

/** How many tunings there will be; the curve's are those of the candidate with most sizes. */
function trialsOf(candidates: readonly ExampleSet[], settings: TrialSettings): number {
  const sizes = candidates.map(({ length }) => curveSizes(length, settings).length);
  return settings.tunings * (candidates.length + Math.max(...sizes));
}

async function timed(candidate: ExampleSet, settings: TrialSettings, run: TrialRun): Promise<Costs> {
  const seconds: number[] = [];
  for (const steps of TIMED) {
    const tried = await tryOutliers(candidate, { ...settings, steps, tunings: 1 }, run, () => {});
    seconds.push(tried.seconds);
  }
  // Compiling is quicker the second time: what a step costs is no less than nothing.
  const step = Math.max(1e-4, (seconds[1]! - seconds[0]!) / (TIMED[1] - TIMED[0]));
  return { step, fixed: Math.max(0, seconds[1]! - TIMED[1] * step) };
}

/** All candidates are tried with one learning rate, so that they can be compared. */
async function loweringRate<T>(settings: TrialSettings, notes: string[], work: () => Promise<T>): Promise<T> {
  for (let lowered = 0; ; lowered++) {
    try {
      return await work();
    } catch (error) {
      const diverged = error instanceof OutlierExposureError && error.code === 'diverged';
      if (!diverged || lowered === MOST_LOWERED) throw error;
      settings.learningRate /= 4;
      notes.push(
        `A tuning diverged; all were made anew with the learning rate ${Number(settings.learningRate.toPrecision(6))}.`,
      );
    }
  }
}

function described({ name, length, fingerprint }: ExampleSet) {
  return { name, count: length, fingerprint };
}

function checkJudges(validation: readonly ExampleSet[]): void {
  if (validation.length > 0) return;
  throw new OutlierExposureError(
    'invalid-argument',
    'There are no validation outliers to judge by: give at least one set, or leave them out to have them made.',
  );
}
