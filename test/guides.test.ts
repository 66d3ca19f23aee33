/**
 * The guides as their readers follow them: page by page in one folder, every `sh` line as a command, and what a page shows
 * of its output is what comes out. What is marked `js` and begins with a file's name is that file.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { blocksOf } from './guide-blocks.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'oe-guides-'));
const PAGES = ['guide-endpoint', 'guide-browser', 'guide-threshold'];
const ADDRESS = 'http://127.0.0.1:8080';

interface Step {
  files: { name: string; code: string }[];
  commands: string[];
  shown: string[];
}

/** A page's commands, each group with the files that have to be there before it and the output that is shown after it. */
function stepsOf(page: string): Step[] {
  const steps: Step[] = [];
  let files: Step['files'] = [];
  for (const { language, code } of blocksOf(page)) {
    const lines = code.trimEnd().split('\n');
    const name = /^\/\/ ([\w-]+\.mjs)/.exec(lines[0]!)?.[1];
    if (language === 'js' && name) files.push({ name, code });
    if (language === 'sh') {
      steps.push({ files, commands: lines, shown: [] });
      files = [];
    }
    if (language === 'text') steps.at(-1)!.shown.push(...lines);
  }
  return steps;
}

/**
 * Whether a line is the one that a page shows: the same words, and numbers as near as another processor's rounding may leave
 * them; numbers below 20 without decimals are classes and settings, and the same. `…` stands for anything.
 */
function isLike(line: string, shown: string): boolean {
  const parts = (text: string) =>
    text
      .replaceAll(/[│\s]+/g, ' ')
      .trim()
      .split(/(-?\d(?:[\d,]*\d)?(?:\.\d+)?…?|…)/);
  const [found, expected] = [parts(line), parts(shown)];
  return (
    found.length === expected.length &&
    expected.every((part, i) => {
      if (i % 2 === 0 || part === found[i]) return part === found[i];
      if (part === '…') return true;
      const [value, wanted] = [found[i]!, part].map((number) =>
        Number.parseFloat(number.replaceAll(',', '')),
      );
      if (/^\d{1,2}$/.test(part) && wanted! < 20 && !/^ of/.test(expected[i + 1]!)) return false;
      return Math.abs(value! - wanted!) <= 0.1 + 0.3 * Math.abs(wanted!);
    })
  );
}

describe('isLike', () => {
  it('takes other last digits, no other words, classes or sizes', () => {
    const shown = '│ icons │  60.00 → 5.00 │ 78.24 │';
    expect(isLike('│ icons   │ 59.00 → 5.50 │ 78.31 │', shown)).toBe(true);
    expect(isLike('│ icons   │ 59.00 → 15.50 │ 78.31 │', shown)).toBe(false);
    expect(isLike('│ glyphs  │ 60.00 → 5.00 │ 78.24 │', shown)).toBe(false);
    expect(isLike('│ icons │  60.00 │ 78.24 │', shown)).toBe(false);
    expect(
      isLike('{"label":7,"score":-0.47123,"isOutlier":true}', '{"label":7,"score":-0.47…,"isOutlier":true}'),
    ).toBe(true);
    expect(
      isLike('{"label":9,"score":-0.47123,"isOutlier":true}', '{"label":7,"score":-0.47…,"isOutlier":true}'),
    ).toBe(false);
    expect(
      isLike('{"label":7,"score":-0.47123,"isOutlier":false}', '{"label":7,"score":-0.47…,"isOutlier":true}'),
    ).toBe(false);
  });
});

const hasCurl = spawnSync('curl', ['--version']).status === 0;

describe.skipIf(!hasCurl)('the guides', { timeout: 300_000 }, () => {
  let environment: NodeJS.ProcessEnv;
  let server: ChildProcess | undefined;
  let url = ADDRESS;

  beforeAll(() => {
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(root, join(folder, 'node_modules', 'outlier-exposure'), 'dir');
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    const command = `#!/bin/sh\nexec "${process.execPath}" "${join(root, 'bin', 'oe.js')}" "$@"\n`;
    writeFileSync(join(bin, 'oe'), command);
    chmodSync(join(bin, 'oe'), 0o755);
    copyFileSync(join(root, 'test/fixtures/guides/classifier.onnx'), join(folder, 'classifier.onnx'));
    environment = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` };
  });
  afterAll(() => {
    server?.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  /** Starts a server at a port that is free, and takes it for the one of the page. */
  async function start(command: string): Promise<void> {
    const child = spawn('sh', ['-c', `exec ${command} --port 0`], { cwd: folder, env: environment });
    server = child;
    let said = '';
    url = await new Promise<string>((resolve, reject) => {
      const hear = (data: Buffer) => {
        said += data;
        const found = /"url":"([^"]+)"/.exec(said)?.[1];
        if (found) resolve(found);
      };
      child.stdout.on('data', hear);
      child.stderr.on('data', hear);
      child.once('close', () => reject(new Error(`${command} ended: ${said}`)));
    });
  }

  async function run(command: string): Promise<string> {
    const wanted = Number(/# exit code (\d+)$/.exec(command)?.[1] ?? 0);
    const child = spawn('sh', ['-c', command.replaceAll(ADDRESS, url)], { cwd: folder, env: environment });
    let output = '';
    child.stdout.on('data', (data: Buffer) => (output += data));
    child.stderr.on('data', (data: Buffer) => (output += data));
    const [code] = (await once(child, 'close')) as [number | null];
    expect(code, `${command}\n${output}`).toBe(wanted);
    return `${output}\n`;
  }

  it.each(PAGES)('%s does what it says', async (page) => {
    const steps = stepsOf(page);
    expect(steps.length).toBeGreaterThan(0);
    for (const { files, commands, shown } of steps) {
      for (const { name, code } of files) writeFileSync(join(folder, name), code);
      let output = '';
      for (const command of commands) {
        if (command.startsWith('oe serve ')) await start(command);
        else output += await run(command);
      }
      // curl ends no line.
      const lines = output.replaceAll('}{', '}\n{').split('\n');
      for (const line of shown)
        expect(
          lines.some((each) => isLike(each, line)),
          `docs/${page}.md shows\n${line}\nbut this came out:\n${output}`,
        ).toBe(true);
    }
    if (!server) return;
    server.kill('SIGTERM');
    const [code] = (await once(server, 'exit')) as [number | null];
    expect(code).toBe(0);
    server = undefined;
  });
});
