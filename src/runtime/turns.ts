/** One call after the other. */
import { released } from './runtime.ts';

/** Carries out calls one after the other, until the last of them closes it. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  take<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(released());
    const result = this.#last.then(work);
    this.#last = result.catch(() => {});
    return result;
  }

  close(work: () => Promise<void>): Promise<void> {
    const result = this.take(work);
    this.#closed = true;
    return result;
  }
}
