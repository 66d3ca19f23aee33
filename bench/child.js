/** Runs a program of ours as a process of its own, and watches its memory. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';

const WATCH_MILLISECONDS = 100;

/**
 * @returns what it printed, the seconds from its start to its end, and the most resident memory it had as far as
 * it could be seen (null where there is no /proc)
 * @throws when it ends with an error; the message is the last line of what it wrote to standard error
 */
export async function runChild(args, { env, signal }) {
  const start = performance.now();
  const child = spawn(process.execPath, args, { env, signal, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr']) {
    child[stream].setEncoding('utf8');
    child[stream].on('data', (text) => {
      output[stream] += text;
    });
  }
  let peakBytes = null;
  const watch = setInterval(async () => {
    // The kernel keeps the peak itself, so that nothing between two looks is missed but after the last one.
    const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '');
    const kilobytes = /^VmHWM:\s+(\d+) kB/m.exec(status)?.[1];
    if (kilobytes) peakBytes = Math.max(peakBytes ?? 0, 1024 * Number(kilobytes));
  }, WATCH_MILLISECONDS);
  try {
    const [code] = await once(child, 'close');
    if (code !== 0) throw new Error(output.stderr.trim().split('\n').at(-1) || `It ended with ${code}.`);
    return { stdout: output.stdout, seconds: (performance.now() - start) / 1000, peakBytes };
  } finally {
    clearInterval(watch);
  }
}
