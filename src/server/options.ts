/** What a server is started with. */
import type { Logger } from 'pino';
import type { ImageSize } from '../guard/index.ts';
import type { ServedFiles } from './page.ts';

export interface ServerOptions {
  /** The classifier's file (.onnx). */
  model: string;
  /** The file of `oe threshold`. Default: beside the model, as `openGuard` finds it. */
  threshold?: string | undefined;
  /** Whether a model is taken that the threshold was not chosen for. Default: refuse. */
  otherModel?: 'refuse' | 'allow' | undefined;
  /** What images are brought to, where the model leaves it open. */
  size?: ImageSize | undefined;
  /** 0 for any that is free. Default 8080. */
  port?: number | undefined;
  /** Default 127.0.0.1: this machine alone. */
  host?: string | undefined;
  /** Processes that run the model. Default 1. */
  workers?: number | undefined;
  /** Threads of each. Default: the processors, shared out among the workers. */
  threads?: number | undefined;
  /** What requests have to bring as `Authorization: Bearer …`. Default: nothing. */
  token?: string | undefined;
  /** Bytes of a request's body, at most. Default 10 MiB. */
  maxBody?: number | undefined;
  /** Images or texts that are waiting or being checked, at most. Default 512. */
  queue?: number | undefined;
  /** Images or texts that go through the model together, at most. Default 32. */
  batch?: number | undefined;
  /** Milliseconds that one waits for others while the model has nothing to do. Default 2. */
  batchWait?: number | undefined;
  /** Milliseconds until a request is given up. Default 30,000. */
  timeout?: number | undefined;
  /** Pixels that an image may have in its file. Default 16,777,216. */
  maxPixels?: number | undefined;
  /** Characters of a text, at most. Default 20,000. */
  maxTextLength?: number | undefined;
  /** Whether files that change are loaded anew. Default: yes. */
  watch?: 'yes' | 'no' | undefined;
  /** Examples of a window of the drift monitor, and its false alarms a window. Default 500 and 0.001; null for none. */
  drift?: { window?: number | undefined; alarmRate?: number | undefined } | null | undefined;
  /** The file that the drift monitor goes on from, and that keeps what it has seen. Default: none. */
  driftState?: string | undefined;
  /** Files of a page that is served beside the API, such as `playgroundFiles` gives. Default: none. */
  page?: ServedFiles | undefined;
  /** Default: no logs. */
  logger?: Logger | undefined;
}

export interface RunningServer {
  /** Where it listens: `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly port: number;
  /** Loads the files anew, and goes over to them once that is done. @throws when they cannot be used: all stays as it was */
  reload(): Promise<void>;
  /** Takes no more requests, answers those it has, and ends. */
  close(): Promise<void>;
}
