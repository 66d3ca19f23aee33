/**
 * Whether advice on outliers ranks candidates as whole tunings on test sets do. The peer is choosing at random. More candidates
 * join from the folder that OE_BENCH_DATA names (notMNIST, Omniglot, CIFAR-10, as `oe reproduce mnist --data` takes them).
 */
import { availableParallelism } from 'node:os';
import { advise, bootstrapInterval, spearman } from '../dist/advice/index.js';
import { loadExtraTestSets } from '../dist/data/node/folder-sets.js';
import { loadFashionMnist, loadGlyphs, loadIcons, loadMnist } from '../dist/data/node/index.js';
import {
  bernoulliNoise,
  blobs,
  convNet,
  cosineSchedule,
  crossEntropy,
  evaluate,
  gaussianNoise,
  invert,
  makeOutliers,
  nodeRuntime,
  sgd,
  subset,
  train,
  trainWithOutlierExposure,
} from '../dist/index.js';
import { row } from './rows.js';

const MADE = ['pixels', 'inverted', 'blur', 'noise'];
const BATCH = { inliers: 50, outliers: 100 };
const RATE = 0.01;

export async function run({ quick, progress, note, signal }) {
  const folder = process.env.OE_BENCH_DATA;
  const size = quick
    ? { train: 15_000, test: 2000, steps: 30, epochs: 3, candidate: 5000 }
    : { train: 60_000, test: 10_000, steps: 100, epochs: 5, candidate: 60_000 };
  const digits = await loadMnist();
  const [inliers, test] = [subset(digits.train, size.train), subset(digits.test, size.test)];
  const fashion = await loadFashionMnist();
  const real = [named(await loadGlyphs(), 'glyphs'), named(await loadIcons(), 'icons')];
  if (folder !== undefined)
    real.push(...(await loadExtraTestSets(folder)).filter(({ name }) => name !== 'fashion-mnist'));
  const noise = { count: 1000, shape: test.shape, seed: 1 };
  const tests = [
    named(gaussianNoise(noise), 'gaussian'),
    named(bernoulliNoise(noise), 'bernoulli'),
    named(blobs(noise), 'blobs'),
    named(invert(test), 'negative'),
    named(fashion.test, 'fashion-mnist'),
    ...real,
  ];
  const candidates = [
    named(fashion.train, 'fashion-mnist'),
    ...real,
    ...MADE.map((kind) => makeOutliers(inliers, kind, { seed: 1 })),
  ].map((set) => (set.length > size.candidate ? subset(set, size.candidate, { seed: 1 }) : set));
  const runtime = await nodeRuntime({ threads: availableParallelism() });
  try {
    progress('advise: the baseline');
    const steps = size.epochs * Math.floor(inliers.length / BATCH.inliers);
    const { model } = await train(convNet({ seed: 1 }), {
      inliers,
      objective: crossEntropy(),
      optimizer: sgd(),
      schedule: cosineSchedule({ peak: RATE, steps }),
      epochs: size.epochs,
      batch: { ...BATCH, outliers: 0 },
      seed: 1,
      runtime,
      signal,
    });
    progress('advise: short tunings');
    const advice = await advise(model, {
      inliers,
      candidates,
      steps: size.steps,
      learningRate: RATE,
      batch: BATCH,
      runtime,
      signal,
      onProgress: ({ stage, done }) => done === 0 && progress(`advise: ${stage}`),
    });
    const aurocs = async (classifier) => {
      const outliers = Object.fromEntries(tests.map((set) => [set.name, set]));
      const { sets } = await evaluate(classifier, { inliers: test, outliers, runtime, signal });
      return Object.fromEntries(Object.entries(sets).map(([name, { auroc }]) => [name, auroc]));
    };
    const before = await aurocs(model);
    const gains = {};
    for (const outliers of candidates) {
      progress(`advise: a whole tuning on ${outliers.name}`);
      const tuned = await trainWithOutlierExposure({
        model,
        inliers,
        outliers,
        epochs: 1,
        learningRate: RATE,
        weightDecay: 0,
        batch: BATCH,
        outlierOrder: 'shuffled',
        seed: 11,
        runtime,
        signal,
      });
      const after = await aurocs(tuned.model);
      gains[outliers.name] = Object.fromEntries(tests.map(({ name }) => [name, after[name] - before[name]]));
    }
    return rows(advice, trueGains(gains), note);
  } finally {
    await runtime.dispose();
  }
}

/** What a candidate may not be tested with: the set itself, and what is made in the same way. */
const SAME = { 'made:inverted': 'negative' };

/**
 * Mean gains over test sets. Each candidate is tested with all but its own, so that what is averaged is how much more it gains on a
 * set than candidates do there on average.
 */
function trueGains(gains) {
  const names = Object.keys(gains);
  const sets = Object.keys(gains[names[0]]);
  const fair = (name, set) => name !== set && SAME[name] !== set;
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const usual = Object.fromEntries(
    sets.map((set) => [set, mean(names.filter((name) => fair(name, set)).map((name) => gains[name][set]))]),
  );
  const overall = mean(Object.values(usual));
  return Object.fromEntries(
    names.map((name) => [
      name,
      overall + mean(sets.filter((set) => fair(name, set)).map((set) => gains[name][set] - usual[set])),
    ]),
  );
}

function rows(advice, truth, note) {
  const names = advice.candidates.map(({ name }) => name);
  const advised = advice.candidates.map(({ gain }) => gain);
  const actual = names.map((name) => truth[name]);
  const points = (value) => (100 * value).toFixed(2);
  for (const [i, name] of names.entries())
    note(
      `${name}: advised gain ${points(advised[i])}, gain of a whole tuning on test sets ${points(actual[i])} points of AUROC`,
    );
  const [low, high] = bootstrapInterval(advised, actual, spearman);
  note(
    `Rank correlation of the two (Spearman) ${spearman(advised, actual).toFixed(2)}, 95 % bootstrap interval ${low.toFixed(2)} to ${high.toFixed(2)}, over ${names.length} candidates.`,
  );
  for (const [what, sign] of [
    ['separability', -1],
    ['overlap', 1],
  ])
    note(
      `Of nearness alone (${what}): ${spearman(
        advice.candidates.map((each) => sign * each[what]),
        actual,
      ).toFixed(2)}.`,
    );
  let [wrong, pairs] = [0, 0];
  for (let i = 0; i < names.length; i++)
    for (let j = i + 1; j < names.length; j++) {
      pairs++;
      if (actual[i] < actual[j]) wrong++;
    }
  const best = Math.max(...actual);
  const average = actual.reduce((sum, value) => sum + value, 0) / actual.length;
  return [
    row({
      name: 'pairs of candidates ranked wrongly',
      peer: 'at random',
      ours: wrong / pairs,
      theirs: 0.5,
      unit: 'share',
    }),
    row({
      name: 'AUROC lost by the candidate taken',
      peer: 'at random',
      ours: best - truth[advice.recommended ?? names[0]],
      theirs: best - average,
      unit: 'share',
    }),
  ];
}

function named(source, name) {
  return { ...source, name };
}
