/** The worker thread's entry: ONNX Runtime behind the message port. Node only. */
import { parentPort, workerData } from 'node:worker_threads';
import * as onnxruntime from 'onnxruntime-node';
import { localRuntime } from './local.ts';
import { type SessionThreads, sessionThreads } from './session-threads.ts';
import { serveRuntime } from './worker-protocol.ts';

const port = parentPort;
if (!port) throw new Error('node-worker is started by nodeRuntime(), not by hand.');
serveRuntime(
  {
    post: (message, transfer) => port.postMessage(message, transfer),
    onMessage: (listener) => port.on('message', listener),
  },
  localRuntime(onnxruntime, sessionThreads(workerData as SessionThreads)),
);
