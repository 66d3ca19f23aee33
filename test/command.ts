/** `oe` as a process, and what it has to do with bad input. For tests only. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';

export const oe = fileURLToPath(new URL('../bin/oe.js', import.meta.url));

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface Surroundings {
  cwd?: string;
  env?: Record<string, string>;
  /** Given all of standard error so far, every 20 ms: whether it is time for Ctrl-C. */
  interrupt?: ((stderr: string) => boolean) | undefined;
}

export function runOe(args: string[], { cwd, env, interrupt }: Surroundings = {}): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [oe, ...args], {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended: Ended = { code: null, stdout: '', stderr: '' };
    child.stdout.on('data', (data: Buffer) => (ended.stdout += data));
    child.stderr.on('data', (data: Buffer) => (ended.stderr += data));
    const timer = setInterval(() => {
      if (!interrupt?.(ended.stderr)) return;
      clearInterval(timer);
      child.kill('SIGINT');
    }, 20);
    child.on('close', (code) => {
      clearInterval(timer);
      resolve({ ...ended, code });
    });
  });
}

/** Bad input: exit code 2, one sentence, no stack trace, nothing on standard output. */
export function expectSentence({ code, stdout, stderr }: Ended, ...parts: (string | RegExp)[]): void {
  expect([code, stdout], stderr).toEqual([2, '']);
  expect(stderr).not.toMatch(/^\s+at /m);
  for (const part of parts) expect(stderr).toMatch(part);
}
