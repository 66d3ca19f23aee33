/** What the server's paths know of a request. */
import type { HttpBindings } from '@hono/node-server';
import type { OpenAPIHono } from '@hono/zod-openapi';

export interface Env {
  Bindings: HttpBindings;
  Variables: { requestId: string; checked: { items: number; outliers: number } | undefined };
}

export type App = OpenAPIHono<Env>;
