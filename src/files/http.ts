/** One HTTP request whose answer's bytes come as they were sent. Node only. */
import http from 'node:http';
import https from 'node:https';
import type { Readable } from 'node:stream';
import { OutlierExposureError } from '../errors.ts';

export interface HttpResponse {
  status: number;
  /** Lower-case names. */
  headers: Record<string, string | undefined>;
  /** To be read to its end or destroyed. */
  body: Readable;
}

export interface HttpRequest {
  headers: Record<string, string>;
  signal: AbortSignal | undefined;
  /** Milliseconds without a byte after which the connection is given up. */
  idleTimeout: number;
}

const MAX_REDIRECTS = 10;
const REDIRECTS = [301, 302, 303, 307, 308];

/**
 * Gets a URL, following redirects, but never from https to http.
 *
 * Not by `fetch`, which unpacks what a server calls gzip-encoded: some call a .tar.gz file that, and its checksum and
 * length are those of the packed bytes.
 *
 * @throws OutlierExposureError `invalid-argument` for an address that is no http or https URL, `io` for too many or
 *   insecure redirects; errors of the connection as Node throws them
 */
export async function httpGet(url: string, request: HttpRequest): Promise<HttpResponse> {
  let current = url;
  for (let i = 0; i <= MAX_REDIRECTS; i++) {
    const response = await getOnce(parse(current), request);
    const { location } = response.headers;
    if (!REDIRECTS.includes(response.status) || location === undefined) return response;
    response.body.destroy();
    const next = URL.canParse(location, current) ? new URL(location, current).href : location;
    if (current.startsWith('https:') && !next.startsWith('https:'))
      throw new OutlierExposureError(
        'io',
        `${url} leads on to ${next}, which is not secure: expected https; look at its home page for another address.`,
      );
    current = next;
  }
  throw new OutlierExposureError(
    'io',
    `${url} leads on and on, more than ${MAX_REDIRECTS} times; look at its home page for another address.`,
  );
}

function parse(url: string): URL {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.protocol === 'http:' || parsed?.protocol === 'https:') return parsed;
  throw new OutlierExposureError(
    'invalid-argument',
    `"${url}" is no address to download from: expected one that begins with https:// or http://.`,
  );
}

function getOnce(url: URL, { headers, signal, idleTimeout }: HttpRequest): Promise<HttpResponse> {
  const client = url.protocol === 'https:' ? https : http;
  return new Promise((resolve, reject) => {
    const request = client.get(
      url,
      {
        // A connection of its own: none is left open that would keep the process alive.
        agent: false,
        headers: { 'user-agent': 'outlier-exposure', 'accept-encoding': 'identity', ...headers },
        ...(signal && { signal }),
        timeout: idleTimeout,
      },
      (answer) => {
        const lines = Object.entries(answer.headers).map(([name, value]) => [name, String(value)]);
        resolve({ status: answer.statusCode ?? 0, headers: Object.fromEntries(lines), body: answer });
      },
    );
    request.on('timeout', () => {
      request.destroy(
        Object.assign(new Error(`nothing came for ${idleTimeout / 1000} seconds`), { code: 'ETIMEDOUT' }),
      );
    });
    request.on('error', reject);
  });
}
