/** What a request is answered with when it cannot be served. */
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { type ErrorCode, OutlierExposureError } from '../errors.ts';

/** Words that a client can branch on. */
export type ProblemCode =
  | ErrorCode
  | 'unauthorized'
  | 'too-large'
  | 'unsupported-type'
  | 'busy'
  | 'timeout'
  | 'unavailable'
  | 'internal';

interface Details {
  code: ProblemCode;
  headers: Record<string, string>;
}

/** An answer to throw; `app.ts` sends it. */
export function problem(
  status: ContentfulStatusCode,
  code: ProblemCode,
  message: string,
  headers: Record<string, string> = {},
): HTTPException {
  return new HTTPException(status, { message, cause: { code, headers } satisfies Details });
}

/** Whatever was thrown, as an answer: what the user did wrong is a 422, what nobody foresaw a 500 that says nothing. */
export function problemOf(error: unknown): { status: ContentfulStatusCode; message: string } & Details {
  if (error instanceof HTTPException) {
    const details = error.cause as Partial<Details> | undefined;
    const { code = 'invalid-argument', headers = {} } = details ?? {};
    return { status: error.status, message: error.message, code, headers };
  }
  if (error instanceof OutlierExposureError)
    return { status: 422, message: error.message, code: error.code, headers: {} };
  return {
    status: 500,
    message: 'Something went wrong here; the log says more.',
    code: 'internal',
    headers: {},
  };
}
