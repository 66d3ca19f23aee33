/** The queue before workers that are made up. */
import { describe, expect, it } from 'vitest';
import { createPool, type PoolEvent, type PoolOptions } from './pool.ts';
import type { CheckedItem, CheckItem } from './protocol.ts';
import { type GuardWorker, WorkerDied } from './worker-process.ts';

const verdict = (item: CheckItem): CheckedItem => ({
  label: (item as string).length,
  confidence: 1,
  anomalyScore: -1,
  isOutlier: false,
});

/** A worker that notes its batches, answers them when it may, and dies of some items. */
function madeUp({
  deadly = '-',
  until = Promise.resolve(),
}: {
  deadly?: string;
  until?: Promise<void>;
} = {}) {
  const batches: CheckItem[][] = [];
  let started = 0;
  const start = (): GuardWorker => {
    started++;
    let die!: () => void;
    const ended = new Promise<void>((resolve) => {
      die = resolve;
    });
    let last: Promise<unknown> = until;
    let dead = false;
    return {
      pid: started,
      ready: Promise.resolve(),
      ended,
      run(items) {
        batches.push(items);
        const run = last.then(() => {
          if (!dead && items.includes(deadly)) {
            dead = true;
            setImmediate(die);
          }
          if (dead) throw new WorkerDied();
          return items.map(verdict);
        });
        last = run.catch(() => {});
        return run;
      },
      kill: () => die(),
      close: async () => die(),
    };
  };
  return { start, batches, started: () => started };
}

const events: PoolEvent[] = [];
const base = {
  workers: 1,
  batch: 4,
  batchWait: 0,
  stuckAfter: 10_000,
  onEvent: (event: PoolEvent) => events.push(event),
};
const pool = (options: Partial<PoolOptions> & Pick<PoolOptions, 'start'>) =>
  createPool({ ...base, ...options });

describe('the queue', () => {
  it('makes batches, in order, none larger than it may be', async () => {
    const worker = madeUp();
    const queue = pool(worker);
    await queue.ready;
    const jobs = ['a', 'bb', 'ccc', 'dddd', 'eeeee'].map((item) => queue.submit(item));
    const labels = await Promise.all(jobs.map(async ({ result }) => (await result) as { label: number }));
    expect(labels.map(({ label }) => label)).toEqual([1, 2, 3, 4, 5]);
    expect(worker.batches).toEqual([['a', 'bb', 'ccc', 'dddd'], ['eeeee']]);
    expect(queue.rate).toBeGreaterThan(0);
    await queue.close();
  });
  it('lets an item of which a worker dies kill three, alone, and loses none of the others', async () => {
    const worker = madeUp({ deadly: 'poison' });
    const queue = pool(worker);
    await queue.ready;
    const jobs = ['a', 'poison', 'bb', 'ccc', 'dddd'].map((item) => queue.submit(item));
    const results = await Promise.all(jobs.map(({ result }) => result));
    expect(results.map((result) => ('error' in result ? result.error.code : result.label))).toEqual([
      1,
      'unavailable',
      2,
      3,
      4,
    ]);
    expect(worker.batches.filter((items) => items.includes('poison')).map(({ length }) => length)).toEqual([
      4, 1, 1,
    ]);
    expect(worker.started()).toBe(4);
    await queue.close();
  });
  it('forgets what nobody waits for', async () => {
    let open!: () => void;
    const worker = madeUp({
      until: new Promise((resolve) => {
        open = resolve;
      }),
    });
    const queue = pool({ ...worker, batch: 1 });
    await queue.ready;
    const jobs = ['a', 'b', 'c'].map((item) => queue.submit(item));
    expect(jobs.map(({ running }) => running)).toEqual([true, true, false]);
    jobs[2]!.cancel();
    expect(queue.waiting).toBe(0);
    expect(await jobs[2]!.result).toMatchObject({ error: { code: 'unavailable' } });
    open();
    await queue.close();
    expect(worker.batches).toEqual([['a'], ['b']]);
  });
  it('answers everything before it closes, without waiting for more', async () => {
    const worker = madeUp();
    const queue = pool({ ...worker, batchWait: 60_000 });
    await queue.ready;
    const job = queue.submit('abc');
    await queue.close();
    expect(await job.result).toMatchObject({ label: 3 });
  });
  it('is not ready when a worker cannot load the model', async () => {
    const { start } = madeUp();
    const queue = pool({ start: () => ({ ...start(), ready: Promise.reject(new Error('no model')) }) });
    await expect(queue.ready).rejects.toThrow('no model');
    expect(queue.alive).toBe(false);
    expect(events).toContainEqual({ kind: 'failed', message: 'no model' });
    await queue.close();
  });
});
