/** Training steps of a network, and nothing else: NETWORK INLIERS OUTLIERS WARM-UP STEPS. Prints JSON. */
import { buildNetwork, isRunningStatistic } from '../dist/nn/index.js';
import { sgd } from '../dist/training/index.js';
import { peakResidentBytes } from './memory.js';
import { timeTrainingSteps } from './training-steps.js';

const [name, ...numbers] = process.argv.slice(2);
const [inliers, outliers, warmUp, steps] = numbers.map(Number);
const model = buildNetwork(name, { seed: 1 });
const optimizer = sgd({ weightDecay: 5e-4 });
const { seconds, setUp } = await timeTrainingSteps({ model, optimizer, inliers, outliers, warmUp, steps });

const { initializers } = model.graph;
const parameters = [...initializers]
  .filter(([key, { shape }]) => /\.(weight|bias)$/.test(key) && shape.length > 0 && !isRunningStatistic(key))
  .reduce((sum, [, { data }]) => sum + data.length, 0);
console.log(JSON.stringify({ seconds, setUp, peakBytes: peakResidentBytes(), parameters }));
