/** Losses and times of a training run, as progress and history. */
import { OutlierExposureError } from '../errors.ts';
import type { Tensors } from '../runtime/runtime.ts';
import type { MeterState } from './checkpoint.ts';
import type { TrainOptions } from './options.ts';
import type { EpochRecord } from './progress.ts';
import { stepValue } from './step.ts';

type MeterOptions = Pick<TrainOptions, 'epochs' | 'batch' | 'onProgress'>;

/** Turns the losses that come back into progress and history. */
export class Meter {
  readonly history: EpochRecord[];
  readonly #options: MeterOptions;
  readonly #stepsPerEpoch: number;
  /** When the run, or its epoch, would have begun had it not been broken off. */
  readonly #start: number;
  #epochStart: number;
  #sums: Record<string, number>;
  #averages: Record<string, number> | undefined;

  constructor(options: MeterOptions, stepsPerEpoch: number, kept?: MeterState) {
    this.#options = options;
    this.#stepsPerEpoch = stepsPerEpoch;
    this.history = [...(kept?.history ?? [])];
    this.#sums = { ...kept?.sums };
    this.#averages = kept && Object.keys(kept.averages).length > 0 ? { ...kept.averages } : undefined;
    this.#start = performance.now() - 1000 * (kept?.seconds ?? 0);
    this.#epochStart = performance.now() - 1000 * (kept?.epochSeconds ?? 0);
  }

  get seconds(): number {
    return (performance.now() - this.#start) / 1000;
  }

  state(idleSeconds: number): MeterState {
    return {
      history: [...this.history],
      sums: { ...this.#sums },
      averages: { ...this.#averages },
      seconds: this.seconds,
      epochSeconds: (performance.now() - this.#epochStart) / 1000,
      idleSeconds,
    };
  }

  /** @param step counted from 1 over all epochs */
  record(step: number, outputs: Tensors): void {
    const { epochs, batch, onProgress } = this.#options;
    const losses = Object.fromEntries(
      Object.entries(outputs).map(([name, tensor]) => [
        name.slice(stepValue('').length),
        Number(tensor.data[0]),
      ]),
    );
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
      epoch: Math.ceil(step / this.#stepsPerEpoch),
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
    this.#epochStart = performance.now();
    this.#sums = {};
  }
}
