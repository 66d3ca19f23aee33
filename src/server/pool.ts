/** Items of many requests in one queue, in batches to workers; what a worker leaves undone when it dies goes to others. */
import type { CheckedItem, CheckItem } from './protocol.ts';
import { type GuardWorker, WorkerDied } from './worker-process.ts';

export interface PoolOptions {
  workers: number;
  /** Items that go through the model together, at most. */
  batch: number;
  /** Milliseconds that an item waits for others, at most, while a worker has nothing to do. */
  batchWait: number;
  /** Milliseconds after which a worker that does not answer is ended. */
  stuckAfter: number;
  start(): GuardWorker;
  onEvent(event: PoolEvent): void;
}

export type PoolEvent =
  | { kind: 'batch'; items: number; seconds: number }
  | { kind: 'started'; pid: number | undefined }
  | { kind: 'died'; pid: number | undefined; undone: number }
  | { kind: 'failed'; message: string };

/** An item on its way. */
export interface Job {
  readonly item: CheckItem;
  readonly result: Promise<CheckedItem>;
  /** Whether a worker has it. */
  readonly running: boolean;
  /** Nobody waits for it any more: while it is in the queue, it leaves it. */
  cancel(): void;
}

export interface Pool {
  /** Settled when all workers have loaded the model, or one cannot. */
  readonly ready: Promise<void>;
  /** Whether a worker could take an item now. */
  readonly alive: boolean;
  /** Items in the queue. */
  readonly waiting: number;
  /** Items a second, as they went lately; NaN before the first. */
  readonly rate: number;
  submit(item: CheckItem): Job;
  /** Answers what was submitted, then ends the workers. */
  close(): Promise<void>;
}

interface Entry extends Job {
  resolve(result: CheckedItem): void;
  cancelled: boolean;
  running: boolean;
  /** Workers that died, or models that failed, over it. */
  failures: number;
  since: number;
}

interface Slot {
  worker: GuardWorker | undefined;
  ready: boolean;
  running: Set<Entry[]>;
  /** What it was working on when it died. */
  culprit: Entry[] | undefined;
  /** Items that it left undone. */
  undone: number;
  /** Deaths since it last did something. */
  deaths: number;
}

/** One batch is worked on, and one waits at the worker's door. */
const DEPTH = 2;
const MAX_FAILURES = 3;
const LONGEST_PAUSE = 5000;

export function createPool(options: PoolOptions): Pool {
  const { batch, batchWait, stuckAfter, start, onEvent } = options;
  const queue: Entry[] = [];
  const slots: Slot[] = Array.from({ length: options.workers }, () => ({
    worker: undefined,
    ready: false,
    running: new Set(),
    culprit: undefined,
    undone: 0,
    deaths: 0,
  }));
  let closing = false;
  let rate = Number.NaN;
  let timer: NodeJS.Timeout | undefined;
  let whenIdle: (() => void) | undefined;

  const begin = (slot: Slot): Promise<void> => {
    const worker = start();
    Object.assign(slot, { worker, culprit: undefined, undone: 0 });
    onEvent({ kind: 'started', pid: worker.pid });
    worker.ready.then(
      () => {
        slot.ready = true;
        dispatch();
      },
      (error: Error) => {
        onEvent({ kind: 'failed', message: error.message });
        worker.kill();
      },
    );
    void worker.ended.then(() => {
      const { undone } = slot;
      slot.worker = undefined;
      slot.ready = false;
      if (closing && queue.length === 0 && undone === 0) return;
      onEvent({ kind: 'died', pid: worker.pid, undone });
      // At once the first time; a model that kills its worker again and again is given pauses.
      const pause = slot.deaths === 0 ? 0 : Math.min(LONGEST_PAUSE, 100 * 2 ** slot.deaths);
      slot.deaths++;
      setTimeout(() => {
        if (!closing || queue.length > 0) void begin(slot);
      }, pause).unref();
    });
    return worker.ready;
  };

  /** The first of the queue, up to a batch; what a worker died over goes by itself. */
  const take = (): Entry[] => {
    const [first] = queue;
    if (first!.failures > 0) return queue.splice(0, 1);
    let count = 1;
    while (count < batch && count < queue.length && queue[count]!.failures === 0) count++;
    return queue.splice(0, count);
  };

  const dispatch = (): void => {
    clearTimeout(timer);
    while (queue.length > 0) {
      const free = slots
        .filter((slot) => slot.ready && slot.running.size < DEPTH)
        .sort((a, b) => a.running.size - b.running.size)[0];
      if (!free) return;
      const waited = performance.now() - queue[0]!.since;
      const full = queue.length >= batch || queue[0]!.failures > 0;
      if (!full && free.running.size > 0) return;
      if (!full && waited < batchWait && !closing) {
        timer = setTimeout(dispatch, Math.max(1, batchWait - waited));
        return;
      }
      void send(free, take());
    }
  };

  const send = async (slot: Slot, entries: Entry[]): Promise<void> => {
    slot.running.add(entries);
    for (const entry of entries) entry.running = true;
    const worker = slot.worker!;
    const began = performance.now();
    const stuck = setTimeout(() => worker.kill(), stuckAfter * DEPTH);
    try {
      const results = await worker.run(entries.map(({ item }) => item));
      const seconds = (performance.now() - began) / 1000;
      slot.deaths = 0;
      const now = entries.length / seconds;
      rate = Number.isNaN(rate) ? now : 0.8 * rate + 0.2 * now;
      onEvent({ kind: 'batch', items: entries.length, seconds });
      for (const [i, entry] of entries.entries()) entry.resolve(results[i]!);
    } catch (error) {
      if (error instanceof WorkerDied) {
        slot.ready = false;
        slot.undone += entries.length;
        // The first batch is what it was working on; the second had only been handed over.
        slot.culprit ??= slot.running.values().next().value;
        again(entries, slot.culprit === entries ? 1 : 0);
      } else {
        onEvent({ kind: 'failed', message: (error as Error).message });
        again(entries, 1);
      }
    } finally {
      clearTimeout(stuck);
      slot.running.delete(entries);
      dispatch();
      if (isIdle()) whenIdle?.();
    }
  };

  /** Back to the front of the queue, unless nobody waits or it has done enough damage. */
  const again = (entries: Entry[], failures: number): void => {
    const back: Entry[] = [];
    for (const entry of entries) {
      entry.failures += failures;
      entry.running = false;
      if (!entry.cancelled && entry.failures < MAX_FAILURES) back.push(entry);
      else
        entry.resolve({
          error: {
            code: 'unavailable',
            message: 'This could not be checked: the model failed on it again and again.',
          },
        });
    }
    queue.unshift(...back);
  };

  const isIdle = () => queue.length === 0 && slots.every(({ running }) => running.size === 0);
  const ready = Promise.all(slots.map(begin)).then(() => {});
  ready.catch(() => {});

  return {
    ready,
    get alive() {
      return slots.some((slot) => slot.ready);
    },
    get waiting() {
      return queue.length;
    },
    get rate() {
      return rate * options.workers;
    },
    submit(item) {
      let resolve!: (result: CheckedItem) => void;
      const result = new Promise<CheckedItem>((settle) => {
        resolve = settle;
      });
      const entry: Entry = {
        item,
        result,
        resolve,
        cancelled: false,
        running: false,
        failures: 0,
        since: performance.now(),
        cancel() {
          entry.cancelled = true;
          const at = entry.running ? -1 : queue.indexOf(entry);
          if (at < 0) return;
          queue.splice(at, 1);
          resolve({ error: { code: 'unavailable', message: 'Nobody waits for this any more.' } });
        },
      };
      queue.push(entry);
      // After those that are submitted with it.
      if (queue.length >= batch) dispatch();
      else if (queue.length === 1) setImmediate(dispatch);
      return entry;
    },
    async close() {
      closing = true;
      dispatch();
      if (!isIdle())
        await new Promise<void>((resolve) => {
          whenIdle = resolve;
        });
      await Promise.all(slots.map(({ worker }) => worker?.close()));
    },
  };
}
