/** The web worker's entry: onnxruntime-web behind the worker's messages. Started by `webRuntime`, not by hand. */
import { OutlierExposureError } from '../errors.ts';
import { startHere, type WebSettings } from './web-local.ts';
import { serveRuntime } from './worker-protocol.ts';

/** The answer to the first message, which holds {@link WebSettings}. */
export type Started =
  | { threads: number }
  | { error: { code: OutlierExposureError['code']; message: string } };

/** What a worker's global scope has of use here (TypeScript's DOM library describes a window instead). */
interface WorkerScope {
  readonly name: string;
  postMessage(message: unknown, transfer?: ArrayBuffer[]): void;
  addEventListener(
    type: 'message',
    listener: (event: { data: unknown }) => void,
    options?: { once: boolean },
  ): void;
}

const scope = globalThis as unknown as WorkerScope;
if (scope.name.startsWith('em-pthread')) {
  // Bundled into one file with us, onnxruntime-web starts its threads from that file: this is one, and only has to load.
  import('onnxruntime-web/wasm');
} else {
  scope.addEventListener('message', start, { once: true });
}

async function start({ data }: { data: unknown }): Promise<void> {
  try {
    const { runtime, threads } = await startHere(data as WebSettings, { ownFile: true });
    serveRuntime(
      {
        post: (message, transfer) => scope.postMessage(message, transfer),
        onMessage: (listener) => scope.addEventListener('message', (event) => listener(event.data)),
      },
      runtime,
    );
    scope.postMessage({ threads } satisfies Started);
  } catch (error) {
    const code = error instanceof OutlierExposureError ? error.code : 'unsupported';
    scope.postMessage({ error: { code, message: (error as Error).message } } satisfies Started);
  }
}
