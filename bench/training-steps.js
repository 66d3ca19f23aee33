/** Times training steps of any network as train() runs them: in the runtime's worker, two batches on their way. */
import { crossEntropy, outlierExposure } from '../dist/objectives/index.js';
import { Random } from '../dist/random.js';
import { nodeRuntime } from '../dist/runtime/index.js';
import { compileTrainingStep, stepValue } from '../dist/training/index.js';
import { THREADS } from './peers.js';
import { median } from './rows.js';

/** As the trainer: one batch that the worker is at, one that waits. */
const IN_FLIGHT = 2;
/** Batches that take turns; the peer keeps as many. */
const BATCHES = 4;
const LEARNING_RATE = 0.01;

/**
 * @param model a classifier of at least ten classes
 * @param dimensions sizes of named dimensions of its input beside the batch's
 * @param tokens for a classifier of texts, how many tokens there are; without, it is one of images
 * @returns `seconds`, the median between one finished step and the next, and `setUp`, the seconds from a network to
 * its first step: the runtime's start, compiling, and loading
 */
export async function timeTrainingSteps(options) {
  const { model, optimizer, inliers, outliers, warmUp, steps, signal, dimensions, tokens } = options;
  const start = performance.now();
  const runtime = await nodeRuntime({ threads: THREADS });
  try {
    const step = await compileTrainingStep(model, {
      objective: outliers > 0 ? outlierExposure() : crossEntropy(),
      optimizer,
      batch: { inliers, outliers },
      dimensions,
      runtime,
    });
    const loop = await runtime.createLoop(step.model, step.variables);
    const setUp = (performance.now() - start) / 1000;
    const free = Array.from({ length: BATCHES }, (_, i) => randomBatch(step, { inliers, tokens, seed: i }));
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
    return { seconds: median(seconds.slice(warmUp)), setUp };
  } finally {
    await runtime.dispose();
  }
}

function randomBatch({ inputs, batchShape }, { inliers, tokens, seed }) {
  const random = Random.from(seed, 'batch');
  const count = batchShape.reduce((product, size) => product * size, 1);
  const examples =
    tokens === undefined
      ? { elementType: 'float32', data: Float32Array.from({ length: count }, () => random.uniform()) }
      : {
          elementType: 'int64',
          data: BigInt64Array.from({ length: count }, () => BigInt(random.integer(tokens))),
        };
  const labels = BigInt64Array.from({ length: inliers }, () => BigInt(random.integer(10)));
  return {
    [inputs.pixels]: { ...examples, shape: batchShape },
    [inputs.labels]: { elementType: 'int64', shape: [inliers], data: labels },
  };
}

/** What changes from step to step beside the batch. */
function stepFeeds({ inputs }, optimizer, number) {
  const feeds = {};
  for (const [name, value] of Object.entries(optimizer.scalars(LEARNING_RATE, number)))
    feeds[stepValue(name)] = { elementType: 'float32', shape: [], data: Float32Array.of(value) };
  if (inputs.dropoutSeed)
    feeds[inputs.dropoutSeed] = { elementType: 'uint32', shape: [], data: Uint32Array.of(number) };
  return feeds;
}
