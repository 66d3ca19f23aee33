/**
 * Whether advice on outliers ranks candidates as whole tunings on test sets do, for a classifier of digits, one of clothes, and, of
 * CIFAR-10, the one that OE_BENCH_MODEL names. The peer is choosing at random. More sets join from the folder that OE_BENCH_DATA
 * names. What was computed is kept in OE_BENCH_CACHE.
 */
import { availableParallelism } from 'node:os';
import { advise, spearman } from '../dist/advice/index.js';
import { readClassifier } from '../dist/cli/models.js';
import { nodeRuntime } from '../dist/index.js';
import { hasPhotographs, loadSets } from './advise/sets.js';
import {
  advised,
  byKind,
  byMadeAlone,
  chance,
  correlation,
  interval,
  losses,
  overallGains,
} from './advise/statistics.js';
import { baselineOf, keeper, SMALL, wholeTunings } from './advise/truth.js';
import { row } from './rows.js';

const KNOWN = ['mnist', 'fashion-mnist'];
const IN_COLOUR = 'cifar10';

/** Images of each set; epochs of the baseline; epochs and seeds of whole tunings; short tunings of the advice. */
const QUICK = {
  ...{ train: 10_000, tune: 15_000, test: 2500, candidate: 5000, outliers: 2000 },
  ...{ epochs: 5, tuneEpochs: 1, seeds: 1, tunings: 1 },
};
/** The same of pictures in colour, in either form: short tunings as `oe advise` makes them, whole ones as `oe tune` does. */
const COLOUR = {
  ...{ train: 5000, tune: 5000, test: 2000, candidate: 5000, outliers: 400 },
  ...{ tuneEpochs: 1, seeds: 1, tunings: 1, steps: 40, heldOut: 1000 },
  advised: { learningRate: 0.001, batch: { inliers: 64, outliers: 128 } },
  tuned: { learningRate: 0.001, batch: { inliers: 128, outliers: 256 } },
};
const FULL = {
  ...{ train: 60_000, tune: 60_000, test: 10_000, candidate: 10_000, outliers: 2000 },
  ...{ epochs: 5, tuneEpochs: 1, seeds: 3, tunings: 2 },
};

export async function run({ quick, progress, note, signal }) {
  const size = quick ? QUICK : FULL;
  const runtime = await nodeRuntime({ threads: availableParallelism() });
  try {
    const rows = [];
    for (const known of await asked(note)) {
      const told = (text) => progress(`advise, ${known}: ${text}`);
      const of = known === IN_COLOUR ? COLOUR : size;
      rows.push(...(await study(known, of, { runtime, signal, note, progress: told, keep: keeper() })));
    }
    return rows;
  } finally {
    await runtime.dispose();
  }
}

/** All that there are data and a model for, or those that OE_BENCH_KNOWN names. */
async function asked(note) {
  const { OE_BENCH_DATA: folder, OE_BENCH_MODEL: model, OE_BENCH_KNOWN: only } = process.env;
  const possible = [...KNOWN, ...(model !== undefined && hasPhotographs(folder) ? [IN_COLOUR] : [])];
  if (!possible.includes(IN_COLOUR))
    note(
      `advise, ${IN_COLOUR}: left out, since OE_BENCH_MODEL or OE_BENCH_DATA does not name what it takes.`,
    );
  return only === undefined ? possible : possible.filter((name) => only.split(',').includes(name));
}

async function study(known, size, run) {
  const { runtime, signal, progress, note } = run;
  progress('the sets');
  const { tuned, ...sets } = await loadSets(known, size, process.env.OE_BENCH_DATA);
  progress('the baseline');
  const model =
    known === IN_COLOUR
      ? (await readClassifier(process.env.OE_BENCH_MODEL)).logits
      : await baselineOf(sets, size, run);
  const { steps = 100, tunings, advised: asAdvised = SMALL, tuned: how = SMALL } = size;
  const settings = { steps, tunings, ...asAdvised };
  // Not kept: it is what is judged here, and changes.
  const { candidates, validation } = await advise(model, {
    inliers: sets.inliers,
    heldOut: sets.heldOut,
    candidates: sets.candidates.map(({ source }) => source),
    ...settings,
    runtime,
    signal,
    onProgress: stages(progress),
  });
  const gains = await wholeTunings(
    model,
    { ...sets, inliers: tuned },
    { epochs: size.tuneEpochs, seeds: size.seeds, how },
    run,
  );
  const kindsOf = (list) => Object.fromEntries(list.map(({ name, kind }) => [name, kind]));
  // Uniform noise is what the advice makes to judge by, and of the kind of the noises that are tested.
  const kinds = { ...kindsOf(sets.candidates), Uniform: 'noise' };
  const truth = { kinds, testKinds: kindsOf(sets.tests), gains };
  return told(known, candidates, validation, truth, note);
}

/** Tells each stage once, and how long the rest will take. */
function stages(progress) {
  let last;
  return ({ stage, remainingSeconds }) => {
    if (stage === last) return;
    last = stage;
    const left = remainingSeconds === undefined ? '' : `, ${Math.ceil(remainingSeconds / 60)} min left`;
    progress(`${stage}${left}`);
  };
}

function told(known, candidates, validation, truth, note) {
  const names = candidates.map(({ name }) => name);
  const made = new Set(validation.map(({ name }) => name).filter((name) => !names.includes(name)));
  const overall = overallGains(names, truth);
  for (const [i, { name, score, gain }] of candidates.entries())
    note(
      `${known}, ${name}: score ${score.toFixed(2)}, advised gain ${points(gain)}, mean gain of whole tunings on test sets of other kinds ${points(overall[i])} points of AUROC`,
    );
  const tested = byKind(candidates, truth, advised);
  const [low, high] = interval(tested, truth.kinds);
  note(
    `${known}: rank correlation (Spearman) with the gain on a kind of test set that the advice knew nothing of, mean of ${tested.length} kinds: ${correlation(tested).toFixed(2)}, 95 % bootstrap interval ${low.toFixed(2)} to ${high.toFixed(2)}, permutation p ${chance(tested).toFixed(4)}, ${names.length} candidates; by kind: ${tested
      .map(({ kind, scores, gains }) => `${kind} ${spearman(scores, gains).toFixed(2)}`)
      .join(', ')}.`,
  );
  for (const [what, score] of [
    ['validation outliers alone, in AUROC', byMadeAlone(made)],
    ['separability, the nearest first', (list) => list.map(({ separability }) => -separability)],
    ['overlap, the most first', (list) => list.map(({ overlap }) => overlap)],
  ])
    note(`${known}: the same by ${what}: ${correlation(byKind(candidates, truth, score)).toFixed(2)}.`);
  const scores = candidates.map(({ score }) => score);
  note(`${known}: of the scores with the mean gains above: ${spearman(scores, overall).toFixed(2)}.`);
  const { wrong, lost, atRandom } = losses(tested);
  const peer = 'at random';
  return [
    row({
      name: `${known}: pairs of candidates ranked wrongly`,
      peer,
      ours: wrong,
      theirs: 0.5,
      unit: 'share',
    }),
    row({
      name: `${known}: AUROC lost by the candidate taken`,
      peer,
      ours: lost,
      theirs: atRandom,
      unit: 'share',
    }),
  ];
}

function points(fraction) {
  return (100 * fraction).toFixed(2);
}
