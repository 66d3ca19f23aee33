/** `oe serve` as a process, and clients that load it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkRequest, connections } from './http-connection.js';
import { processorSeconds } from './processor-time.js';

const OE = fileURLToPath(new URL('../bin/oe.js', import.meta.url));

/** @returns the server's address, its processes, and what ends it; its log goes to a file, which costs the clients nothing */
export async function startServing(model, args) {
  const folder = await mkdtemp(join(tmpdir(), 'oe-bench-log-'));
  const path = join(folder, 'log');
  const file = openSync(path, 'w');
  const child = spawn(process.execPath, [OE, 'serve', model, '--port', '0', ...args], {
    stdio: ['ignore', file, 'inherit'],
  });
  closeSync(file);
  /** Lines with a message, as far as they are written. */
  const logged = async (msg) => {
    const lines = (await readFile(path, 'utf8')).split('\n').slice(0, -1);
    return lines.filter((line) => line.includes(`"msg":"${msg}"`)).map((line) => JSON.parse(line));
  };
  let url;
  while (url === undefined) {
    if (child.exitCode !== null) throw new Error(`oe serve ended with ${child.exitCode}.`);
    await new Promise((resolve) => setTimeout(resolve, 50));
    url = (await logged('listening'))[0]?.url;
  }
  /** Workers that were started, whether they live or not. */
  const workers = async () => (await logged('worker started')).map(({ pid }) => pid);
  return {
    url,
    pid: child.pid,
    workers,
    /** Processor time so far of the server and of its workers that live, in seconds. */
    async processorSeconds() {
      const ofWorkers = (await workers()).map((pid) => processorSeconds(pid) ?? 0);
      return { server: processorSeconds(child.pid), workers: ofWorkers.reduce((sum, each) => sum + each, 0) };
    },
    async stop() {
      if (child.exitCode === null) {
        child.kill('SIGTERM');
        await once(child, 'exit');
      }
      await rm(folder, { recursive: true, force: true });
      return child.exitCode;
    },
  };
}

/** @returns sends a body and gives the status; -1 where the connection broke */
export function sender(url, body, { connections: most }) {
  const request = checkRequest(url, body);
  const { send, close } = connections(url, most);
  return { send: () => send(request), close };
}

/**
 * As many clients as there may be, each sending when its last answer has come.
 *
 * @returns answers a second, by status too, and processor seconds an answer of clients, server and workers
 */
export async function closedLoop({ serving, body, clients, seconds, signal }) {
  const { send, close } = sender(serving.url, body, { connections: clients });
  const statuses = {};
  const before = await spent(serving);
  const began = performance.now();
  const over = () => signal?.aborted || performance.now() - began > 1000 * seconds;
  await Promise.all(
    Array.from({ length: clients }, async () => {
      while (!over()) {
        const status = await send();
        statuses[status] = (statuses[status] ?? 0) + 1;
      }
    }),
  );
  const passed = (performance.now() - began) / 1000;
  const after = await spent(serving);
  close();
  const total = Object.values(statuses).reduce((sum, count) => sum + count, 0);
  const each = Object.fromEntries(
    Object.entries(after).map(([who, value]) => [who, (value - before[who]) / total]),
  );
  return { perSecond: total / passed, statuses, each };
}

async function spent(serving) {
  const { user, system } = process.cpuUsage();
  return { clients: (user + system) / 1e6, ...(await serving.processorSeconds()) };
}

/**
 * Requests at random moments, so many a second on average, whether answers have come or not: what a request waits because
 * others are late counts.
 *
 * @returns milliseconds from the moment when each was due, sorted
 */
export async function openLoop({ serving, body, perSecond, seconds, random, signal }) {
  const { send, close } = sender(serving.url, body, { connections: 256 });
  const waits = [];
  const failed = [];
  const underWay = [];
  const began = performance.now();
  let due = 0;
  while (due < 1000 * seconds && !signal?.aborted) {
    due += (-Math.log(1 - random.uniform()) * 1000) / perSecond;
    const wait = began + due - performance.now();
    if (wait > 1) await new Promise((resolve) => setTimeout(resolve, wait));
    const at = began + due;
    underWay.push(
      send().then((status) => {
        if (status === 200) waits.push(performance.now() - at);
        else failed.push(status);
      }),
    );
  }
  await Promise.all(underWay);
  close();
  return { waits: waits.sort((a, b) => a - b), failed };
}
