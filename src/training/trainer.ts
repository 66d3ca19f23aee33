/** The training loop: batches in, steps on the runtime, progress and a model with other weights out. */
import { OutlierExposureError } from '../errors.ts';
import { type Model, type TensorData, withWeights } from '../onnx/index.ts';
import type { LoopVariable, Tensors } from '../runtime/runtime.ts';
import { Meter } from './meter.ts';
import type { TrainOptions } from './options.ts';
import { Pipeline } from './pipeline.ts';
import { type Programs, programsFor } from './programs.ts';
import type { EpochRecord } from './progress.ts';
import { stepValue } from './step.ts';

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

/** How often a checkpoint is kept, unless told otherwise: seldom enough not to be felt. */
const CHECKPOINT_SECONDS = 10;

/**
 * Trains a classifier. The same seed, model, data, machine and number of threads give the same weights, whether the
 * run was unbroken or went on from checkpoints.
 *
 * @param model left as it is; the result holds a copy
 * @throws OutlierExposureError `diverged` when the loss stops being a number; the signal's reason when aborted
 */
export async function train(model: Model, options: TrainOptions): Promise<TrainResult> {
  checkStart(options);
  const programs = await programsFor(model, options);
  const { variables, ...rest } = await runPrograms(programs, options);
  const trained = new Map(programs.first.parameters.map((name) => [name, name]));
  return { model: withVariables(model, trained, variables), ...rest };
}

/** What goes along with a run and keeps tensors of its own in the run's checkpoints. */
export interface Companion {
  /** What {@link Companion.save} gave when the checkpoint was kept that the run goes on from. */
  load(kept: Tensors): void;
  save(): Tensors;
  /** @param variables of the loop at the epoch's end */
  endEpoch(epoch: number, variables: Tensors): Promise<void>;
}

/** What {@link runPrograms} is told. */
export interface RunOptions
  extends Pick<
    TrainOptions,
    'epochs' | 'batch' | 'schedule' | 'runtime' | 'signal' | 'onProgress' | 'checkpoints'
  > {
  /** The numbers fed at a step, counted from 1, by the names that {@link stepValue} takes. */
  scalars?(step: number): Record<string, number>;
  companion?: Companion | undefined;
}

/** @throws OutlierExposureError `invalid-argument` for epochs that are no whole number; the signal's reason when aborted */
export function checkStart({ epochs, signal }: Pick<RunOptions, 'epochs' | 'signal'>): void {
  if (!Number.isInteger(epochs) || epochs < 0) {
    throw new OutlierExposureError('invalid-argument', `epochs is ${epochs}, but it must be a whole number.`);
  }
  signal?.throwIfAborted();
}

/** Runs what was compiled, whatever it trains; gives the variables as the last step left them. */
export async function runPrograms(
  { first: compiled, feeder, programFor }: Programs,
  options: RunOptions & Partial<Pick<TrainOptions, 'optimizer'>>,
): Promise<Omit<TrainResult, 'model'> & { variables: Tensors }> {
  const { runtime, epochs, signal, checkpoints, companion } = options;
  const { stepsPerEpoch } = feeder;
  const kept = await checkpoints?.store.load();
  const loop = await runtime.createLoop(
    compiled.model,
    kept ? resumed(compiled.variables, kept.variables) : compiled.variables,
  );
  const pipeline = new Pipeline(loop, kept?.meter.idleSeconds);
  const meter = new Meter(options, stepsPerEpoch, kept?.meter);
  let done = kept?.step ?? 0;
  // A checkpoint between an epoch's last step and its record lacks the record.
  const epochsDone = Math.floor(done / stepsPerEpoch);
  companion?.load(kept?.variables ?? {});
  if (done % stepsPerEpoch === 0 && meter.history.length < epochsDone) {
    meter.endEpoch(epochsDone, options.schedule(done));
    await companion?.endEpoch(epochsDone, kept!.variables);
  }
  const collect = async () => meter.record(++done, await pipeline.collect(feeder));
  const drain = async () => {
    while (pipeline.inFlight > 0) await collect();
  };
  const save = async () => {
    await drain();
    await checkpoints?.store.save({
      step: done,
      variables: { ...(await loop.read()), ...companion?.save() },
      meter: meter.state(pipeline.idleSeconds),
    });
  };
  let saved = performance.now();
  const everyMilliseconds = 1000 * (checkpoints?.everySeconds ?? CHECKPOINT_SECONDS);
  try {
    while (done < epochs * stepsPerEpoch) {
      const epoch = Math.floor(done / stepsPerEpoch) + 1;
      for await (const { feeds, lengths } of feeder.epoch(epoch, done % stepsPerEpoch)) {
        if (signal?.aborted) {
          await save();
          throw signal.reason;
        }
        const program = await programFor(loop, lengths);
        pipeline.submit({ ...feeds, ...scalarFeeds(options, done + pipeline.inFlight + 1) }, program);
        if (pipeline.inFlight >= IN_FLIGHT) await collect();
        if (checkpoints && performance.now() - saved > everyMilliseconds) {
          await save();
          saved = performance.now();
        }
      }
      await drain();
      meter.endEpoch(epoch, options.schedule(epoch * stepsPerEpoch));
      if (companion) await companion.endEpoch(epoch, await loop.read());
    }
    if (checkpoints && done !== kept?.step) await save();
    return {
      variables: await loop.read(),
      history: meter.history,
      seconds: meter.seconds,
      stallShare: pipeline.idleSeconds / meter.seconds,
    };
  } finally {
    await pipeline.settle();
    await loop.release();
  }
}

function scalarFeeds(
  { optimizer, schedule, scalars }: Pick<RunOptions, 'schedule' | 'scalars'> & Partial<TrainOptions>,
  step: number,
): Tensors {
  const feeds: Tensors = {};
  const values = scalars?.(step) ?? optimizer?.scalars(schedule(step), step) ?? {};
  for (const [name, value] of Object.entries(values)) {
    feeds[stepValue(name)] = { elementType: 'float32', shape: [], data: Float32Array.of(value) };
  }
  return feeds;
}

/** The loop's variables with the values of a checkpoint. */
function resumed(variables: readonly LoopVariable[], values: Tensors): LoopVariable[] {
  return variables.map((variable) => {
    const value = values[variable.input];
    if (
      value?.elementType !== variable.initial.elementType ||
      String(value.shape) !== String(variable.initial.shape)
    ) {
      throw new OutlierExposureError(
        'invalid-file',
        `The checkpoint does not fit the model: "${variable.input}" should have the shape [${variable.initial.shape.join(', ')}]. Delete it to start over.`,
      );
    }
    return { ...variable, initial: value };
  });
}

/**
 * The model with its initializers replaced by what training made of them.
 *
 * @param parameters by initializer: the variable that holds it
 */
export function withVariables(model: Model, parameters: ReadonlyMap<string, string>, values: Tensors): Model {
  const trained = new Map<string, TensorData>();
  for (const [name, variable] of parameters) {
    const value = values[variable]!;
    // No loss has seen what the last step made.
    if (!(value.data as Float32Array).every(Number.isFinite)) {
      throw new OutlierExposureError(
        'diverged',
        `Training diverged in its last step: "${name}" holds values that are no finite numbers. Lower the learning rate, or check the data for values that are not numbers.`,
      );
    }
    trained.set(name, value);
  }
  return withWeights(model, trained);
}
