/** What is computed in Node and in the browser alike, to be compared. */
import type * as OutlierExposure from '../../src/index.ts';

type Package = Omit<typeof OutlierExposure, 'nodeRuntime'>;

/** Logits of fixed pixels, ten steps of Outlier Exposure, and metrics, as plain numbers. */
export async function scenario(oe: Package, runtime: OutlierExposure.Runtime) {
  const random = oe.Random.from(7, 'scores');
  const { loop, feeds, step } = await training(oe, runtime, { inliers: 10, outliers: 20 });
  const losses: number[] = [];
  for (let i = 0; i < 10; i++) {
    const { outputs } = await loop.step(feeds(i));
    losses.push(...step.losses.map((name) => Number(outputs[oe.stepValue(name)]!.data[0])));
  }
  const variables = await loop.read();
  await loop.release();

  const scores = (count: number, scale: number) =>
    oe.mspScore(
      Float32Array.from({ length: count * 10 }, () => scale * random.uniform()),
      10,
    );
  return {
    logits: await logits(oe, runtime),
    losses,
    parameters: Object.fromEntries(
      Object.entries(variables).map(([name, { data }]) => [name, numbers(data as Float32Array)]),
    ),
    metrics: oe.detectionMetrics(scores(5000, 3), scores(1000, 2)),
  };
}

/** Logits of fixed pixels by a fixed network. */
export async function logits(oe: Package, runtime: OutlierExposure.Runtime): Promise<number[]> {
  const session = await runtime.createSession(oe.writeModel(oe.convNet({ seed: 3 })));
  const outputs = await session.run({ pixels: images(oe.Random.from(7, 'pixels'), 16) });
  await session.release();
  return numbers(outputs.logits!.data as Float32Array);
}

/** Trains for some time. @returns milliseconds a step, the median */
export async function stepTime(
  oe: Package,
  runtime: OutlierExposure.Runtime,
  { inliers, outliers, steps }: { inliers: number; outliers: number; steps: number },
): Promise<number> {
  const { loop, feeds } = await training(oe, runtime, { inliers, outliers });
  const times: number[] = [];
  for (let i = 0; i < steps; i++) {
    const batch = feeds(i);
    const start = performance.now();
    await loop.step(batch);
    times.push(performance.now() - start);
  }
  await loop.release();
  return times.sort((a, b) => a - b)[steps >> 1]!;
}

/** Losses of steps that are all asked for before the first has ended, and of the same steps one by one. */
export async function overlappingSteps(oe: Package, runtime: OutlierExposure.Runtime): Promise<number[][]> {
  const run = async (overlapping: boolean) => {
    const { loop, feeds } = await training(oe, runtime, { inliers: 10, outliers: 20 });
    const asked: ReturnType<typeof loop.step>[] = [];
    for (let i = 0; i < 5; i++) {
      asked.push(loop.step(feeds(i)));
      if (!overlapping) await asked.at(-1);
    }
    const results = await Promise.all(asked);
    await loop.release();
    return results.map(({ outputs }) => Number(outputs[oe.stepValue('loss')]!.data[0]));
  };
  return [await run(true), await run(false)];
}

async function training(
  oe: Package,
  runtime: OutlierExposure.Runtime,
  batch: { inliers: number; outliers: number },
) {
  const optimizer = oe.sgd({ momentum: 0.9 });
  const step = await oe.compileTrainingStep(oe.convNet({ seed: 3 }), {
    objective: oe.outlierExposure(),
    optimizer,
    batch,
    runtime,
  });
  const loop = await runtime.createLoop(step.model, step.variables);
  const feeds = (number: number): OutlierExposure.Tensors => {
    const { pixels, labels, dropoutSeed } = step.inputs;
    const result: OutlierExposure.Tensors = {
      [pixels]: images(oe.Random.from(7, 'step', number), batch.inliers + batch.outliers),
      [labels]: {
        elementType: 'int64',
        shape: [batch.inliers],
        data: BigInt64Array.from({ length: batch.inliers }, (_, i) => BigInt((i + number) % 10)),
      },
    };
    if (dropoutSeed) {
      result[dropoutSeed] = {
        elementType: 'uint32',
        shape: [],
        data: Uint32Array.of(oe.hashSeed(7, 'dropout', number)),
      };
    }
    for (const [name, value] of Object.entries(optimizer.scalars(0.05, number + 1)))
      result[oe.stepValue(name)] = { elementType: 'float32', shape: [], data: Float32Array.of(value) };
    return result;
  };
  return { loop, feeds, step };
}

function images(random: OutlierExposure.Random, count: number): OutlierExposure.TensorData {
  const data = Float32Array.from({ length: count * 784 }, () => random.uniform());
  return { elementType: 'float32', shape: [count, 1, 28, 28], data };
}

function numbers(values: Float32Array): number[] {
  return [...values];
}
