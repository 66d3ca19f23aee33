/** One training step of the text classifier with Outlier Exposure, as train() runs it, against PyTorch's. */
import { gruClassifier } from '../dist/nn/index.js';
import { adam } from '../dist/training/index.js';
import { THREADS } from './peers.js';
import { interleaved, row } from './rows.js';
import { timeTrainingSteps } from './training-steps.js';

/** The paper's: 10,000 words, one for unknown ones and one for padding; the classes of 20 Newsgroups. */
const [VOCABULARY, CLASSES, PADDING] = [10_002, 20, 1];
const BATCH = { inliers: 64, outliers: 64 };
/** A sentence's length, and the one to which 20 Newsgroups' texts are cut. */
const LENGTHS = [30, 100];

export async function run({ quick, python, progress, signal }) {
  const [rounds, warmUp, steps] = quick ? [1, 1, 4] : [3, 3, 16];
  const rows = [];
  for (const length of LENGTHS) {
    const name = `GRU step, batch ${BATCH.inliers} + ${BATCH.outliers}, ${length} tokens`;
    progress(name);
    const args = [VOCABULARY, CLASSES, BATCH.inliers, BATCH.outliers, length, warmUp, steps];
    const peer = (threads) => async () => {
      const result = await python.run('gru_step.py', [...args, threads], { needs: 'torch', signal });
      return result?.seconds ?? null;
    };
    const { ours, ...peers } = await interleaved(rounds, {
      ours: async () => (await ourStep({ length, warmUp, steps, signal })).seconds,
      PyTorch: peer(THREADS),
      // Its products are small: threads may cost it more than they gain.
      'PyTorch, 1 thread': peer(1),
    });
    for (const [peer, theirs] of Object.entries(peers))
      rows.push(row({ name, peer, ours, theirs, unit: 's' }));
  }
  return rows;
}

function ourStep({ length, ...counts }) {
  return timeTrainingSteps({
    model: gruClassifier({ seed: 1, vocabulary: VOCABULARY, classes: CLASSES, padding: PADDING }),
    optimizer: adam(),
    ...BATCH,
    ...counts,
    dimensions: { time: length },
    tokens: VOCABULARY,
  });
}
