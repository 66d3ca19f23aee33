/** Starts onnxruntime-web in this thread: a page's, or a worker's. */
import type * as ort from 'onnxruntime-common';
import { OutlierExposureError } from '../errors.ts';
import { createModel, Graph, writeModel } from '../onnx/index.ts';
import { localRuntime, type OnnxRuntime } from './local.ts';
import type { Runtime } from './runtime.ts';

export type WebDevice = 'wasm' | 'webgpu';

/** Where the files of onnxruntime-web lie: a folder's URL, or one URL a file. */
export type WasmPaths = string | { mjs?: string; wasm?: string };

/** What a thread needs to know to start; can be posted to a worker. */
export interface WebSettings {
  device: WebDevice;
  /** The most threads wanted; undefined leaves it to us. */
  threads: number | undefined;
  wasmPaths: WasmPaths | undefined;
}

/** More threads than this gain little on the web, where the waiting ones keep their processors busy. */
const MOST_THREADS = 4;

/**
 * Loads onnxruntime-web and tries it, so that what is missing shows now and not at the first model.
 *
 * @param ownFile whether the bundle that holds onnxruntime-web may be loaded once more by each of its threads. A
 * page's may not: bundlers let it share files with the page's own code, which would run in each thread too.
 * @returns the runtime, and how many threads it really has
 */
export async function startHere(
  { device, threads, wasmPaths }: WebSettings,
  { ownFile }: { ownFile: boolean },
): Promise<{ runtime: Runtime; threads: number }> {
  if (device === 'webgpu') await needWebGpu();
  const module = await loadOrt(device);
  const { wasm } = module.env;
  // onnxruntime-web reads these once, when its first session is made.
  const canThread =
    device === 'wasm' && (ownFile || typeof wasmPaths === 'string' || wasmPaths?.mjs !== undefined);
  wasm.numThreads = canThread ? threadsHere(threads) : 1;
  if (wasmPaths !== undefined) wasm.wasmPaths = wasmPaths;
  module.env.logLevel = 'fatal';
  const runtime = localRuntime(forWeb(module), { executionProviders: [device] });
  try {
    await (await runtime.createSession(probe())).release();
  } catch (error) {
    throw new OutlierExposureError(
      'unsupported',
      `onnxruntime-web could not start on ${device}: ${(error as Error).message}. ` +
        'Its .wasm file has to be served beside the bundle, or where the option wasmPaths says, and the browser has to support WebAssembly SIMD.',
      { cause: error },
    );
  }
  return { runtime, threads: wasm.numThreads ?? 1 };
}

type Ort = OnnxRuntime & { env: ort.Env };

async function loadOrt(device: WebDevice): Promise<Ort> {
  try {
    return device === 'webgpu'
      ? await import('onnxruntime-web/webgpu')
      : await import('onnxruntime-web/wasm');
  } catch (error) {
    throw new OutlierExposureError(
      'not-found',
      `onnxruntime-web could not be loaded (${(error as Error).message}): install it beside this package with "npm install onnxruntime-web".`,
      { cause: error },
    );
  }
}

async function needWebGpu(): Promise<void> {
  const { gpu } = (globalThis.navigator ?? {}) as { gpu?: { requestAdapter(): Promise<object | null> } };
  const adapter = await gpu?.requestAdapter().catch(() => null);
  if (adapter) return;
  throw new OutlierExposureError(
    'unsupported',
    `This browser offers no WebGPU here (${gpu ? 'there is no adapter' : 'navigator.gpu is missing; it also needs HTTPS or localhost'}): choose device: 'wasm'.`,
  );
}

/** Threads share memory, which browsers allow to pages isolated from other origins alone. */
function threadsHere(wanted: number | undefined): number {
  const shared = (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated === true;
  return shared ? (wanted ?? Math.min(navigator.hardwareConcurrency || 1, MOST_THREADS)) : 1;
}

/**
 * onnxruntime-web as {@link localRuntime} expects ONNX Runtime to be. Two things differ from Node's: outputs given
 * in advance come back unfilled (WebAssembly writes into its own memory), and sessions must not run at the same time.
 */
function forWeb({ InferenceSession, Tensor }: Ort): OnnxRuntime {
  let queue: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = queue.then(work);
    queue = result.catch(() => {});
    return result;
  };
  const create = async (model: Uint8Array, options?: ort.InferenceSession.SessionOptions) => {
    const session = await inTurn(() => InferenceSession.create(model, options));
    const run = session.run.bind(session) as (
      feeds: ort.InferenceSession.FeedsType,
      fetches: readonly string[],
      options?: ort.InferenceSession.RunOptions,
    ) => Promise<ort.InferenceSession.ReturnType>;
    const filling = async (
      feeds: ort.InferenceSession.FeedsType,
      fetches: readonly string[] | Record<string, ort.Tensor | null>,
      options?: ort.InferenceSession.RunOptions,
    ): Promise<ort.InferenceSession.ReturnType> => {
      if (Array.isArray(fetches)) return inTurn(() => run(feeds, fetches, options));
      const results = { ...(await inTurn(() => run(feeds, Object.keys(fetches), options))) };
      for (const [name, given] of Object.entries(fetches as Record<string, ort.Tensor | null>)) {
        if (!given) continue;
        (given.data as Float32Array).set(results[name]!.data as Float32Array);
        results[name] = given;
      }
      return results;
    };
    session.run = filling as ort.InferenceSession['run'];
    return session;
  };
  return { InferenceSession: { create } as ort.InferenceSessionFactory, Tensor };
}

/** The smallest model. */
function probe(): Uint8Array {
  const graph = new Graph('probe');
  graph.addOutput(graph.add('Identity', [graph.addInput('x', 'float32', [1])]));
  return writeModel(createModel(graph));
}
