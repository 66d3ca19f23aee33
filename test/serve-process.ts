/** `oe serve` as a process, on small models. For tests only. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { bar, SHAPE, SIDE, SIZE, thresholdFor } from '../src/guard/testing.ts';
import { type Model, writeModel } from '../src/onnx/index.ts';
import { saveThreshold } from '../src/thresholds/node/index.ts';
import { oe } from './user-files.ts';

export const folder = mkdtempSync(join(tmpdir(), 'oe-serve-test-'));
export const at = (name: string) => join(folder, name);
export const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** A line of the log. */
export type Line = Record<string, unknown> & { msg: string };

export interface Serving {
  url: string;
  child: ChildProcess;
  /** Lines so far. */
  log: Line[];
  /** Waits until the log has a line, or `count` of them. */
  logged(msg: string, count?: number): Promise<Line[]>;
  workers(): number[];
  /** Waits for the end. @returns the exit code */
  ended(): Promise<number | null>;
  /** Sends SIGTERM and waits for the end. @returns the exit code */
  stop(): Promise<number | null>;
}

const running = new Set<Serving>();

/** Writes NAME.onnx and NAME.guard.json. */
export async function writeGuarded(name: string, model: Model): Promise<void> {
  writeFileSync(at(`${name}.onnx`), writeModel(model));
  await saveThreshold(at(`${name}.guard.json`), thresholdFor(model, `${name}.onnx`));
}

export async function serve(name: string, ...args: string[]): Promise<Serving> {
  const child = spawn(
    process.execPath,
    [oe, 'serve', at(`${name}.onnx`), '--port', '0', '--threads', '1', ...args],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const log: Line[] = [];
  let [rest, complaints] = ['', ''];
  child.stderr.on('data', (data: Buffer) => (complaints += data));
  child.stdout.on('data', (data: Buffer) => {
    const lines = (rest + data).split('\n');
    rest = lines.pop()!;
    log.push(...lines.map((line) => JSON.parse(line) as Line));
  });
  const logged = async (msg: string, count = 1): Promise<Line[]> => {
    for (let waited = 0; waited < 60_000; waited += 20) {
      const found = log.filter((line) => line.msg === msg);
      if (found.length >= count) return found;
      if (child.exitCode !== null) throw new Error(`oe serve ended with ${child.exitCode}: ${complaints}`);
      await sleep(20);
    }
    throw new Error(`No line "${msg}": ${JSON.stringify(log)} ${complaints}`);
  };
  const [listening] = await logged('listening');
  const serving: Serving = {
    url: listening!.url as string,
    child,
    log,
    logged,
    workers: () => log.filter(({ msg }) => msg === 'worker started').map(({ pid }) => pid as number),
    async ended() {
      running.delete(serving);
      if (child.exitCode === null && child.signalCode === null) await once(child, 'close');
      return child.exitCode;
    },
    stop() {
      child.kill('SIGTERM');
      return serving.ended();
    },
  };
  running.add(serving);
  return serving;
}

export async function removeServers(): Promise<void> {
  await Promise.all([...running].map((serving) => serving.stop()));
  rmSync(folder, { recursive: true, force: true });
}

export interface Answer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: what tests look into
  json: any;
}

export async function post(
  { url }: Serving,
  body: unknown,
  { type = 'application/json', headers = {} }: { type?: string; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const response = await fetch(`${url}/v1/check`, {
    method: 'POST',
    body:
      body instanceof FormData || body instanceof Uint8Array || typeof body === 'string'
        ? (body as BodyInit)
        : JSON.stringify(body),
    headers: { ...(body instanceof FormData ? {} : { 'content-type': type }), ...headers },
  });
  return { status: response.status, headers: response.headers, json: await response.json() };
}

export async function get({ url }: Serving, path: string, headers: Record<string, string> = {}) {
  const response = await fetch(url + path, { headers });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** The value of a metric, by its name with labels. */
export async function metric(serving: Serving, name: string): Promise<number> {
  const { text } = await get(serving, '/metrics');
  const line = text.split('\n').find((each) => each.startsWith(`${name} `));
  return Number(line?.split(' ').at(-1));
}

/** A bar as the API takes numbers. */
export const tensor = (third = 0) => ({ tensor: [...bar(third)], shape: SHAPE });

/** The same as a PNG. */
export function picture(third: number) {
  const pixels = bar(third);
  const data = Uint8Array.from({ length: SIZE }, (_, i) =>
    Math.round(255 * pixels[(i % 3) * SIDE * SIDE + Math.floor(i / 3)]!),
  );
  return sharp(data, { raw: { width: SIDE, height: SIDE, channels: 3 } })
    .png()
    .toBuffer();
}
