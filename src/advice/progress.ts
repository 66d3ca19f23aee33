/** Where advice is, and how long it will take. */
import type { AdviceProgress } from './options.ts';

/** Tells the progress of stages, and the time that is left for all tunings together. */
export class AdviceClock {
  readonly #tunings: number;
  readonly #tell: ((progress: AdviceProgress) => void) | undefined;
  #done = 0;
  #since = performance.now();

  /** @param tunings how many there will be */
  constructor(tunings: number, tell: ((progress: AdviceProgress) => void) | undefined) {
    this.#tunings = tunings;
    this.#tell = tell;
  }

  stage(stage: string, done: number, total: number): void {
    this.#tell?.({ stage, done, total });
  }

  /** The tunings begin. */
  restart(): void {
    this.#done = 0;
    this.#since = performance.now();
  }

  /** So many more tunings are done. */
  tuned(count: number): void {
    this.#done += count;
  }

  /**
   * What to tell of the steps of a stage.
   *
   * @param tunings how many the stage has
   */
  steps(stage: string, tunings: number): (done: number, total: number) => void {
    return (done, total) => {
      const tuned = this.#done + (tunings * done) / total;
      // Before the first tuning is done, its steps say nothing of what loading and measuring take.
      if (tuned < 1) this.stage(stage, done, total);
      else {
        const each = (performance.now() - this.#since) / 1000 / tuned;
        this.#tell?.({ stage, done, total, remainingSeconds: Math.max(0, each * (this.#tunings - tuned)) });
      }
    };
  }
}
