/** `oe serve` as a process: what it answers, and what it does under load, signals and loss. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:net';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { encodeNpy } from '../src/data/npy.ts';
import { openGuard } from '../src/guard/node/index.ts';
import { bar, barsModel, grey, SHAPE, SIDE, SIZE, thresholdFor, wordsModel } from '../src/guard/testing.ts';
import { writeModel } from '../src/onnx/index.ts';
import { writeExperiment } from '../src/report/index.ts';
import { saveThreshold } from '../src/thresholds/node/index.ts';
import { madeUpRun } from './fixtures/made-up-run.ts';
import {
  at,
  get,
  metric,
  post,
  removeServers,
  type Serving,
  serve,
  sleep,
  writeGuarded,
} from './serve-process.ts';
import { oe } from './user-files.ts';

// Every test starts processes, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 60_000 });

const tensor = (third = 0) => ({ tensor: [...bar(third)], shape: SHAPE });

function picture(third: number) {
  const pixels = bar(third);
  const data = Uint8Array.from({ length: SIZE }, (_, i) =>
    Math.round(255 * pixels[(i % 3) * SIDE * SIDE + Math.floor(i / 3)]!),
  );
  return sharp(data, { raw: { width: SIDE, height: SIDE, channels: 3 } })
    .png()
    .toBuffer();
}

/** The bars' model, which says that it takes images of any size; only its own goes through. */
function openModel() {
  const model = barsModel();
  const graph = model.graph.clone();
  const [name] = graph.inputs.keys();
  graph.inputs.set(name!, { elementType: 'float32', shape: ['n', 3, 'h', 'w'] });
  return { ...model, graph };
}

beforeAll(async () => {
  await writeGuarded('bars', barsModel());
  await writeGuarded('words', wordsModel());
  await writeGuarded('open', openModel());
});
afterAll(removeServers);

describe('answers', () => {
  let serving: Serving;
  beforeAll(async () => {
    serving = await serve('bars');
  });

  it('are those of the library, whatever form images come in', async () => {
    const guard = await openGuard(at('bars.onnx'), { place: 'here', threads: 1 });
    const files = await Promise.all([0, 1, 2].map(picture));
    const expected = JSON.parse(JSON.stringify(await guard.check(files)));
    await guard.dispose();
    expect(expected.map(({ label }: { label: number }) => label)).toEqual([0, 1, 2]);
    const base64 = files.map((file) => file.toString('base64'));
    expect((await post(serving, { image: base64[1] })).json).toEqual(expected[1]);
    expect((await post(serving, { image: `data:image/png;base64,${base64[1]}` })).json).toEqual(expected[1]);
    expect((await post(serving, { images: base64 })).json).toEqual({ results: expected });
    expect((await post(serving, new Uint8Array(files[2]!), { type: 'image/png' })).json).toEqual(expected[2]);
    const form = new FormData();
    for (const file of files) form.append('file', new Blob([new Uint8Array(file)]), 'a.png');
    expect((await post(serving, form)).json).toEqual({ results: expected });
    const bytes = Uint8Array.from([...bar(0), ...bar(1)], (value) => Math.round(255 * value));
    const floats = Float32Array.from(bytes, (value) => value / 255);
    for (const values of [bytes, floats])
      expect(
        (await post(serving, encodeNpy(values, [2, ...SHAPE]), { type: 'application/x-npy' })).json,
      ).toEqual({
        results: expected.slice(0, 2),
      });
    const packed = Buffer.from(floats.buffer, 0, 4 * SIZE).toString('base64');
    expect((await post(serving, { tensor: packed, shape: SHAPE })).json).toEqual(expected[0]);
  });

  it('tell outliers', async () => {
    expect((await post(serving, { tensor: [...grey()], shape: SHAPE })).json).toMatchObject({
      isOutlier: true,
    });
    expect((await post(serving, tensor(2))).json).toMatchObject({ className: 'right', isOutlier: false });
  });

  it('give an error for the bad item of a batch alone', async () => {
    const images = [(await picture(0)).toString('base64'), '!!!', Buffer.from('hello').toString('base64')];
    const { status, json } = await post(serving, { images });
    expect(status).toBe(200);
    expect(json.results).toEqual([
      expect.objectContaining({ label: 0 }),
      { error: { code: 'invalid-argument', message: expect.stringMatching(/no base64/) } },
      { error: { code: 'invalid-file', message: expect.stringMatching(/no picture/) } },
    ]);
  });

  it("say who is asked for, and carry the request's name", async () => {
    expect(await get(serving, '/healthz')).toMatchObject({ status: 200 });
    expect(JSON.parse((await get(serving, '/readyz')).text)).toMatchObject({
      status: 'ready',
      detector: 'msp',
    });
    const named = await post(serving, tensor(), { headers: { 'x-request-id': 'mine-1' } });
    expect(named.headers.get('x-request-id')).toBe('mine-1');
    const unfit = await post(serving, {}, { headers: { 'x-request-id': 'a b' } });
    expect(unfit.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(unfit.json.requestId).toBe(unfit.headers.get('x-request-id'));
    expect(await get(serving, '/nowhere')).toMatchObject({ status: 404 });
    expect(await get(serving, '/v1/check')).toMatchObject({ status: 405 });
  });

  it('are described and counted', async () => {
    const document = JSON.parse((await get(serving, '/openapi.json')).text);
    expect(document).toMatchObject({ openapi: '3.1.0' });
    expect(Object.keys(document.paths['/v1/check'].post.requestBody.content)).toContain('application/x-npy');
    expect(Object.keys(document.components.schemas)).toEqual(
      expect.arrayContaining(['Verdict', 'CheckRequest', 'Problem']),
    );
    const before = await metric(serving, 'oe_checked_total{outcome="inlier"}');
    await post(serving, tensor());
    expect(await metric(serving, 'oe_checked_total{outcome="inlier"}')).toBe(before + 1);
    expect(await metric(serving, 'oe_threshold')).toBeCloseTo(-0.5275, 4);
  });

  it('leave no payload in the log', async () => {
    const lines = JSON.stringify(serving.log);
    expect(lines).toMatch(/"msg":"request"/);
    expect(lines).not.toMatch(/hello|0\.9|iVBOR/);
  });
});

describe('texts', () => {
  it('are checked, by JSON and as they are', async () => {
    const serving = await serve('words', '--max-text-length', '50');
    expect((await post(serving, { text: 'red' })).json).toMatchObject({
      className: 'colour',
      isOutlier: false,
    });
    expect((await post(serving, 'sails', { type: 'text/plain' })).json).toMatchObject({ isOutlier: true });
    const { json } = await post(serving, { texts: ['seven', 'x'.repeat(51), ''] });
    expect(json.results).toEqual([
      expect.objectContaining({ className: 'number' }),
      { error: { code: 'invalid-argument', message: expect.stringMatching(/51 characters/) } },
      expect.objectContaining({ isOutlier: true }),
    ]);
    expect(await post(serving, { image: 'aaaa' })).toMatchObject({ status: 422 });
    expect(await serving.stop()).toBe(0);
  });
});

/** A PNG that unpacks to `side`² bytes of nothing. */
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

describe('the token', () => {
  it('is asked for everywhere but by probes', async () => {
    const serving = await serve('bars', '--token', 'a-token-of-tests-1');
    const wrong = await post(serving, tensor());
    expect(wrong).toMatchObject({ status: 401, json: { error: { code: 'unauthorized' } } });
    expect(wrong.headers.get('www-authenticate')).toBe('Bearer');
    const headers = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
    for (const token of ['', 'a-token-of-tests-', 'a-token-of-tests-12'])
      expect(await post(serving, tensor(), headers(token))).toMatchObject({ status: 401 });
    expect(await post(serving, tensor(), headers('a-token-of-tests-1'))).toMatchObject({ status: 200 });
    for (const [path, status] of [
      ['/healthz', 200],
      ['/readyz', 200],
      ['/metrics', 401],
      ['/openapi.json', 401],
    ] as const)
      expect(await get(serving, path)).toMatchObject({ status });
    expect(JSON.stringify(serving.log)).not.toContain('a-token');
    await serving.stop();
  });
});

describe('load', () => {
  it('of many requests goes through the model together', async () => {
    const serving = await serve('bars', '--batch-wait', '400');
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => post(serving, tensor(i % 3))));
    expect(answers.map(({ json }) => json.label)).toEqual(Array.from({ length: 20 }, (_, i) => i % 3));
    expect(await metric(serving, 'oe_batch_items_sum')).toBe(20);
    expect(await metric(serving, 'oe_batch_items_count')).toBeLessThanOrEqual(2);
    await serving.stop();
  });
  it('beyond the queue is sent away, with when to come again', async () => {
    const serving = await serve('bars', '--batch-wait', '700', '--batch', '100', '--queue', '4');
    const answers = await Promise.all(Array.from({ length: 10 }, () => post(serving, tensor())));
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([200, 200, 200, 200, 429, 429, 429, 429, 429, 429]);
    const away = answers.find(({ status }) => status === 429)!;
    expect(Number(away.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(await post(serving, tensor())).toMatchObject({ status: 200 });
    await serving.stop();
  });
  it('that takes too long is given up: 503 in the queue, 504 in the model; a stuck worker is replaced', async () => {
    const queued = await serve('bars', '--batch-wait', '5000', '--timeout', '300');
    expect(await post(queued, tensor())).toMatchObject({ status: 503, json: { error: { code: 'timeout' } } });
    expect(await metric(queued, 'oe_held_items')).toBe(0);
    await queued.stop();
    const stuck = await serve('bars', '--timeout', '300');
    process.kill(stuck.workers()[0]!, 'SIGSTOP');
    expect(await post(stuck, tensor())).toMatchObject({ status: 504, json: { error: { code: 'timeout' } } });
    await stuck.logged('worker started', 2);
    for (let tries = 0; (await get(stuck, '/readyz')).status !== 200 && tries < 200; tries++) await sleep(50);
    expect(await post(stuck, tensor())).toMatchObject({ status: 200 });
    expect(await stuck.stop()).toBe(0);
  });
});

describe('the end', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('by %s answers what was accepted', async (signal) => {
    const serving = await serve('bars', '--batch-wait', '800', '--batch', '100');
    const answers = Promise.all(Array.from({ length: 30 }, (_, i) => post(serving, tensor(i % 3))));
    await sleep(300);
    serving.child.kill(signal);
    expect((await answers).map(({ status }) => status)).toEqual(new Array(30).fill(200));
    expect(await serving.ended()).toBe(0);
    await expect(fetch(serving.url)).rejects.toThrow();
    for (const pid of serving.workers()) expect(() => process.kill(pid, 0)).toThrow();
  });
});

function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('workers', () => {
  it('that are killed lose nothing', async () => {
    const serving = await serve('bars', '--workers', '2');
    let kills = 0;
    let over = false;
    const killing = (async () => {
      while (kills < 3) {
        await sleep(150);
        process.kill(serving.workers().find(lives)!, 'SIGKILL');
        await serving.logged('worker died', ++kills);
      }
      over = true;
    })();
    const statuses = new Map<number, number>();
    const client = async () => {
      while (!over) {
        const { status, json } = await post(serving, tensor(1));
        expect(json).toMatchObject(status === 200 ? { label: 1 } : {});
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }
    };
    await Promise.all([killing, ...Array.from({ length: 8 }, client)]);
    expect([...statuses.keys()]).toEqual([200]);
    expect(statuses.get(200)).toBeGreaterThan(8);
    expect(await metric(serving, 'oe_worker_deaths_total')).toBe(3);
    expect(await serving.stop()).toBe(0);
  });
  it('that die in the middle of their work leave it to their successors', async () => {
    const serving = await serve('bars');
    const [pid] = serving.workers();
    process.kill(pid!, 'SIGSTOP');
    const answers = Promise.all(Array.from({ length: 5 }, () => post(serving, tensor(2))));
    await sleep(300);
    process.kill(pid!, 'SIGKILL');
    expect((await answers).map(({ status, json }) => [status, json.label])).toEqual(
      new Array(5).fill([200, 2]),
    );
    expect(await serving.stop()).toBe(0);
  });
});

describe('files that change', () => {
  const replace = async (name: string, names: string[]) => {
    const model = barsModel(0.03, names);
    await saveThreshold(at(`${name}.guard.json`), thresholdFor(model));
    writeFileSync(at(`${name}.onnx`), writeModel(model));
  };
  it('are loaded without a gap, on their own or by SIGHUP', async () => {
    await writeGuarded('changing', barsModel());
    const serving = await serve('changing');
    const seen = new Set<string>();
    let over = false;
    const client = async () => {
      while (!over) {
        const { status, json } = await post(serving, tensor());
        expect(status).toBe(200);
        seen.add(json.className);
      }
    };
    const clients = Promise.all([client(), client()]);
    await replace('changing', ['west', 'middle', 'east']);
    await serving.logged('reloaded');
    await sleep(100);
    over = true;
    await clients;
    expect([...seen]).toEqual(['left', 'west']);
    expect((await post(serving, tensor())).json.className).toBe('west');
    expect(await serving.stop()).toBe(0);
  });
  it('that do not belong together are refused, and all stays as it was', async () => {
    await writeGuarded('unwatched', barsModel());
    const serving = await serve('unwatched', '--no-watch');
    writeFileSync(at('unwatched.onnx'), writeModel(barsModel(0.03, ['a', 'b', 'c'])));
    serving.child.kill('SIGHUP');
    const [line] = await serving.logged('not reloaded: the old model goes on');
    expect(line!.reason).toMatch(/chosen for another model/);
    // A worker that is started now still gets the old one.
    process.kill(serving.workers()[0]!, 'SIGKILL');
    expect((await post(serving, tensor())).json.className).toBe('left');
    await replace('unwatched', ['a', 'b', 'c']);
    serving.child.kill('SIGHUP');
    await serving.logged('reloaded');
    expect((await post(serving, tensor())).json.className).toBe('a');
    expect(await metric(serving, 'oe_reloads_total{outcome="refused"}')).toBe(1);
    expect(await serving.stop()).toBe(0);
  });
});

describe('models of any size', () => {
  it('get images in the size that is asked for', async () => {
    const serving = await serve('open', '--size', `${SIDE}`);
    expect((await post(serving, tensor(1))).json).toMatchObject({ label: 1 });
    const photo = await sharp(await picture(2))
      .resize(60, 60, { kernel: 'nearest' })
      .jpeg()
      .toBuffer();
    expect((await post(serving, new Uint8Array(photo), { type: 'image/jpeg' })).json).toMatchObject({
      label: 2,
    });
    const larger = { tensor: new Array(3 * 13 * 13).fill(0.5), shape: [3, 13, 13] };
    expect(await post(serving, larger)).toMatchObject({
      status: 422,
      json: { error: { message: expect.stringMatching(/the model takes \[3, 12, 12\]/) } },
    });
    await serving.stop();
  });
});

describe('the page', () => {
  it('of a playground is shown beside the API', async () => {
    const { results, models, sheets } = madeUpRun();
    mkdirSync(at('run'));
    await writeExperiment(at('run'), results, models, sheets);
    const serving = await serve('bars', '--playground', at('run'));
    const page = await get(serving, '/');
    expect(page).toMatchObject({
      status: 200,
      text: expect.stringMatching(/<html[\s\S]*<script type="module"/),
    });
    expect(page.headers.get('content-type')).toMatch(/text\/html/);
    expect(page.headers.get('cross-origin-opener-policy')).toBe('same-origin');
    expect(JSON.parse((await get(serving, '/playground.json')).text)).toMatchObject({ title: results.title });
    expect((await post(serving, tensor(2))).json).toMatchObject({ label: 2 });
    await serving.stop();
  });
});

describe('drift', () => {
  it('raises an alarm in log and metrics, which outlives the server', async () => {
    const kept = ['--drift-window', '50', '--drift-state', at('drift.json')];
    const serving = await serve('bars', ...kept);
    const strange = encodeNpy(
      Float32Array.from({ length: 40 * SIZE }, () => 0.5),
      [40, ...SHAPE],
    );
    expect(await metric(serving, 'oe_drift_alarm')).toBe(0);
    await post(serving, strange, { type: 'application/x-npy' });
    await serving.logged('drift: more outliers than calibration lets expect');
    expect(await metric(serving, 'oe_drift_alarm')).toBe(1);
    expect(await metric(serving, 'oe_drift_alarms_total')).toBe(1);
    await serving.stop();
    const state = readFileSync(at('drift.json'), 'utf8');
    expect(JSON.parse(state).monitor).toMatchObject({ seen: 40, flagged: 40, alarms: 1 });
    const again = await serve('bars', ...kept);
    expect(await metric(again, 'oe_drift_alarm')).toBe(1);
    expect(await metric(again, 'oe_drift_window_flagged')).toBe(40);
    await again.stop();
    expect(JSON.parse(readFileSync(at('drift.json'), 'utf8'))).toEqual(JSON.parse(state));
  });
});

describe('mistakes', () => {
  const complaint = (...args: string[]) => {
    const { status, stderr } = spawnSync(process.execPath, [oe, 'serve', ...args], { encoding: 'utf8' });
    expect(status).toBe(2);
    expect(stderr).not.toMatch(/^\s+at /m);
    return stderr;
  };
  it('end in a sentence', async () => {
    expect(complaint(at('none.onnx'))).toMatch(/no threshold beside/);
    expect(complaint(at('none.onnx'), '--threshold', at('bars.guard.json'))).toMatch(
      /none.onnx cannot be read/,
    );
    expect(complaint(at('words.onnx'), '--threshold', at('bars.guard.json'))).toMatch(
      /another model, bars.onnx/,
    );
    expect(complaint(at('words.onnx'), '--drift-state', at('drift.json'))).toMatch(
      /drift.json tells of another model .*: name another file/,
    );
    expect(complaint(at('open.onnx'))).toMatch(/leaves the size of its images open, \[3, h, w\].*--size 224/);
    expect(complaint(at('open.onnx'), '--size', '13', '--port', '0')).toMatch(
      /cannot check an image of \[3, 13, 13\]/,
    );
    expect(complaint(at('bars.onnx'), '--token', 'short')).toMatch(/has 5 characters/);
    expect(complaint(at('bars.onnx'), '--max-body', '10xb')).toMatch(/size up to 1gb/);
    expect(complaint(at('bars.onnx'), '--port', '70000')).toMatch(/no port 70000/);
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    expect(complaint(at('bars.onnx'), '--port', String(port))).toMatch(/another program listens there/);
    other.close();
  });
});
