/** Batches on their way to the runtime and back. */
import type { Loop, StepResult, Tensors } from '../runtime/runtime.ts';
import type { Feeder } from './feeder.ts';

/** Keeps the runtime busy: the next batch is handed over while it works on the last one. */
export class Pipeline {
  readonly #loop: Loop;
  readonly #pending: Promise<StepResult>[] = [];
  #unfinished = 0;
  #idleSince = performance.now();
  #idle: number;

  constructor(loop: Loop, idleSeconds = 0) {
    this.#loop = loop;
    this.#idle = 1000 * idleSeconds;
  }

  get inFlight(): number {
    return this.#pending.length;
  }

  get idleSeconds(): number {
    return this.#idle / 1000;
  }

  /** @param program of the loop; its own unless given */
  submit(feeds: Tensors, program?: string): void {
    const running = this.#unfinished === 0;
    if (running) this.#idle += performance.now() - this.#idleSince;
    this.#unfinished++;
    const result = this.#loop.step(feeds, program).finally(() => {
      if (--this.#unfinished === 0) this.#idleSince = performance.now();
    });
    // A failure is reported when it is collected; until then it must not count as unhandled.
    result.catch(() => {});
    this.#pending.push(result);
  }

  async collect(feeder: Feeder): Promise<Tensors> {
    const { outputs, feeds } = await this.#pending.shift()!;
    feeder.recycle(feeds);
    return outputs;
  }

  /** Waits for what was handed over, whatever became of it. */
  async settle(): Promise<void> {
    await Promise.allSettled(this.#pending);
  }
}
