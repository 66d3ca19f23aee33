/** `oe serve` as a process: what it answers, and what it shows and tells. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { encodeNpy } from '../src/data/npy.ts';
import { openGuard } from '../src/guard/node/index.ts';
import { bar, barsModel, grey, SHAPE, SIDE, SIZE, wordsModel } from '../src/guard/testing.ts';
import { writeExperiment } from '../src/report/index.ts';
import { madeUpRun } from './fixtures/made-up-run.ts';
import {
  at,
  get,
  metric,
  picture,
  post,
  removeServers,
  type Serving,
  serve,
  tensor,
  writeGuarded,
} from './serve-process.ts';
import { oe } from './user-files.ts';

// Every test starts processes, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 60_000 });

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
