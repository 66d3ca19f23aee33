/** The server's paths: what is asked and what is answered. */
import { randomUUID } from 'node:crypto';
import { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { Logger } from 'pino';
import type { Allowance } from './admission.ts';
import { announced, readBody } from './body.ts';
import { busy, type itemChecker } from './check.ts';
import { describeApi } from './describe-api.ts';
import type { App, Env } from './env.ts';
import type { Generation } from './generation.ts';
import { wantedFrom } from './inputs.ts';
import type { ServerMetrics } from './metrics.ts';
import { addPage, type ServedFiles } from './page.ts';
import { problem, problemOf } from './problem.ts';
import type { CheckedItem } from './protocol.ts';

export interface AppOptions {
  current(): Generation;
  check: ReturnType<typeof itemChecker>;
  metrics: ServerMetrics;
  log: Logger;
  version: string;
  /** Bytes of bodies that are held at once. */
  bodies: Allowance;
  maxBody: number;
  /** Milliseconds. */
  timeout: number;
  /** Undefined where everybody may come in. */
  mayEnter: ((authorization: string | undefined) => boolean) | undefined;
  page?: ServedFiles | undefined;
  /** Whether the server is about to end. */
  isEnding(): boolean;
}

/** What requests may call themselves; anything else might not be fit for logs and headers. */
const REQUEST_ID = /^[\w.:-]{1,100}$/;
/** Paths that are counted by name; strangers make up any others. */
const PATHS = new Set(['/v1/check', '/healthz', '/readyz', '/metrics', '/openapi.json']);
const OPEN_PATHS = new Set(['/healthz', '/readyz']);

export function createApp(options: AppOptions): App {
  const { current, metrics, log, mayEnter, isEnding } = options;
  const app: App = new OpenAPIHono<Env>();

  app.use(async (context, next) => {
    const began = performance.now();
    const { method, path } = context.req;
    const given = context.req.header('x-request-id') ?? '';
    const requestId = REQUEST_ID.test(given) ? given : randomUUID();
    context.set('requestId', requestId);
    context.set('checked', undefined);
    // On Node's answer, not on Hono's: a change of the latter makes a whole Response of it, with streams.
    const { outgoing } = context.env;
    outgoing.setHeader('x-request-id', requestId);
    if (mayEnter && !OPEN_PATHS.has(path) && !mayEnter(context.req.header('authorization')))
      context.res = refuse(
        context,
        problem(
          401,
          'unauthorized',
          'Send the token that the server was started with: Authorization: Bearer TOKEN.',
          {
            'www-authenticate': 'Bearer',
          },
        ),
      );
    else await next();
    if (isEnding()) outgoing.setHeader('connection', 'close');
    const seconds = (performance.now() - began) / 1000;
    const { status } = context.res;
    const name = PATHS.has(path) ? path : 'other';
    metrics.requests.inc({ path: name, status });
    metrics.latency.observe({ path: name }, seconds);
    const milliseconds = Math.round(1000 * seconds);
    const line = { requestId, method, path: name, status, milliseconds, ...context.get('checked') };
    if (OPEN_PATHS.has(path) || path === '/metrics') log.debug(line, 'request');
    else log.info(line, 'request');
  });

  app.post('/v1/check', async (context) => {
    const { answer, results } = await checked(context, options);
    for (const result of results) metrics.count(result);
    const outliers = results.filter((result) => !('error' in result) && result.isOutlier).length;
    context.set('checked', { items: results.length, outliers });
    if (answer === 'list') return context.json({ results });
    const [result] = results;
    if (!('error' in result!)) return context.json(result!);
    const { code, message } = result.error;
    throw problem(code === 'unavailable' ? 503 : 422, code, message);
  });
  app.get('/healthz', (context) => context.json({ status: 'alive' }));
  app.get('/readyz', (context) => {
    const ready = !isEnding() && current().pool.alive;
    const { about, sha256 } = current();
    const { detector, threshold, takes } = about;
    return ready
      ? context.json({ status: 'ready', takes, detector, threshold, model: sha256 })
      : context.json({ status: isEnding() ? 'ending' : 'no worker is ready' }, 503);
  });
  app.get('/metrics', async (context) =>
    context.body(await metrics.text(), 200, { 'content-type': metrics.contentType }),
  );
  describeApi(app, { version: options.version, access: mayEnter ? 'by token' : 'open' });
  app.all('/v1/check', () => {
    throw problem(405, 'invalid-argument', 'Send what is to be checked by POST.', { allow: 'POST' });
  });
  if (options.page) addPage(app, options.page);
  app.notFound((context) =>
    refuse(
      context,
      problem(404, 'not-found', 'There is nothing here: POST /v1/check checks, GET /openapi.json tells how.'),
    ),
  );
  app.onError((error, context) => {
    if (problemOf(error).status === 500)
      log.error({ err: error, requestId: context.get('requestId') }, 'error');
    return refuse(context, error);
  });
  return app;
}

async function checked(
  context: Context<Env>,
  { current, check, metrics, log, bodies, maxBody, timeout }: AppOptions,
): Promise<{ answer: 'one' | 'list'; results: CheckedItem[] }> {
  const deadline = performance.now() + timeout;
  const { incoming } = context.env;
  const size = announced(incoming);
  const release = bodies.take(size > 0 ? Math.min(size, maxBody) : maxBody);
  if (!release) throw busy(bodies.used / maxBody, Number.NaN);
  try {
    const body = await readBody(incoming, maxBody);
    const wanted = await wantedFrom(body, incoming.headers['content-type'] ?? '');
    // Only now: while the body came in, other files may have been loaded.
    const generation = current();
    const results = await check(wanted, generation, deadline);
    for (const result of results) {
      if ('error' in result) continue;
      const alarm = generation.drift?.add(result.anomalyScore);
      if (!alarm) continue;
      metrics.alarms.inc();
      log.warn(alarm, 'drift: more outliers than calibration lets expect');
    }
    return { answer: wanted.answer, results };
  } finally {
    release();
  }
}

function refuse(context: Context<Env>, error: unknown): Response {
  const { status, code, message, headers } = problemOf(error);
  return context.json({ error: { code, message }, requestId: context.get('requestId') }, status, headers);
}
