/** One training step of the MNIST ConvNet, as train() runs it, against the same step in PyTorch. */
import { convNet } from '../dist/nn/index.js';
import { crossEntropy, outlierExposure } from '../dist/objectives/index.js';
import { Random } from '../dist/random.js';
import { nodeRuntime } from '../dist/runtime/index.js';
import { compileTrainingStep, sgd, stepValue } from '../dist/training/index.js';
import { THREADS } from './peers.js';
import { interleaved, median, row } from './rows.js';

/** As the trainer: one batch that the worker is at, one that waits. */
const IN_FLIGHT = 2;
/** Batches that take turns; the peer keeps as many. */
const BATCHES = 4;

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
export async function ourStep({ inliers, outliers, warmUp, steps, signal }) {
  const runtime = await nodeRuntime({ threads: THREADS });
  try {
    const optimizer = sgd();
    const step = await compileTrainingStep(convNet({ seed: 1 }), {
      objective: outliers > 0 ? outlierExposure() : crossEntropy(),
      optimizer,
      batch: { inliers, outliers },
      runtime,
    });
    const loop = await runtime.createLoop(step.model, step.variables);
    const free = Array.from({ length: BATCHES }, (_, i) => randomBatch(step, inliers, i));
    const pending = [];
    const seconds = [];
    let last = performance.now();
    for (let i = 1; i <= warmUp + steps; i++) {
      signal?.throwIfAborted();
      const result = loop.step({ ...free.shift(), ...stepFeeds(step, optimizer, i) });
      // A failure shows when it is waited for; until then it must not count as unhandled.
      result.catch(() => {});
      pending.push(result);
      if (pending.length < IN_FLIGHT) continue;
      // The worker takes the batch's buffers and hands them back, as in training.
      const { feeds, outputs } = await pending.shift();
      if (!Number.isFinite(outputs[stepValue('loss')].data[0])) throw new Error('The loss is no number.');
      free.push(feeds);
      const now = performance.now();
      seconds.push((now - last) / 1000);
      last = now;
    }
    await Promise.all(pending);
    await loop.release();
    return median(seconds.slice(warmUp));
  } finally {
    await runtime.dispose();
  }
}

function randomBatch({ inputs, batchShape }, inliers, seed) {
  const random = Random.from(seed, 'batch');
  const pixels = new Float32Array(batchShape.reduce((product, size) => product * size, 1));
  for (let i = 0; i < pixels.length; i++) pixels[i] = random.uniform();
  const labels = BigInt64Array.from({ length: inliers }, () => BigInt(random.integer(10)));
  return {
    [inputs.pixels]: { elementType: 'float32', shape: batchShape, data: pixels },
    [inputs.labels]: { elementType: 'int64', shape: [inliers], data: labels },
  };
}

/** What changes from step to step beside the batch. */
function stepFeeds({ inputs }, optimizer, number) {
  const feeds = {};
  for (const [name, value] of Object.entries(optimizer.scalars(0.01, number)))
    feeds[stepValue(name)] = { elementType: 'float32', shape: [], data: Float32Array.of(value) };
  if (inputs.dropoutSeed)
    feeds[inputs.dropoutSeed] = { elementType: 'uint32', shape: [], data: Uint32Array.of(number) };
  return feeds;
}
