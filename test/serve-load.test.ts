/** `oe serve` as a process: under load, signals, the loss of workers, and changes of its files. */
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { barsModel, thresholdFor } from '../src/guard/testing.ts';
import { writeModel } from '../src/onnx/index.ts';
import { saveThreshold } from '../src/thresholds/node/index.ts';
import { at, get, metric, post, removeServers, serve, sleep, tensor, writeGuarded } from './serve-process.ts';

// Every test starts processes, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 60_000 });

beforeAll(async () => {
  await writeGuarded('bars', barsModel());
});
afterAll(removeServers);

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
