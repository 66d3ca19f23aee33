/** `oe serve` as a process: hostile and broken requests. */
import { request } from 'node:http';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { encodeNpy } from '../src/data/npy.ts';
import { bar, barsModel, SHAPE, SIZE } from '../src/guard/testing.ts';
import {
  metric,
  picture,
  post,
  removeServers,
  type Serving,
  serve,
  tensor,
  writeGuarded,
} from './serve-process.ts';

// Every test starts processes, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 60_000 });

beforeAll(async () => {
  await writeGuarded('bars', barsModel());
});
afterAll(removeServers);

async function bomb(side: number): Promise<Buffer> {
  return sharp({ create: { width: side, height: side, channels: 3, background: '#000' } })
    .png({ compressionLevel: 9, palette: true })
    .toBuffer();
}

describe('strangers', () => {
  let serving: Serving;
  const residentBytes = async () => metric(serving, 'process_resident_memory_bytes');
  beforeAll(async () => {
    serving = await serve('bars', '--max-body', '1mb', '--max-pixels', '1000000');
  });
  const json = (text: string) => [text, 'application/json'] as const;
  const floats = (...values: number[]) => Buffer.from(Float32Array.of(...values).buffer).toString('base64');

  it.each<[string, number, RegExp, () => readonly [unknown, string] | Promise<readonly [unknown, string]>]>([
    ['no JSON', 400, /not JSON/, () => json('{')],
    ['no UTF-8', 400, /no text in UTF-8/, () => [Uint8Array.of(0xff, 0xfe), 'application/json']],
    ['deep JSON', 400, /not as expected/, () => json('['.repeat(300_000) + ']'.repeat(300_000))],
    [
      'deep JSON inside',
      400,
      /"shape" is not as expected/,
      () => json(`{"shape":${'['.repeat(200_000)}${']'.repeat(200_000)}}`),
    ],
    [
      'a million wrong entries',
      400,
      /"images" is not as expected/,
      () => json(`{"images":[${'1,'.repeat(400_000)}1]}`),
    ],
    ['an unknown entry', 400, /not as expected/, () => json('{"imag":"a"}')],
    ['nothing', 400, /none of them came/, () => json('{}')],
    ['two at once', 400, /text and tensor came/, () => json('{"text":"a","tensor":[1],"shape":[1,1,1]}')],
    ['no shape', 400, /goes with its shape/, () => json('{"tensor":[1]}')],
    [
      'NaN',
      422,
      /holds NaN/,
      () =>
        json(
          JSON.stringify({
            tensor: Buffer.from(new Float32Array(SIZE).fill(Number.NaN).buffer).toString('base64'),
            shape: SHAPE,
          }),
        ),
    ],
    [
      'infinity',
      422,
      /holds Infinity/,
      () => json(JSON.stringify({ tensor: [...bar(0)], shape: SHAPE }).replace('0.1', '1e999')),
    ],
    [
      'a huge shape',
      422,
      /the model takes \[3, 12, 12\]/,
      () => json(JSON.stringify({ tensor: floats(1), shape: [3, 1e6, 1e6] })),
    ],
    [
      'a huge count',
      400,
      /cannot have 1 values/,
      () => json(JSON.stringify({ tensor: floats(1), shape: [1e9, 3, 12, 12] })),
    ],
    [
      'a negative shape',
      422,
      /whole numbers above 0/,
      () => json(JSON.stringify({ tensor: floats(1), shape: [-1, 1, -1] })),
    ],
    ['a shape of nothing', 400, /not as expected/, () => json('{"tensor":[1],"shape":[]}')],
    [
      'too many items',
      413,
      /at most 512 are taken/,
      () => json(JSON.stringify({ images: new Array(513).fill('aaaa') })),
    ],
    [
      'a bomb',
      422,
      /has 9000×9000 pixels, where at most 1000000/,
      async () => [new Uint8Array(await bomb(9000)), 'image/png'],
    ],
    [
      'half a picture',
      422,
      /cannot be decoded/,
      async () => [new Uint8Array(await picture(0)).subarray(0, 70), 'image/png'],
    ],
    [
      'a drawing program',
      422,
      /no picture/,
      () => [
        Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><image href="/etc/passwd"/></svg>'),
        'image/svg+xml',
      ],
    ],
    ['a path', 422, /takes images, and this is a text/, () => ['/etc/passwd', 'text/plain']],
    ['an empty body', 422, /no picture/, () => ['', 'image/png']],
    ['another type', 415, /"text\/html" is not taken/, () => ['<p>', 'text/html']],
    ['no multipart', 400, /not multipart/, () => ['hello', 'multipart/form-data; boundary=x']],
    ['no array', 422, /./, () => ['hello', 'application/x-npy']],
    [
      'an array of doubles',
      422,
      /of another type/,
      () => [encodeNpy(new Float64Array(SIZE), SHAPE), 'application/x-npy'],
    ],
    ['a large body', 413, /more than the 1048576 bytes/, () => [new Uint8Array(2 ** 20 + 1), 'image/png']],
  ])('who send %s get a %i', async (_, status, message, make) => {
    const [body, type] = await make();
    const answer = await post(serving, body, { type });
    expect(answer.json.error.message).toMatch(message);
    expect(answer.status).toBe(status);
    expect(answer.json.error.message.length).toBeLessThan(400);
    expect(await post(serving, tensor())).toMatchObject({ status: 200 });
  });

  it('who send a body without a length are cut off too', async () => {
    const status = await new Promise((resolve, reject) => {
      const sending = request(`${serving.url}/v1/check`, {
        method: 'POST',
        headers: { 'content-type': 'image/png' },
      });
      sending.on('response', ({ statusCode }) => resolve(statusCode)).on('error', reject);
      for (let i = 0; i < 40; i++) sending.write(Buffer.alloc(2 ** 15));
    });
    expect(status).toBe(413);
  });
  it('who compress get a 415', async () => {
    expect(await post(serving, tensor(), { headers: { 'content-encoding': 'gzip' } })).toMatchObject({
      status: 415,
    });
  });
  it('who send many parts cost little', async () => {
    const part = '--x\r\ncontent-disposition: form-data; name="a"\r\n\r\n\r\n';
    const body = `${part.repeat(Math.floor(2 ** 20 / part.length) - 1)}--x--\r\n`;
    const began = performance.now();
    const { status } = await post(serving, body, { type: 'multipart/form-data; boundary=x' });
    expect([400, 413]).toContain(status);
    expect(performance.now() - began).toBeLessThan(5000);
  });
  it('leave the server as it was', async () => {
    expect(await residentBytes()).toBeLessThan(600 * 2 ** 20);
    expect(await metric(serving, 'oe_worker_deaths_total')).toBe(0);
    expect(await metric(serving, 'oe_held_items')).toBe(0);
    expect(serving.log.filter(({ level }) => (level as number) >= 50)).toEqual([]);
    expect(await serving.stop()).toBe(0);
  });
});
