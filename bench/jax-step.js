/** The Outlier Exposure step of the ConvNet against @jax-js/jax, the other library that trains in JavaScript. */
import { ourStep } from './convnet-step.js';
import { median, row } from './rows.js';

const [INLIERS, OUTLIERS, CLASSES] = [50, 100, 10];
const [LEARNING_RATE, MOMENTUM, LAMBDA] = [0.01, 0.9, 0.5];

export async function run({ quick, progress, note, signal }) {
  const name = 'ConvNet step, Outlier Exposure, batch 50 + 100';
  progress(`${name}, @jax-js/jax`);
  const ours = await ourStep({
    inliers: INLIERS,
    outliers: OUTLIERS,
    warmUp: 20,
    steps: quick ? 60 : 300,
    signal,
  });
  let theirs = null;
  try {
    // Its steps take so long that a few say enough.
    theirs = await jaxStep({ warmUp: 2, steps: quick ? 3 : 7, signal });
  } catch (error) {
    signal?.throwIfAborted();
    note(`The peer @jax-js/jax failed: ${error.message}`);
  }
  return [row({ name, peer: '@jax-js/jax', ours, theirs, unit: 's' })];
}

async function jaxStep({ warmUp, steps, signal }) {
  // Imported here: where it is missing, only this row stays empty.
  const jax = await import('@jax-js/jax');
  const { numpy: np, random } = jax;
  await jax.init('wasm');
  jax.defaultDevice('wasm');
  const step = jax.jit(trainingStep(jax));
  let state = initialState(jax);
  const batch = INLIERS + OUTLIERS;
  const pixels = random.uniform(random.key(1), [batch, 1, 28, 28]);
  const targets = jax.nn.oneHot(np.arange(INLIERS).mod(CLASSES).astype(np.int32), CLASSES);
  const seconds = [];
  for (let i = 0; i < warmUp + steps; i++) {
    signal?.throwIfAborted();
    const start = performance.now();
    const [next, loss] = step(state, pixels.ref, targets.ref, random.key(i));
    state = await jax.blockUntilReady(next);
    const [value] = await loss.data();
    seconds.push((performance.now() - start) / 1000);
    if (!Number.isFinite(value)) throw new Error('its loss is no number.');
  }
  return median(seconds.slice(warmUp));
}

/** As PyTorch's initial weights: uniform within 1 / √(values that a unit sees). */
function initialState({ numpy: np, random }) {
  const shapes = {
    conv1: [[10, 1, 5, 5], [1, 10, 1, 1], 25],
    conv2: [[20, 10, 5, 5], [1, 20, 1, 1], 250],
    fc1: [[320, 50], [50], 320],
    fc2: [[50, CLASSES], [CLASSES], 50],
  };
  const parameters = {};
  const velocities = {};
  for (const [i, [name, [kernel, bias, fanIn]]] of Object.entries(shapes).entries()) {
    const bound = 1 / Math.sqrt(fanIn);
    const uniform = (seed, shape) =>
      random.uniform(random.key(seed), shape, { minval: -bound, maxval: bound });
    parameters[name] = { kernel: uniform(100 + 2 * i, kernel), bias: uniform(101 + 2 * i, bias) };
    velocities[name] = { kernel: np.zeros(kernel), bias: np.zeros(bias) };
  }
  return { parameters, velocities };
}

/** The whole step, to be compiled as one function: every use of an array but the last takes a reference. */
function trainingStep({ lax, nn, numpy: np, random, tree, valueAndGrad }) {
  const gelu = (x) => nn.sigmoid(x.ref.mul(1.702)).mul(x);
  const maxPool = (x) => {
    const [n, c, h, w] = x.shape;
    return np.max(x.reshape([n, c, h / 2, 2, w / 2, 2]), [3, 5]);
  };
  const convolution = (x, { kernel, bias }) => lax.conv(x, kernel, [1, 1], 'VALID').add(bias);
  const linear = (x, { kernel, bias }) => np.matmul(x, kernel).add(bias);

  const lossOf = (parameters, pixels, targets, key) => {
    const batch = INLIERS + OUTLIERS;
    const kept = random.bernoulli(key, 0.5, [batch, 20, 1, 1]).astype(np.float32).mul(2);
    let x = gelu(maxPool(convolution(pixels, parameters.conv1)));
    x = convolution(x, parameters.conv2).mul(kept);
    x = gelu(maxPool(x)).reshape([batch, 320]);
    const logits = linear(gelu(linear(x, parameters.fc1)), parameters.fc2);
    const inliers = logits.ref.slice([0, INLIERS]);
    const outliers = logits.slice([INLIERS, batch]);
    const crossEntropy = nn
      .logSoftmax(inliers)
      .mul(targets)
      .sum()
      .mul(-1 / INLIERS);
    const uniform = nn.logsumexp(outliers.ref, -1).sub(outliers.mean(-1)).mean();
    return crossEntropy.add(uniform.mul(LAMBDA));
  };

  return ({ parameters, velocities }, pixels, targets, key) => {
    const [loss, gradients] = valueAndGrad(lossOf)(tree.ref(parameters), pixels, targets, key);
    const moved = tree.map((v, g) => v.mul(MOMENTUM).add(g), velocities, tree.ref(gradients));
    const updated = tree.map(
      (p, g, v) => p.sub(g.add(v.mul(MOMENTUM)).mul(LEARNING_RATE)),
      parameters,
      gradients,
      tree.ref(moved),
    );
    return [{ parameters: updated, velocities: moved }, loss];
  };
}
