/** The OpenAPI document. */

import { z } from '@hono/zod-openapi';
import type { App } from './env.ts';
import { checkRequest, problemBody, several, verdict } from './schemas.ts';

const WRONG: Record<number, string> = {
  400: 'The body is not what its type says.',
  401: 'The token is missing or wrong.',
  413: 'The body is too large, or holds too many items.',
  415: 'The body is of a type that is not taken.',
  422: 'The image, tensor or text cannot be taken.',
  429: 'Too much to do; Retry-After says when to come again.',
  503: 'No worker was free in time.',
  504: 'The model did not answer in time.',
};

/** Describes the paths, and serves the description. */
export function describeApi(
  app: App,
  { version, access }: { version: string; access: 'open' | 'by token' },
): void {
  const { openAPIRegistry: registry } = app;
  const json = <T>(schema: T) => ({ 'application/json': { schema } });
  const binary = { schema: z.any().openapi({ type: 'string', format: 'binary' }) };
  const answers = Object.entries(WRONG).map(([status, description]) => [
    status,
    { description, content: json(problemBody) },
  ]);
  registry.registerComponent('securitySchemes', 'token', { type: 'http', scheme: 'bearer' });
  registry.registerPath({
    method: 'post',
    path: '/v1/check',
    summary: 'Check images or texts: their class, and whether they are outliers.',
    ...(access === 'by token' && { security: [{ token: [] }] }),
    request: {
      body: {
        required: true,
        content: {
          ...json(checkRequest),
          'multipart/form-data': {
            schema: z.object({
              file: z
                .array(z.any().openapi({ type: 'string', format: 'binary' }))
                .openapi({ description: "Images' files, under any names." }),
            }),
          },
          'image/*': binary,
          'application/octet-stream': binary,
          'application/x-npy': binary,
          'text/plain': { schema: z.string() },
        },
      },
    },
    responses: {
      200: {
        description: 'A verdict for image, text, a tensor of one image or a raw body; else a list.',
        content: json(z.union([verdict, several])),
      },
      ...Object.fromEntries(answers),
    },
  });
  for (const [path, summary] of [
    ['/healthz', 'Whether the server runs.'],
    ['/readyz', 'Whether it can check: 503 while no worker is ready, and when it is about to end.'],
    ['/metrics', 'Numbers for Prometheus.'],
  ] as const)
    registry.registerPath({ method: 'get', path, summary, responses: { 200: { description: 'It is so.' } } });
  app.doc31('/openapi.json', {
    openapi: '3.1.0',
    info: {
      title: 'outlier-exposure',
      version,
      description: 'A classifier that says when it does not know.',
    },
  });
}
