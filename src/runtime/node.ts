/** ONNX Runtime in Node: natively, in a worker thread by default. Node only. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { OutlierExposureError } from '../errors.ts';
import { localRuntime } from './local.ts';
import type { Runtime } from './runtime.ts';
import { sessionThreads } from './session-threads.ts';
import { type Port, remoteRuntime } from './worker-protocol.ts';

export interface NodeRuntimeOptions {
  /** Threads for one operator. Default: all processors. Sums depend on it in their last bits. */
  threads?: number;
  /** `'worker'` (default) keeps the caller's event loop alive while models run; `'here'` saves the hop for tests and scripts. */
  place?: 'worker' | 'here';
  /**
   * What threads do while they wait for each other or for work: `'sleep'` (default), after 50 µs, leaves the processors to
   * others, the program's own threads among them; `'spin'` is ONNX Runtime's way. Results are the same.
   */
  whileIdle?: 'spin' | 'sleep';
}

/** Starts ONNX Runtime. Call `dispose()` at the end: the worker keeps the process alive. */
export async function nodeRuntime({
  threads = availableParallelism(),
  place = 'worker',
  whileIdle = 'sleep',
}: NodeRuntimeOptions = {}): Promise<Runtime> {
  if (place === 'here')
    return localRuntime(await import('onnxruntime-node'), sessionThreads({ threads, whileIdle }));
  const worker = new Worker(new URL('./node-worker.js', import.meta.url), {
    workerData: { threads, whileIdle },
    // Some of the process's own flags, --input-type among them, keep a worker from starting.
    execArgv: [],
  });
  const port: Port = {
    post: (message, transfer) => worker.postMessage(message, transfer),
    onMessage: (listener) => worker.on('message', listener),
  };
  const runtime = remoteRuntime(port, async (idle) => {
    // Ended in the middle of ONNX Runtime's native code, the worker would take the process with it.
    await idle();
    await worker.terminate();
  });
  worker.on('error', (error) => runtime.fail(error));
  worker.on('exit', () =>
    runtime.fail(new OutlierExposureError('io', 'The worker that runs ONNX Runtime has ended.')),
  );
  return runtime;
}
