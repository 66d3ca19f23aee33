/** ONNX Runtime in the browser: WebAssembly or WebGPU, in a worker by default. */
import { OutlierExposureError } from '../errors.ts';
import type { Runtime } from './runtime.ts';
import { startHere, type WasmPaths, type WebDevice, type WebSettings } from './web-local.ts';
import type { Started } from './web-worker.ts';
import { type Port, remoteRuntime } from './worker-protocol.ts';

export interface WebRuntimeOptions {
  /**
   * `'wasm'` (default) runs on the processor. `'webgpu'` needs a browser and a machine that have it; what its kernels
   * lack runs on the processor.
   */
  device?: WebDevice;
  /**
   * Threads for one operator, on `'wasm'`. Default: all processors, up to 4. Always 1 where the page is not
   * `crossOriginIsolated`, and with `place: 'here'` unless `wasmPaths` says where onnxruntime-web's own module is,
   * for threads to load.
   */
  threads?: number;
  /**
   * `'worker'` keeps the page responsive while models run; `'here'` runs in the calling thread, for pages that are
   * in a worker already. Default: a worker, or here where none can be started.
   */
  place?: 'worker' | 'here';
  /** Where the files of onnxruntime-web are served: a folder's URL, or one URL a file. Default: beside the bundle. */
  wasmPaths?: WasmPaths;
}

/** A runtime, and what became of the options. */
export interface WebRuntime extends Runtime {
  readonly device: WebDevice;
  readonly threads: number;
  readonly place: 'worker' | 'here';
}

/**
 * Starts ONNX Runtime in a browser. It needs the package `onnxruntime-web`.
 *
 * @throws OutlierExposureError `unsupported` where there is no WebGPU, no worker (when `place` asks for one) or no
 * WebAssembly; `not-found` where onnxruntime-web is not installed
 */
export async function webRuntime(options: WebRuntimeOptions = {}): Promise<WebRuntime> {
  const { device = 'wasm', threads, place, wasmPaths } = options;
  if (device !== 'wasm' && device !== 'webgpu') {
    throw new OutlierExposureError(
      'invalid-argument',
      `webRuntime runs on device 'wasm' or 'webgpu', not "${device}".`,
    );
  }
  if (threads !== undefined && !(Number.isInteger(threads) && threads >= 1)) {
    throw new OutlierExposureError(
      'invalid-argument',
      `threads is ${threads}, but it must be a whole number of 1 or more.`,
    );
  }
  const settings: WebSettings = { device, threads, wasmPaths: absolute(wasmPaths) };
  if (place !== 'here') {
    try {
      const worker = await startWorker();
      return { ...(await startIn(worker, settings)), device, place: 'worker' };
    } catch (error) {
      if (place === 'worker' || !(error instanceof NoWorker)) throw error;
    }
  }
  const started = await startHere(settings, { ownFile: false });
  return { ...started.runtime, threads: started.threads, device, place: 'here' };
}

/** That no worker can be had, as opposed to one that cannot start ONNX Runtime. */
class NoWorker extends OutlierExposureError {
  constructor(reason: string, cause?: unknown) {
    super(
      'unsupported',
      `No worker can be started here (${reason}): choose place: 'here', which blocks this thread while models run.`,
      { cause },
    );
  }
}

async function startWorker(): Promise<Worker> {
  // Node's workers have the name alone in common with those of the web.
  if (typeof Worker === 'undefined' || !(Worker.prototype instanceof EventTarget))
    throw new NoWorker('there are no web workers');
  try {
    // Bundlers look for exactly this expression.
    return new Worker(new URL('./web-worker.js', import.meta.url), { type: 'module' });
  } catch (error) {
    throw new NoWorker((error as Error).message, error);
  }
}

async function startIn(worker: Worker, settings: WebSettings): Promise<Runtime & { threads: number }> {
  const threads = await new Promise<number>((resolve, reject) => {
    worker.onerror = (event) => {
      event.preventDefault();
      reject(new NoWorker(event.message || 'its script could not be loaded'));
    };
    worker.onmessage = ({ data }: MessageEvent<Started>) =>
      'error' in data
        ? reject(new OutlierExposureError(data.error.code, data.error.message))
        : resolve(data.threads);
    worker.postMessage(settings);
  }).catch((error: Error) => {
    worker.terminate();
    throw error;
  });
  worker.onmessage = null;
  const port: Port = {
    post: (message, transfer) => worker.postMessage(message, transfer),
    onMessage: (listener) => worker.addEventListener('message', ({ data }) => listener(data)),
  };
  const runtime = remoteRuntime(port, async () => {
    worker.terminate();
    runtime.fail(new OutlierExposureError('io', 'The worker that runs ONNX Runtime has ended.'));
  });
  worker.onerror = ({ message }) =>
    runtime.fail(new OutlierExposureError('io', `The worker that runs ONNX Runtime failed: ${message}`));
  return { ...runtime, threads };
}

/** A worker would take relative URLs as relative to itself. */
function absolute(paths: WasmPaths | undefined): WasmPaths | undefined {
  if (paths === undefined || typeof document === 'undefined') return paths;
  const full = (url: string) => new URL(url, document.baseURI).href;
  if (typeof paths === 'string') return full(paths);
  return {
    ...(paths.mjs === undefined ? {} : { mjs: full(paths.mjs) }),
    ...(paths.wasm === undefined ? {} : { wasm: full(paths.wasm) }),
  };
}
