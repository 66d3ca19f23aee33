/** Learning rates over the course of training. */

/** The learning rate of a step, counted from 1. */
export type Schedule = (step: number) => number;

export function constantSchedule(learningRate: number): Schedule {
  return () => learningRate;
}

/**
 * Half a cosine from `peak` down to `floor` over all steps, by step, as the paper's code has it:
 * floor + (peak − floor) · ½(1 + cos(π · step / steps)). Its scheduler moves before the first update, so that
 * the first step is step 1 and the last one runs at `floor`.
 */
export function cosineSchedule({
  peak,
  steps,
  floor = 1e-6,
}: {
  peak: number;
  steps: number;
  floor?: number;
}): Schedule {
  return (step) => floor + (peak - floor) * 0.5 * (1 + Math.cos((Math.PI * step) / steps));
}

/**
 * Half a cosine from `peak` down, epoch by epoch: peak · ½(1 + cos(π · e / epochs)) in epoch e, counted from 0. It is
 * PyTorch's `CosineAnnealingLR(T_max = epochs)`, moved on after each epoch, with which the paper's code trains on texts:
 * the first epoch runs at `peak`, and the last one well above 0.
 */
export function cosineByEpoch({
  peak,
  epochs,
  stepsPerEpoch,
}: {
  peak: number;
  epochs: number;
  stepsPerEpoch: number;
}): Schedule {
  return (step) => {
    const epoch = Math.floor((step - 1) / stepsPerEpoch);
    return peak * 0.5 * (1 + Math.cos((Math.PI * epoch) / epochs));
  };
}

export interface FallingOptions {
  /** At the start. */
  rate: number;
  /** What the rate is multiplied with at each fall. */
  factor: number;
  /** Behind which shares of the steps it falls, each in (0, 1). */
  behind: readonly number[];
  /** Of the whole training. */
  steps: number;
}

/**
 * A rate that falls in steps: rate · factor^f where f of the shares lie behind. DeVries & Taylor (2018) train with a factor of
 * 0.2 behind 0.3, 0.6 and 0.8 of 200 epochs, Lee et al. (2018) with 0.1 behind 0.6 of 100.
 */
export function fallingSchedule({ rate, factor, behind, steps }: FallingOptions): Schedule {
  return (step) => rate * factor ** behind.filter((share) => step > share * steps).length;
}
