/** The training loop: batches in, steps on the runtime, progress and a model with other weights out. */
import type { ImageSource } from '../data/source.ts';
import { OutlierExposureError } from '../errors.ts';
import type { Objective } from '../objectives/index.ts';
import type { Model, TensorData } from '../onnx/index.ts';
import type { Loop, Runtime, StepResult, Tensors } from '../runtime/index.ts';
import { BatchFeeder } from './batch-feeder.ts';
import type { Optimizer } from './optimizer.ts';
import type { Schedule } from './schedule.ts';
import { compileTrainingStep, stepValue, type TrainingStep } from './step.ts';

export interface TrainOptions {
  /** Labelled examples of what the model is to know. */
  inliers: ImageSource;
  /** D_out^OE; needed when the objective looks at outliers. */
  outliers?: ImageSource | undefined;
  objective: Objective;
  optimizer: Optimizer;
  schedule: Schedule;
  epochs: number;
  /** Examples a step: in-distribution and outliers, stacked into one forward pass. */
  batch: { inliers: number; outliers: number };
  /** Decides the order of the examples and the dropout masks. */
  seed: number;
  runtime: Runtime;
  signal?: AbortSignal | undefined;
  onProgress?: (progress: TrainProgress) => void;
}

export interface TrainProgress {
  /** Counted from 1. */
  epoch: number;
  epochs: number;
  /** Steps done, of all epochs together. */
  step: number;
  steps: number;
  /** The loss, its parts and the accuracy, each as a moving average that keeps 0.8 of the old value, as the paper's code. */
  losses: Record<string, number>;
  /** Images, inliers and outliers, a second. */
  imagesPerSecond: number;
  remainingSeconds: number;
}

export interface EpochRecord {
  epoch: number;
  /** Means over the epoch's steps. */
  losses: Record<string, number>;
  learningRate: number;
  seconds: number;
}

export interface TrainResult {
  /** The model that went in, with other weights. */
  model: Model;
  history: EpochRecord[];
  seconds: number;
  /** The share of the time, 0 to 1, in which the runtime had no batch to work on. */
  stallShare: number;
}

/** How many batches are on their way to the runtime at once: one it works on, one that waits. */
const IN_FLIGHT = 2;

/**
 * Trains a classifier. The same seed, model, data, machine and number of threads give the same weights.
 *
 * @param model left as it is; the result holds a copy
 * @throws OutlierExposureError `diverged` when the loss stops being a number; the signal's reason when aborted
 */
export async function train(model: Model, options: TrainOptions): Promise<TrainResult> {
  const { runtime, epochs, signal } = options;
  const step = await compileTrainingStep(model, options);
  const feeder = new BatchFeeder(options, step);
  const stepsPerEpoch = feeder.stepsPerEpoch;
  const loop = await runtime.createLoop(step.model, step.variables);
  try {
    const meter = new Meter(options, stepsPerEpoch);
    const pipeline = new Pipeline(loop);
    for (let epoch = 1; epoch <= epochs; epoch++) {
      let done = 0;
      const collect = async () => meter.record(epoch, ++done, await pipeline.collect(feeder));
      meter.startEpoch();
      for await (const feeds of feeder.epoch(epoch)) {
        signal?.throwIfAborted();
        pipeline.submit({
          ...feeds,
          ...scalarFeeds(options, (epoch - 1) * stepsPerEpoch + done + pipeline.inFlight + 1),
        });
        if (pipeline.inFlight >= IN_FLIGHT) await collect();
      }
      while (pipeline.inFlight > 0) await collect();
      meter.endEpoch(epoch, options.schedule(epoch * stepsPerEpoch));
    }
    const trained = withVariables(model, step, await loop.read());
    return {
      model: trained,
      history: meter.history,
      seconds: meter.seconds,
      stallShare: pipeline.idleSeconds / meter.seconds,
    };
  } finally {
    await loop.release();
  }

  function scalarFeeds({ optimizer, schedule }: TrainOptions, number: number): Tensors {
    const feeds: Tensors = {};
    for (const [name, value] of Object.entries(optimizer.scalars(schedule(number), number))) {
      feeds[stepValue(name)] = { elementType: 'float32', shape: [], data: Float32Array.of(value) };
    }
    return feeds;
  }
}

/** Keeps the runtime busy: the next batch is handed over while it works on the last one. */
class Pipeline {
  readonly #loop: Loop;
  readonly #pending: Promise<StepResult>[] = [];
  #idleSince = performance.now();
  #idle = 0;

  constructor(loop: Loop) {
    this.#loop = loop;
  }

  get inFlight(): number {
    return this.#pending.length;
  }

  get idleSeconds(): number {
    return this.#idle / 1000;
  }

  submit(feeds: Tensors): void {
    const running = this.#unfinished === 0;
    if (running) this.#idle += performance.now() - this.#idleSince;
    this.#unfinished++;
    const result = this.#loop.step(feeds).finally(() => {
      if (--this.#unfinished === 0) this.#idleSince = performance.now();
    });
    // A failure is reported when it is collected; until then it must not count as unhandled.
    result.catch(() => {});
    this.#pending.push(result);
  }

  async collect(feeder: BatchFeeder): Promise<Tensors> {
    const { outputs, feeds } = await this.#pending.shift()!;
    feeder.recycle(feeds);
    return outputs;
  }

  #unfinished = 0;
}

/** Turns the losses that come back into progress and history. */
class Meter {
  readonly history: EpochRecord[] = [];
  readonly #options: TrainOptions;
  readonly #stepsPerEpoch: number;
  readonly #start = performance.now();
  #epochStart = 0;
  #sums: Record<string, number> = {};
  #averages: Record<string, number> | undefined;

  constructor(options: TrainOptions, stepsPerEpoch: number) {
    this.#options = options;
    this.#stepsPerEpoch = stepsPerEpoch;
  }

  get seconds(): number {
    return (performance.now() - this.#start) / 1000;
  }

  startEpoch(): void {
    this.#epochStart = performance.now();
    this.#sums = {};
  }

  record(epoch: number, stepInEpoch: number, outputs: Tensors): void {
    const { epochs, batch, onProgress } = this.#options;
    const losses = Object.fromEntries(
      Object.entries(outputs).map(([name, tensor]) => [
        name.slice(stepValue('').length),
        Number(tensor.data[0]),
      ]),
    );
    const step = (epoch - 1) * this.#stepsPerEpoch + stepInEpoch;
    if (!Number.isFinite(losses.loss)) {
      throw new OutlierExposureError(
        'diverged',
        `Training diverged: the loss is ${losses.loss} at step ${step}. Lower the learning rate, or check the data for values that are not numbers.`,
      );
    }
    this.#averages ??= { ...losses };
    for (const [name, value] of Object.entries(losses)) {
      this.#sums[name] = (this.#sums[name] ?? 0) + value;
      this.#averages[name] = 0.8 * this.#averages[name]! + 0.2 * value;
    }
    if (!onProgress) return;
    const seconds = this.seconds;
    const steps = epochs * this.#stepsPerEpoch;
    onProgress({
      epoch,
      epochs,
      step,
      steps,
      losses: { ...this.#averages },
      imagesPerSecond: (step * (batch.inliers + batch.outliers)) / seconds,
      remainingSeconds: (seconds / step) * (steps - step),
    });
  }

  endEpoch(epoch: number, learningRate: number): void {
    const losses = Object.fromEntries(
      Object.entries(this.#sums).map(([name, sum]) => [name, sum / this.#stepsPerEpoch]),
    );
    this.history.push({
      epoch,
      losses,
      learningRate,
      seconds: (performance.now() - this.#epochStart) / 1000,
    });
  }
}

/** The model with its initializers replaced by what training made of them. */
function withVariables(model: Model, step: TrainingStep, values: Record<string, TensorData>): Model {
  const graph = model.graph.clone();
  for (const name of step.parameters) graph.initializers.set(name, values[name]!);
  return { ...model, graph, metadata: new Map(model.metadata), opsets: new Map(model.opsets) };
}
