/** AUROC, AUPR and FPR95 of a million inliers and a million outliers, against scikit-learn and NumPy. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { encodeNpy } from '../dist/data/index.js';
import { detectionMetrics } from '../dist/metrics/index.js';
import { interleaved, median, row } from './rows.js';
import { randomScores } from './scores.js';

const execute = promisify(execFile);
const NAME = 'AUROC + AUPR + FPR95 of 10⁶ + 10⁶ scores';

export async function run({ quick, python, progress, note, signal }) {
  progress(NAME);
  const { inliers, outliers } = randomScores();
  const folder = await mkdtemp(join(tmpdir(), 'oe-bench-'));
  try {
    const paths = [join(folder, 'in.npy'), join(folder, 'out.npy')];
    await writeFile(paths[0], encodeNpy(inliers, [inliers.length]));
    await writeFile(paths[1], encodeNpy(outliers, [outliers.length]));
    const repetitions = quick ? 3 : 5;
    const { ours, theirs } = await interleaved(quick ? 1 : 3, {
      ours: () => ourSeconds(inliers, outliers, repetitions),
      theirs: async () => {
        const result = await python.run('metrics.py', [...paths, repetitions], { needs: 'sklearn', signal });
        if (result) compare(detectionMetrics(inliers, outliers), result, note);
        return result?.median ?? null;
      },
    });
    progress('Memory of the metrics');
    return [
      row({ name: NAME, peer: 'scikit-learn', ours, theirs, unit: 's' }),
      row({
        name: 'metrics, extra memory',
        peer: 'limit: 4 × input',
        ours: await extraBytes(signal),
        theirs: 4 * (inliers.byteLength + outliers.byteLength),
        unit: 'bytes',
      }),
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function ourSeconds(inliers, outliers, repetitions) {
  const seconds = Array.from({ length: repetitions }, () => {
    const start = performance.now();
    detectionMetrics(inliers, outliers);
    return (performance.now() - start) / 1000;
  });
  return median(seconds);
}

/** Two sides that are compared for speed had better give the same numbers. */
function compare(ours, theirs, note) {
  for (const metric of ['auroc', 'aupr', 'fpr']) {
    if (!(Math.abs(ours[metric] - theirs[metric]) < 1e-9))
      note(`${metric} differs: ours ${ours[metric]}, scikit-learn's ${theirs[metric]}.`);
  }
}

/** Measured in a process of its own, whose peak nothing else has raised. */
async function extraBytes(signal) {
  const script = fileURLToPath(new URL('./metrics-memory.js', import.meta.url));
  const { stdout } = await execute(process.execPath, ['--expose-gc', script], { signal });
  return JSON.parse(stdout).extraBytes;
}
