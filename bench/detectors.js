/** Detectors on features: fitting to a bank and scoring, against NumPy and scikit-learn; and the memory it takes. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Random } from '../dist/index.js';
import { runChild } from './child.js';
import { inTurns, median, row } from './rows.js';

const CHILD = fileURLToPath(new URL('./detectors-child.js', import.meta.url));
const [WIDTH, CLASSES] = [512, 10];
const DETECTORS = ['mahalanobis', 'relative-mahalanobis', 'knn', 'vim', 'she', 'nnguide', 'fdbd', 'gradnorm'];
const PEERS = { NumPy: 'numpy', 'scikit-learn': 'scikit-learn' };
/** Where scikit-learn has what the detector is made of. */
const IN_SKLEARN = ['mahalanobis', 'relative-mahalanobis', 'knn'];
/** How far scores may lie apart, as a share of the largest: both sides multiply in float32. */
const TOLERANCE = 1e-3;

export async function run({ quick, python, progress, note, signal }) {
  const count = quick ? 10_000 : 50_000;
  const folder = await mkdtemp(join(tmpdir(), 'oe-bench-'));
  try {
    progress(`${count.toLocaleString('en')} made-up features of width ${WIDTH}, twice`);
    await writeFeatures(folder, count);
    const rows = [];
    for (const name of DETECTORS) {
      progress(name);
      const peers = Object.entries(PEERS).filter(([, side]) => side === 'numpy' || IN_SKLEARN.includes(name));
      const sides = Object.fromEntries(
        peers.map(([peer, side]) => [
          peer,
          () =>
            python.run('detectors.py', [folder, name, side, count, WIDTH, CLASSES], {
              needs: 'sklearn',
              signal,
            }),
        ]),
      );
      const { ours, ...theirs } = await inTurns(quick || name === 'knn' ? 1 : 3, {
        ours: () => ourScores(folder, { name, count }, signal),
        ...sides,
      });
      for (const [peer, rounds] of Object.entries(theirs)) {
        const middle = (measured, key) => measured && median(measured.map((round) => round[key]));
        for (const [text, key, unit] of [
          ['fit', 'fitSeconds', 's'],
          ['score', 'scoreSeconds', 's'],
          ['fit and score', 'seconds', 's'],
          ['resident memory', 'peakBytes', 'bytes'],
        ])
          rows.push(
            row({
              name: `${name}, ${text}`,
              peer,
              ours: middle(ours, key),
              theirs: middle(rounds, key),
              unit,
            }),
          );
        if (rounds && name !== 'nnguide')
          compare(ours[0].scores, rounds[0].scores, `${name}: the scores of ${peer}`, note);
      }
    }
    return rows;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function compare(ours, theirs, what, note) {
  const size = Math.max(...theirs.map(Math.abs));
  const apart = Math.max(...ours.map((score, i) => Math.abs(score - theirs[i]))) / size;
  if (!(apart < TOLERANCE)) note(`${what} are ${apart} of the largest from ours.`);
}

async function ourScores(folder, { name, count }, signal) {
  const args = [CHILD, folder, name, String(count), String(WIDTH), String(CLASSES)];
  const { stdout } = await runChild(args, { env: process.env, signal });
  return JSON.parse(stdout);
}

/** Classes around centres, half of the values cut off as a ReLU does; a head that takes the nearest centre. */
async function writeFeatures(folder, count) {
  const random = Random.from(1, 'features');
  const centres = Float32Array.from({ length: CLASSES * WIDTH }, () => random.normal());
  const bias = Float32Array.from({ length: CLASSES }, (_, k) => {
    const centre = centres.subarray(k * WIDTH, (k + 1) * WIDTH);
    return -centre.reduce((sum, value) => sum + value * value, 0) / 2;
  });
  await writeFile(join(folder, 'weights.f32'), centres);
  await writeFile(join(folder, 'bias.f32'), bias);
  for (const name of ['fit', 'test']) {
    const features = new Float32Array(count * WIDTH);
    const logits = new Float32Array(count * CLASSES);
    for (let i = 0; i < count; i++) {
      const z = features.subarray(i * WIDTH, (i + 1) * WIDTH);
      const centre = (i % CLASSES) * WIDTH;
      for (let d = 0; d < WIDTH; d++) z[d] = Math.max(0, centres[centre + d] + 2 * random.normal());
      for (let k = 0; k < CLASSES; k++) {
        let sum = bias[k];
        for (let d = 0; d < WIDTH; d++) sum += centres[k * WIDTH + d] * z[d];
        logits[i * CLASSES + k] = sum;
      }
    }
    await writeFile(join(folder, `${name}-features.f32`), features);
    await writeFile(join(folder, `${name}-logits.f32`), logits);
  }
}
