/** The page beside the API. */
import { Hono } from 'hono';
import { expect, it } from 'vitest';
import { addPage } from './page.ts';

it('serves its files and nothing else', async () => {
  const app = new Hono();
  app.get('/healthz', (context) => context.text('alive'));
  const file = (text: string, type: string) => ({ body: new TextEncoder().encode(text), type });
  addPage(
    app,
    new Map([
      ['index.html', file('page', 'text/html')],
      ['a b/ö.js', file('code', 'text/javascript')],
    ]),
  );
  const get = async (path: string) => {
    const response = await app.request(path);
    return [response.status, await response.text(), response.headers.get('content-type')?.split(';')[0]];
  };
  expect(await get('/')).toEqual([200, 'page', 'text/html']);
  expect(await get('/a%20b/%C3%B6.js')).toEqual([200, 'code', 'text/javascript']);
  expect(await get('/healthz')).toEqual([200, 'alive', 'text/plain']);
  for (const path of ['/nothing', '/%', '/../package.json', '/a b', '/constructor'])
    expect((await get(path))[0], path).toBe(404);
  const { headers } = await app.request('/');
  expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
  expect(headers.get('cross-origin-embedder-policy')).toBe('require-corp');
});
