/** A worker as the server sees it: a process of its own, so that whatever ends it ends it alone. */
import { fork } from 'node:child_process';
import { OutlierExposureError } from '../errors.ts';
import { packItems } from './packing.ts';
import type { CheckedItem, CheckItem, WorkerReply, WorkerRequest, WorkerSetup } from './protocol.ts';

export interface GuardWorker {
  readonly pid: number | undefined;
  /** Settled once the model is loaded, or cannot be. */
  readonly ready: Promise<void>;
  /** Settled when the process has ended, for whatever reason. */
  readonly ended: Promise<void>;
  /** Checks items together. @throws when the worker dies first, or its model fails */
  run(items: CheckItem[]): Promise<CheckedItem[]>;
  /** Ends it at once. */
  kill(): void;
  /** Ends it when it has nothing to do any more. */
  close(): Promise<void>;
}

/** What a run is rejected with when its worker is gone: others can take its items. */
export class WorkerDied extends Error {}

export function startWorker(setup: WorkerSetup): GuardWorker {
  const child = fork(new URL('./worker.js', import.meta.url), {
    serialization: 'advanced',
    // Some of the process's own flags keep a child from starting.
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const waiting = new Map<number, { resolve(results: CheckedItem[]): void; reject(error: Error): void }>();
  let ids = 0;
  let gone = false;
  const ready = new Promise<void>((resolve, reject) => {
    child.on('message', (message) => {
      const reply = message as WorkerReply;
      if (reply.kind === 'ready') return resolve();
      if (reply.kind === 'failed') return reject(new OutlierExposureError(reply.code, reply.message));
      const asked = waiting.get(reply.id);
      waiting.delete(reply.id);
      if (reply.kind === 'checked') asked?.resolve(reply.results);
      else asked?.reject(new Error(reply.message));
    });
    child.once('exit', () =>
      reject(new OutlierExposureError('io', 'A worker ended before it had loaded the model.')),
    );
  });
  // Whoever is interested awaits it.
  ready.catch(() => {});
  const ended = new Promise<void>((resolve) => {
    const end = () => {
      gone = true;
      for (const { reject } of waiting.values()) reject(new WorkerDied('The worker has ended.'));
      waiting.clear();
      resolve();
    };
    child.once('exit', end);
    child.on('error', () => {
      if (child.pid === undefined) end();
    });
  });
  // A message that cannot be sent any more: the end of the process tells the rest.
  child.send(setup, () => {});
  return {
    pid: child.pid,
    ready,
    ended,
    run(items) {
      return new Promise((resolve, reject) => {
        if (gone || !child.connected) return reject(new WorkerDied('The worker has ended.'));
        const id = ++ids;
        waiting.set(id, { resolve, reject });
        child.send({ id, packed: packItems(items) } satisfies WorkerRequest, () => {});
      });
    },
    kill() {
      child.kill('SIGKILL');
    },
    async close() {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}
