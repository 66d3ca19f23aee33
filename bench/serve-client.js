/** `oe serve` as a process, and clients that load it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const OE = fileURLToPath(new URL('../bin/oe.js', import.meta.url));

/** @returns the server's address, its log by message, and what ends it */
export async function startServing(model, args) {
  const child = spawn(process.execPath, [OE, 'serve', model, '--port', '0', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const log = [];
  const listening = new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const entry = JSON.parse(line);
      if (entry.msg !== 'request') log.push(entry);
      if (entry.msg === 'listening') resolve(entry.url);
    });
    child.once('exit', (code) => reject(new Error(`oe serve ended with ${code}.`)));
  });
  const url = await listening;
  return {
    url,
    pid: child.pid,
    /** Workers that were started, whether they live or not. */
    workers: () => log.filter(({ msg }) => msg === 'worker started').map(({ pid }) => pid),
    async stop() {
      if (child.exitCode === null) {
        child.kill('SIGTERM');
        await once(child, 'exit');
      }
      return child.exitCode;
    },
  };
}

/** @returns sends a body and gives the status; -1 where the connection broke */
export function sender(url, { connections }) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const { hostname, port } = new URL(url);
  const headers = { 'content-type': 'application/x-npy' };
  const send = (body) =>
    new Promise((resolve) => {
      const sending = request(
        {
          agent,
          hostname,
          port,
          path: '/v1/check',
          method: 'POST',
          headers: { ...headers, 'content-length': body.length },
        },
        (response) => {
          response.resume();
          response.on('end', () => resolve(response.statusCode));
        },
      );
      sending.on('error', () => resolve(-1));
      sending.end(body);
    });
  return { send, close: () => agent.destroy() };
}

/** As many clients as there may be, each sending when its last answer has come. @returns answers a second, by status too */
export async function closedLoop({ url, body, clients, seconds, signal }) {
  const { send, close } = sender(url, { connections: clients });
  const statuses = {};
  const began = performance.now();
  const over = () => signal?.aborted || performance.now() - began > 1000 * seconds;
  await Promise.all(
    Array.from({ length: clients }, async () => {
      while (!over()) {
        const status = await send(body);
        statuses[status] = (statuses[status] ?? 0) + 1;
      }
    }),
  );
  close();
  const total = Object.values(statuses).reduce((sum, count) => sum + count, 0);
  return { perSecond: (1000 * total) / (performance.now() - began), statuses };
}

/**
 * Requests at random moments, so many a second on average, whether answers have come or not: what a request waits because
 * others are late counts.
 *
 * @returns milliseconds from the moment when each was due, sorted
 */
export async function openLoop({ url, body, perSecond, seconds, random, signal }) {
  const { send, close } = sender(url, { connections: 256 });
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
      send(body).then((status) => {
        if (status === 200) waits.push(performance.now() - at);
        else failed.push(status);
      }),
    );
  }
  await Promise.all(underWay);
  close();
  return { waits: waits.sort((a, b) => a - b), failed };
}
