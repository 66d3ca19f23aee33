/** The guard as a server. */
import { unwatchFile, watchFile } from 'node:fs';
import type { Server as HttpServer } from 'node:http';
import { type AddressInfo, Server as NetServer } from 'node:net';
import { availableParallelism } from 'node:os';
import { createAdaptorServer } from '@hono/node-server';
import { pino } from 'pino';
import { OutlierExposureError } from '../errors.ts';
import { packageVersion } from '../experiments/environment.ts';
import { MAX_TEXT_LENGTH } from '../guard/index.ts';
import { thresholdBeside } from '../guard/node/index.ts';
import { allowance } from './admission.ts';
import { createApp } from './app.ts';
import { itemChecker } from './check.ts';
import { type Generation, type GenerationOptions, loadGeneration } from './generation.ts';
import { keepDrift } from './keep-drift.ts';
import { serverMetrics } from './metrics.ts';
import type { RunningServer, ServerOptions } from './options.ts';
import type { PoolEvent } from './pool.ts';
import { tokenCheck } from './token.ts';

/** How many of the largest bodies may be held at once. */
const BODIES = 16;
/** Milliseconds between two looks at the files. */
const WATCH_EVERY = 1000;
/** Milliseconds that connections without a request are left, for those whose request is on its way. */
const LINGER = 300;

/**
 * Starts a server. Models run in processes of their own; reading, decoding and answering goes on here.
 *
 * @throws OutlierExposureError when model or threshold cannot be used, or the port is taken
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { host = '127.0.0.1', port = 8080, workers = 1, queue = 512, timeout = 30_000 } = options;
  const {
    maxBody = 10 * 2 ** 20,
    maxPixels = 2 ** 24,
    maxTextLength = MAX_TEXT_LENGTH,
    token,
    drift = {},
    driftState,
  } = options;
  const log = options.logger ?? pino({ level: 'silent' });
  const items = allowance(queue);
  let current: Generation | undefined;
  let ending = false;
  const metrics = serverMetrics(
    () => current,
    () => items.used,
  );
  const onEvent = (event: PoolEvent) => {
    if (event.kind === 'batch') {
      metrics.batchSize.observe(event.items);
      metrics.batchSeconds.observe(event.seconds);
    } else if (event.kind === 'died') {
      metrics.restarts.inc();
      log.error({ pid: event.pid, undone: event.undone }, 'worker died');
    } else if (event.kind === 'failed') log.error({ reason: event.message }, 'worker failed');
    else log.info({ pid: event.pid }, 'worker started');
  };
  const threshold = options.threshold ?? (await thresholdBeside(options.model));
  const generationOptions: GenerationOptions = {
    model: options.model,
    threshold,
    otherModel: options.otherModel ?? 'refuse',
    size: options.size,
    workers,
    threads: options.threads ?? Math.max(1, Math.floor(availableParallelism() / workers)),
    batch: options.batch ?? 32,
    batchWait: options.batchWait ?? 2,
    stuckAfter: 2 * timeout,
    drift: drift ? { window: drift.window ?? 500, alarmRate: drift.alarmRate ?? 0.001 } : undefined,
    driftState: undefined,
    onEvent,
  };
  // Only the first: what is loaded later is watched anew.
  current = await loadGeneration({ ...generationOptions, driftState });
  const retiring = new Set<Promise<void>>();
  const retire = (generation: Generation) => {
    const retired = generation.retire().finally(() => retiring.delete(retired));
    retiring.add(retired);
  };

  // One load after the other: the last one asked for is the one that stays.
  let loading: Promise<void> = Promise.resolve();
  const load = async () => {
    if (ending) return;
    try {
      const next = await loadGeneration(generationOptions);
      const before = current!;
      current = next;
      retire(before);
      metrics.reloads.inc({ outcome: 'done' });
      log.info({ model: next.sha256, threshold: next.about.threshold }, 'reloaded');
    } catch (error) {
      metrics.reloads.inc({ outcome: 'refused' });
      log.error({ reason: (error as Error).message }, 'not reloaded: the old model goes on');
      throw error;
    }
  };
  const reload = () => {
    const asked = loading.then(load);
    loading = asked.catch(() => {});
    return asked;
  };

  const app = createApp({
    current: () => current!,
    check: itemChecker({ items, maxPixels, maxTextLength }),
    metrics,
    log,
    version: packageVersion(),
    bodies: allowance(BODIES * maxBody),
    maxBody,
    timeout,
    mayEnter: token === undefined ? undefined : tokenCheck(token),
    isEnding: () => ending,
    page: options.page,
  });
  const server = createAdaptorServer({
    fetch: app.fetch,
    serverOptions: {
      // A body that trickles in is given up as an answer is.
      requestTimeout: timeout,
      headersTimeout: Math.min(10_000, timeout),
      connectionsCheckingInterval: Math.min(1000, timeout),
    },
  }) as HttpServer;
  try {
    await listen(server, port, host);
  } catch (error) {
    await current.retire();
    throw error;
  }
  const keeping = driftState === undefined ? undefined : keepDrift(driftState, () => current!, log);
  const unwatch = options.watch === 'no' ? () => {} : watchFiles([options.model, threshold], reload);
  const address = server.address() as AddressInfo;
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`;
  log.info({ url, detector: current.about.detector, threshold: current.about.threshold }, 'listening');

  const close = async () => {
    ending = true;
    unwatch();
    log.info({ held: items.used }, 'ending: requests that are here are answered');
    const closed = new Promise<void>((resolve) => server.once('close', resolve));
    // The server's own close would break off connections whose request is still on its way.
    NetServer.prototype.close.call(server);
    const patience = setTimeout(() => server.closeAllConnections(), timeout + 5000);
    const idle = setInterval(() => server.closeIdleConnections(), LINGER);
    await closed;
    clearInterval(idle);
    clearTimeout(patience);
    await loading;
    await keeping?.end();
    retire(current!);
    await Promise.all(retiring);
    log.info('ended');
  };
  let closing: Promise<void> | undefined;
  return { url, port: address.port, reload, close: () => (closing ??= close()) };
}

function listen(server: HttpServer, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const reason =
        { EADDRINUSE: 'another program listens there', EACCES: 'it is not allowed' }[error.code ?? ''] ??
        error.message;
      reject(
        new OutlierExposureError(
          'io',
          `Cannot listen on ${host}, port ${port}: ${reason}; choose another --port or --host.`,
        ),
      );
    });
    server.listen(port, host, resolve);
  });
}

/** Calls back once files have changed and then stayed as they are. */
function watchFiles(files: readonly string[], onChange: () => Promise<void>): () => void {
  let timer: NodeJS.Timeout | undefined;
  const changed = () => {
    clearTimeout(timer);
    timer = setTimeout(() => void onChange().catch(() => {}), WATCH_EVERY / 2);
  };
  for (const file of files)
    watchFile(file, { interval: WATCH_EVERY }, (now, before) => {
      // Gone for a moment: it is being replaced.
      if (now.mtimeMs === before.mtimeMs && now.ino === before.ino && now.size === before.size) return;
      if (now.ino !== 0) changed();
    });
  return () => {
    clearTimeout(timer);
    for (const file of files) unwatchFile(file);
  };
}
