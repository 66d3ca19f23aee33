/** One training step of the MNIST ConvNet, as train() runs it, against the same step in PyTorch. */
import { convNet } from '../dist/nn/index.js';
import { sgd } from '../dist/training/index.js';
import { THREADS } from './peers.js';
import { interleaved, row } from './rows.js';
import { timeTrainingSteps } from './training-steps.js';

export async function run({ quick, python, progress, signal }) {
  const [rounds, warmUp, steps] = quick ? [1, 20, 60] : [3, 30, 300];
  const rows = [];
  for (const [name, outliers] of [
    ['ConvNet step, Outlier Exposure, batch 50 + 100', 100],
    ['ConvNet step, baseline, batch 50', 0],
  ]) {
    progress(name);
    const peer = (layout) => async () => {
      const args = [50, outliers, warmUp, steps, THREADS, layout];
      return (await python.run('convnet_step.py', args, { needs: 'torch', signal }))?.median ?? null;
    };
    const { ours, ...peers } = await interleaved(rounds, {
      ours: () => ourStep({ inliers: 50, outliers, warmUp, steps, signal }),
      PyTorch: peer('contiguous_format'),
      'PyTorch, channels last': peer('channels_last'),
    });
    for (const [peer, theirs] of Object.entries(peers))
      rows.push(row({ name, peer, ours, theirs, unit: 's' }));
  }
  return rows;
}

/** @returns the median of the seconds between one finished step and the next */
export async function ourStep(batch) {
  const { seconds } = await timeTrainingSteps({ model: convNet({ seed: 1 }), optimizer: sgd(), ...batch });
  return seconds;
}
