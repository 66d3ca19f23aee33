/** Where a search within a budget is, and how long it will take. */
import type { TrainProgress } from '../training/progress.ts';
import type { BudgetProgress } from './options.ts';

/** Models that are measured on a line, about. */
const MEASURED_A_RUN = 6;

/** Turns the progress of single trainings and measurements into that of the whole search. */
export class BudgetClock {
  readonly #runs: number;
  readonly #tell: ((progress: BudgetProgress) => void) | undefined;
  /** Seconds of one measurement and of one training, as far as is known. */
  #measurement = 0;
  #training: number | undefined;
  #measuringSince = 0;
  #tuningSince: { run: number; at: number } | undefined;

  constructor(runs: number, tell: ((progress: BudgetProgress) => void) | undefined) {
    this.#runs = runs;
    this.#tell = tell;
  }

  measuring(run: number, done: number, total: number): void {
    const now = performance.now();
    if (this.#measuringSince === 0) this.#measuringSince = now;
    if (done === total) {
      this.#measurement = (now - this.#measuringSince) / 1000;
      this.#measuringSince = 0;
    }
    this.#tell?.({
      stage: 'measure',
      run,
      runs: this.#runs,
      done,
      total,
      ...(this.#training === undefined ? {} : { remainingSeconds: this.#after(run) + this.#measurement }),
    });
  }

  tuning(run: number, progress: TrainProgress): void {
    const now = performance.now();
    const { epoch, epochs, step, steps, losses, imagesPerSecond, remainingSeconds } = progress;
    if (this.#tuningSince?.run !== run) this.#tuningSince = { run, at: now };
    this.#training ??= 0;
    // The first training stands for those that follow; a resumed one may have done most of it before.
    const elapsed = (now - this.#tuningSince.at) / 1000;
    this.#training = Math.max(this.#training, elapsed + remainingSeconds);
    this.#tell?.({
      stage: 'tune',
      run,
      runs: this.#runs,
      done: step,
      total: steps,
      epoch,
      epochs,
      losses,
      imagesPerSecond,
      remainingSeconds: remainingSeconds + MEASURED_A_RUN * this.#measurement + this.#after(run),
    });
  }

  /** Seconds of the runs that follow one. */
  #after(run: number): number {
    return (this.#runs - run) * ((this.#training ?? 0) + MEASURED_A_RUN * this.#measurement);
  }
}
