/** The command line as a process: what it prints, what it leaves behind, and how it ends. */
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeNpy } from '../src/data/npy.ts';
import type { ExperimentResults } from '../src/experiments/index.ts';
import { readModel } from '../src/onnx/index.ts';
import { nodeRuntime } from '../src/runtime/index.ts';
import { type Ended, expectSentence, oe, runOe as run } from './command.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'oe-cli-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function scores(name: string, values: number[]): string {
  const path = join(folder, name);
  writeFileSync(path, encodeNpy(Float32Array.from(values), [values.length]));
  return path;
}

describe('help and usage', () => {
  it.each([[['--help']], [['reproduce', '--help']], [['metrics', '--help']]])(
    'oe %s shows two examples',
    async (args) => {
      const { code, stdout } = await run(args);
      expect(code).toBe(0);
      expect(stdout.match(/\$ oe /g)?.length).toBeGreaterThanOrEqual(2);
    },
  );

  it('does not mind a reader that has had enough', () => {
    const script = `${process.execPath} ${oe} reproduce --help | true; echo "\${PIPESTATUS[0]}"; ${process.execPath} ${oe} nonsense 2>&1 | true; echo "\${PIPESTATUS[0]}"`;
    expect(execFileSync('bash', ['-c', script], { encoding: 'utf8' })).toBe('0\n2\n');
  });

  it('knows its version', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    expect((await run(['--version'])).stdout.trim()).toBe(version);
  });

  it('suggests the nearest name', async () => {
    expectSentence(await run(['reproduse', 'mnist']), 'Did you mean reproduce');
    expectSentence(await run(['reproduce', 'mnist', '--sedes', '3']), 'Did you mean');
    expectSentence(await run(['reproduce', 'minst', '--out', join(folder, 'no')]), 'did you mean "mnist"');
    expectSentence(
      await run(['reproduce', 'mnist', '--outliers', 'fashion', '--out', join(folder, 'no')]),
      'did you mean "fashion-mnist"',
    );
  });

  it.each([
    ['--seeds', '0'],
    ['--seeds', 'two'],
    ['--draws', '1.5'],
    ['--seed', '-1'],
    ['--threads', '0'],
  ])('refuses %s %s', async (option, value) => {
    expectSentence(await run(['reproduce', 'mnist', `${option}=${value}`]), option);
  });
});

describe('oe completion', () => {
  it.each(['bash', 'zsh', 'fish'])('%s knows every command and its options', async (shell) => {
    const { code, stdout } = await run(['completion', shell]);
    expect(code).toBe(0);
    for (const word of ['reproduce', 'report', 'metrics', 'completion', 'seeds', 'resume', 'mode'])
      expect(stdout).toMatch(word);
  });

  it('completes in bash', async () => {
    const script = join(folder, 'oe.bash');
    writeFileSync(script, (await run(['completion', 'bash'])).stdout);
    const complete = (...words: string[]) =>
      execFileSync(
        'bash',
        [
          '-c',
          `source ${script}; COMP_WORDS=(oe ${words.join(' ')}); COMP_CWORD=${words.length}; _oe; echo "\${COMPREPLY[@]}"`,
        ],
        { encoding: 'utf8' },
      ).trim();
    expect(complete('rep')).toBe('reproduce report');
    expect(complete('reproduce', '--se')).toBe('--seed --seeds');
    expect(complete('reproduce', 'mni')).toBe('mnist');
    expect(complete('completion', 'f')).toContain('fish');
  });

  it('refuses other shells', async () => {
    expectSentence(await run(['completion', 'tcsh']), 'bash, zsh, fish');
  });
});

describe('oe metrics', () => {
  it('prints JSON with fractions and nothing else', async () => {
    const { code, stdout, stderr } = await run([
      'metrics',
      '--in',
      scores('in.npy', [1, 2, 3, 4]),
      '--out',
      scores('out.npy', [3.5, 5]),
      '--json',
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const result = JSON.parse(stdout) as Record<string, number>;
    expect(Object.keys(result).sort()).toEqual(
      ['auprIn', 'aupr', 'auroc', 'detectionError', 'fpr', 'inCount', 'n', 'outCount'].sort(),
    );
    // Of eight pairs the outlier loses one (3.5 < 4); full recall is at threshold 3.5, where one inlier of four is above.
    expect(result).toMatchObject({ auroc: 7 / 8, fpr: 1 / 4, n: 95, inCount: 4, outCount: 2 });
  });

  it('prints a table with what the numbers mean', async () => {
    const { stdout } = await run([
      'metrics',
      '--in',
      scores('in.npy', [1, 2]),
      '--out',
      scores('out.npy', [3]),
      '--n',
      '90',
    ]);
    expect(stdout).toMatch(/FPR90/);
    expect(stdout).toMatch(/lower is better/);
  });

  it('says what is wrong with its input', async () => {
    const good = scores('good.npy', [1, 2]);
    const file = (name: string, bytes: Uint8Array) => {
      writeFileSync(join(folder, name), bytes);
      return join(folder, name);
    };
    const metrics = (bad: string, ...more: string[]) => run(['metrics', '--in', good, '--out', bad, ...more]);
    expectSentence(await metrics(join(folder, 'missing.npy')), 'no such file');
    expectSentence(await metrics(folder), 'is a folder');
    expectSentence(
      await metrics(file('text.npy', new TextEncoder().encode('0.5\n0.7\n'))),
      'not a readable .npy file',
    );
    expectSentence(await metrics(file('short.npy', readFileSync(good).subarray(0, 131))), 'cut off');
    expectSentence(await metrics(scores('nan.npy', [1, Number.NaN])), 'NaN', 'number 1');
    expectSentence(await metrics(scores('empty.npy', [])), 'no out-of-distribution scores');
    expectSentence(
      await metrics(file('square.npy', encodeNpy(new Float32Array(4), [2, 2]))),
      /shape \[2, 2\]/,
    );
    expectSentence(await metrics(good, '--n', '101'), '--n');
    expectSentence(await metrics(good, '--mode', 'last'), '--mode');
    expectSentence(await run(['metrics', '--in', good]), '--out');
  });
});

describe('oe reproduce', () => {
  it('refuses an output folder that cannot be written, before it trains', async () => {
    const file = join(folder, 'in-the-way');
    writeFileSync(file, '');
    expectSentence(await run(['reproduce', 'mnist', '--out', join(file, 'sub')]), 'cannot be written');
    expect(readFileSync(file, 'utf8')).toBe('');
  });

  it('says what it looks for in a data folder without any', { timeout: 60_000 }, async () => {
    const empty = join(folder, 'empty');
    mkdirSync(empty);
    expectSentence(
      await run(['reproduce', 'mnist', '--quick', '--data', empty, '--out', join(folder, 'no')]),
      'empty',
      /notmnist/i,
    );
  });

  it('ends cleanly when interrupted', { timeout: 60_000 }, async () => {
    const out = join(folder, 'interrupted');
    const { code, stderr } = await run(['reproduce', 'mnist', '--out', out], {
      interrupt: (stderr) => stderr.includes('Train baseline'),
    });
    expect(code).toBe(130);
    expect(stderr).toMatch(/Interrupted\. .*--resume/);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(readdirSync(out)).toEqual(['checkpoints']);
    // Another network of the same name would not go on from there.
    expectSentence(
      await run(['reproduce', 'mnist', '--quick', '--resume', '--out', out]),
      'size was full, is now quick',
      '--resume',
    );
  });

  it('goes on with --resume to the same models', { timeout: 180_000 }, async () => {
    const out = join(folder, 'resumed');
    const small = [
      'reproduce',
      'mnist',
      '--quick',
      '--train-size',
      '1500',
      '--epochs',
      '2',
      '--tune-epochs',
      '2',
    ];
    const begun = [...small, '--out', out];
    const broken = await run(begun, { interrupt: (stderr) => /Train oe-tune: \d/.test(stderr) });
    expect(broken.code).toBe(130);
    expect(existsSync(join(out, 'results.json'))).toBe(false);
    expect((await run([...begun, '--resume'])).code).toBe(0);
    expect(readdirSync(out)).not.toContain('checkpoints');
    const whole = join(folder, 'whole');
    expect((await run([...small, '--quiet', '--out', whole])).stderr).toBe('');
    for (const model of ['baseline.onnx', 'oe-tune.onnx']) {
      expect(
        readFileSync(join(out, 'models', model)).equals(readFileSync(join(whole, 'models', model))),
      ).toBe(true);
    }
    expectSentence(await run([...begun, '--resume']), 'nothing to resume');
  });

  it('ends with a sentence when the disk is full, and leaves no half of a file', {
    timeout: 120_000,
  }, async (context) => {
    const disk = join(folder, 'small-disk');
    mkdirSync(disk);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk], { stdio: 'ignore' });
    } catch {
      context.skip('Only root can make a disk to fill.');
    }
    try {
      expectSentence(await run(['reproduce', 'mnist', '--quick', '--out', disk]), 'the disk is full');
      expect(readdirSync(disk, { recursive: true }).filter((name) => String(name).endsWith('.tmp'))).toEqual(
        [],
      );
      expect(existsSync(join(disk, 'results.json'))).toBe(false);
    } finally {
      execFileSync('umount', [disk]);
    }
  });

  describe('mnist --quick --json', () => {
    let out: string;
    let results: ExperimentResults;
    let ended: Ended;

    beforeAll(async () => {
      out = join(folder, 'quick');
      ended = await run([
        'reproduce',
        'mnist',
        '--quick',
        '--scratch',
        '--draws',
        '2',
        '--json',
        '--out',
        out,
      ]);
      results = JSON.parse(ended.stdout) as ExperimentResults;
    }, 180_000);

    it('prints the results alone, and writes the same', () => {
      expect(ended.code).toBe(0);
      expect(JSON.parse(readFileSync(join(out, 'results.json'), 'utf8'))).toEqual(results);
      expect(results).toMatchObject({ experiment: 'mnist', seeds: [1], draws: 2 });
      expect(results.models.map(({ name }) => name)).toEqual(['baseline', 'oe-tune', 'oe-scratch']);
      for (const { testError } of results.models) expect(testError).toBeLessThan(0.1);
    });

    it('has a row for every model, score and set, and means that are means', () => {
      const sets = results.data.filter(({ role }) => role === 'outliers for test').map(({ name }) => name);
      expect(sets).toEqual(
        expect.arrayContaining(['gaussian', 'bernoulli', 'blobs', 'negative', 'glyphs', 'icons']),
      );
      for (const model of ['baseline', 'oe-tune', 'oe-scratch']) {
        for (const score of ['msp', 'uniform-ce']) {
          const rows = results.rows.filter((row) => row.model === model && row.score === score);
          expect(rows.map(({ set }) => set)).toEqual([...sets, 'mean']);
          const mean = rows.at(-1)!;
          const each = rows.slice(0, -1);
          expect(mean.auroc).toBeCloseTo(each.reduce((sum, { auroc }) => sum + auroc, 0) / each.length, 12);
          for (const row of each) {
            expect(row).toMatchObject({ n: 95, inCount: 10_000, outCount: 2000 });
            for (const rate of [row.fpr, row.auroc, row.aupr]) expect(rate >= 0 && rate <= 1).toBe(true);
            expect(row.drawStd).toBeDefined();
            expect(row.seedStd).toBeUndefined();
          }
        }
      }
    });

    it('shows Outlier Exposure better than the baseline in the mean', () => {
      const mean = (model: string) =>
        results.rows.find((row) => row.model === model && row.score === 'msp' && row.set === 'mean')!;
      for (const exposed of ['oe-tune', 'oe-scratch']) {
        expect(mean(exposed).fpr).toBeLessThan(mean('baseline').fpr);
        expect(mean(exposed).auroc).toBeGreaterThan(mean('baseline').auroc);
        expect(mean(exposed).aupr).toBeGreaterThan(mean('baseline').aupr);
      }
    });

    it('leaves tables, models that ONNX Runtime loads, and scores', async () => {
      expect(readFileSync(join(out, 'results.md'), 'utf8')).toMatch('| Mean |');
      const lines = readFileSync(join(out, 'results.csv'), 'utf8').trim().split('\n');
      expect(new Set(lines.map((line) => line.split(',').length)).size).toBe(1);
      const bytes = readFileSync(join(out, 'models', 'oe-tune.onnx'));
      expect([...readModel(bytes).graph.outputs.keys()]).toEqual(['logits']);
      const runtime = await nodeRuntime({ threads: 1, place: 'here' });
      const session = await runtime.createSession(bytes);
      const { logits } = await session.run({
        pixels: { elementType: 'float32', shape: [3, 1, 28, 28], data: new Float32Array(3 * 784) },
      });
      expect(logits!.shape).toEqual([3, 10]);
      await runtime.dispose();
      const inScores = join(out, 'scores', 'oe-tune', 'msp', 'in.npy');
      const check = await run([
        'metrics',
        '--in',
        inScores,
        '--out',
        join(out, 'scores', 'oe-tune', 'msp', 'gaussian.npy'),
        '--json',
      ]);
      expect((JSON.parse(check.stdout) as { inCount: number }).inCount).toBe(10_000);
    });

    it('tells its progress in plain lines when there is no terminal', () => {
      expect(ended.stderr).toMatch(/Train baseline: .*accuracy .* images\/s/);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what must not be there
      expect(ended.stderr).not.toMatch(/\u001b/);
    });
  });
});
