/**
 * `oe serve`: throughput against a bare session, waiting times at 70 % of the load that it can bear, and a soak during which
 * its workers are killed.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encodeNpy } from '../dist/data/index.js';
import { Random } from '../dist/random.js';
import { runChild } from './child.js';
import { THREADS } from './peers.js';
import { inTurns, median, row } from './rows.js';
import { closedLoop, openLoop, sender, startServing } from './serve-client.js';
import { writeGuardedNetwork } from './serve-model.js';

const BARE = fileURLToPath(new URL('./serve-bare-child.js', import.meta.url));
const BATCH = 32;
const LOAD = 0.7;
const SOAK_SECONDS = 600;
const KILL_EVERY = 2500;

/** @param soakSeconds default: 600, with `quick` 8 */
export async function run(options) {
  const { quick, soakSeconds = quick ? 8 : SOAK_SECONDS } = options;
  const folder = await mkdtemp(join(tmpdir(), 'oe-bench-'));
  try {
    const rows = [];
    for (const network of quick ? ['resnet-20'] : ['resnet-20', 'wrn-40-2'])
      rows.push(...(await throughput(await writeGuardedNetwork(folder, network), network, options)));
    rows.push(...(await soak(join(folder, 'resnet-20.onnx'), soakSeconds, options)));
    return rows;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Images as bytes: as an image's file says them, and a quarter of the floats. */
function bodyOf(count) {
  const random = Random.from(1, 'serve');
  const pixels = Uint8Array.from({ length: count * 3072 }, () => random.integer(256));
  return Buffer.from(count === 1 ? encodeNpy(pixels, [3, 32, 32]) : encodeNpy(pixels, [count, 3, 32, 32]));
}

async function throughput(model, network, { quick, progress, note, signal }) {
  const seconds = quick ? 3 : 15;
  const serving = await startServing(model, [
    '--threads',
    String(THREADS),
    '--batch',
    String(BATCH),
    '--queue',
    '4096',
  ]);
  try {
    const load = (images, clients) => async () => {
      progress(`oe serve, ${network}: ${images} images a request`);
      const { perSecond, statuses, each } = await closedLoop({
        serving,
        body: bodyOf(images),
        clients,
        seconds,
        signal,
      });
      if (Object.keys(statuses).join() !== '200')
        note(`oe serve, ${network}: statuses ${JSON.stringify(statuses)}.`);
      return { perSecond: perSecond * images, processor: inShares(each, images) };
    };
    const bare = async () => {
      progress(`a bare session, ${network}`);
      const { stdout } = await runChild([BARE, model, BATCH, seconds], { env: process.env, signal });
      const { perSecond, processorSeconds } = JSON.parse(stdout);
      return { perSecond, processor: { session: processorSeconds } };
    };
    await closedLoop({ serving, body: bodyOf(BATCH), clients: 4, seconds: 1, signal });
    const measured = await inTurns(quick ? 1 : 3, { bare, many: load(BATCH, 6), single: load(1, 64) });
    const [session, many, single] = ['bare', 'many', 'single'].map((side) => middleOf(measured[side]));
    const { waits, failed } = await openLoop({
      serving,
      body: bodyOf(1),
      perSecond: LOAD * single.perSecond,
      seconds: 2 * seconds,
      random: Random.from(1, 'arrivals'),
      signal,
    });
    if (failed.length > 0)
      note(`oe serve, ${network}: ${failed.length} requests failed at ${100 * LOAD} % load.`);
    const at = (share) => waits[Math.min(waits.length - 1, Math.floor(share * waits.length))] / 1000;
    const peer = `ONNX Runtime, batch ${BATCH}`;
    const rows = [];
    for (const [of, { perSecond, processor }] of [
      [`${BATCH} images a request`, many],
      ['1 image a request', single],
    ]) {
      const { server, workers, clients } = processor;
      rows.push(
        row({
          name: `oe serve, ${network}, ${of}`,
          peer,
          ours: 1 / perSecond,
          theirs: 1 / session.perSecond,
          unit: 's',
        }),
        row({
          name: `oe serve, ${network}, ${of}: processor time`,
          peer,
          ours: server + workers,
          theirs: session.processor.session,
          unit: 's',
        }),
      );
      const [s, w, c] = [server, workers, clients].map((value) => `${Math.round(1e6 * value)} µs`);
      note(
        `oe serve, ${network}, ${of}: of an image's processor time the server takes ${s}, its worker ${w}; the clients take ${c} beside.`,
      );
    }
    return [
      ...rows,
      row({
        name: `oe serve, ${network}, p99 at ${100 * LOAD} % load`,
        peer: '3 × p50',
        ours: at(0.99),
        theirs: 3 * at(0.5),
        unit: 's',
      }),
    ];
  } finally {
    await serving.stop();
  }
}

/** Of a request's cost, that of one of its images. */
function inShares(costs, images) {
  return Object.fromEntries(Object.entries(costs).map(([who, seconds]) => [who, seconds / images]));
}

/** Of several rounds, the median of each number. */
function middleOf(rounds) {
  const kinds = Object.keys(rounds[0].processor);
  return {
    perSecond: median(rounds.map(({ perSecond }) => perSecond)),
    processor: Object.fromEntries(
      kinds.map((kind) => [kind, median(rounds.map(({ processor }) => processor[kind]))]),
    ),
  };
}

/** Every accepted request is answered while workers are killed, and memory does not grow. */
async function soak(model, seconds, { progress, note, signal }) {
  progress(`oe serve, soak of ${seconds} s`);
  const serving = await startServing(model, ['--workers', '2', '--threads', '1']);
  const { send, close } = sender(serving.url, bodyOf(1), { connections: 16 });
  const statuses = {};
  const began = performance.now();
  const passed = () => (performance.now() - began) / 1000;
  const over = () => passed() > seconds || signal?.aborted;
  let kills = 0;
  const killer = setInterval(async () => {
    const alive = (await serving.workers()).filter(lives);
    if (alive.length < 2 || over()) return;
    process.kill(alive[kills++ % 2], 'SIGKILL');
  }, KILL_EVERY);
  const memory = [];
  const watch = setInterval(
    async () => memory.push(await residentBytes(serving.pid)),
    Math.max(500, 20 * seconds),
  );
  try {
    await Promise.all(
      Array.from({ length: 16 }, async () => {
        while (!over()) {
          const status = await send();
          statuses[status] = (statuses[status] ?? 0) + 1;
        }
      }),
    );
  } finally {
    clearInterval(killer);
    clearInterval(watch);
    close();
  }
  const code = await serving.stop();
  const sent = Object.values(statuses).reduce((sum, count) => sum + count, 0);
  const lost = sent - (statuses[200] ?? 0);
  note(
    `oe serve, soak: ${sent} requests, ${kills} workers killed, answers by status ${JSON.stringify(statuses)}, ended with ${code}.`,
  );
  const half = memory.length >> 1;
  return [
    row({
      name: 'oe serve, soak: requests that were not answered',
      peer: null,
      ours: lost / sent,
      theirs: null,
      unit: 'share',
    }),
    row({
      name: 'oe serve, soak: memory of the second half',
      peer: 'of the first',
      ours: Math.max(...memory.slice(half)),
      theirs: Math.max(...memory.slice(0, half)),
      unit: 'bytes',
    }),
  ];
}

function lives(pid) {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function residentBytes(pid) {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return 1024 * Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? Number.NaN);
}
