/** `oe reproduce cifar10` as a process, at a scale of a few pictures: all of it, from files to the report. */
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
import { normalizationOf } from '../src/nn/index.ts';
import { readModel, writeSafetensors } from '../src/onnx/index.ts';
import { Random } from '../src/random.ts';
import { expectSentence, runOe } from './command.ts';

let folder: string;
let data: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'oe-vision-'));
  data = join(folder, 'data');
  mkdirSync(data);
  pictures('cifar10-train', 40, { classes: 10 });
  pictures('cifar10-test', 40, { classes: 10 });
  pictures('cifar100-test', 20, { classes: 100 });
  pictures('tinyimagenet32-train', 60, { classes: 6 });
  pictures('dtd32', 10, {});
  pictures('mine', 12, {}, 48);
  writeFileSync(join(folder, 'exclude.json'), '{"cifar10": {"exclude_index": [1, 4]}}');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Random pictures whose brightness tells their class, with labels where there are classes. */
function pictures(name: string, count: number, { classes }: { classes?: number }, side = 32): void {
  const random = Random.from(1, name);
  const bytes = new Uint8Array(count * side * side * 3);
  const size = side * side * 3;
  for (let i = 0; i < bytes.length; i++) {
    const label = classes ? Math.floor(i / size) % classes : 0;
    bytes[i] = Math.floor(100 * random.uniform()) + (classes ? (150 * label) / classes : 0);
  }
  writeFileSync(join(data, `${name}-images.npy`), encodeNpy(bytes, [count, side, side, 3]));
  if (!classes) return;
  const labels = Int32Array.from({ length: count }, (_, i) => i % classes);
  writeFileSync(join(data, `${name}-labels.npy`), encodeNpy(labels, [count]));
}

/** What the user has fetched plays no part. */
const run = (args: string[], interrupt?: (stderr: string) => boolean) =>
  runOe(['reproduce', ...args], { env: { OE_DATA: join(folder, 'nothing-fetched') }, interrupt });

const small = () => [
  ...['cifar10', '--data', data, '--model', 'wrn-10-1', '--batch', '10,20', '--threads', '1'],
  ...[
    '--epochs',
    '1',
    '--exclude',
    join(folder, 'exclude.json'),
    '--ood',
    `mine=${join(data, 'mine-images.npy')}`,
  ],
];

describe('oe reproduce cifar10', () => {
  const out = () => join(folder, 'whole');
  const tuned = () => [...small(), '--tune-epochs', '25'];
  let results: ExperimentResults;

  it('goes from files to results', { timeout: 300_000 }, async () => {
    const { code, stdout, stderr } = await run([...tuned(), '--json', '--out', out()]);
    expect(stderr).not.toMatch(/^oe:/m);
    expect(code).toBe(0);
    results = JSON.parse(stdout) as ExperimentResults;
    const sets = (role: string) => results.data.filter((set) => set.role === role);
    expect(sets('outliers for test').map(({ name, count }) => [name, count])).toEqual([
      ['gaussian', 8],
      ['rademacher', 8],
      ['blobs', 8],
      ['textures', 10],
      ['cifar100', 20],
      ['mine', 12],
    ]);
    expect(sets('outliers for validation').map(({ name }) => name)).toEqual([
      'uniform',
      'arithmetic-mean',
      'geometric-mean',
      'jigsaw',
      'speckle',
      'pixelate',
      'rgb-ghost',
      'inverted',
    ]);
    // Made of the other CIFAR, as in the paper's code.
    expect(sets('outliers for validation')[3]!.count).toBe(20);
    // Two of six classes are left out.
    expect(sets('outliers for training')).toMatchObject([{ name: 'tiny-imagenet', count: 40 }]);
    expect(results.notes!.join(' ')).toMatch(/20 of 60 were left out/);
    expect(results.notes!.join(' ')).toMatch(/svhn, places365, lsun were not there/);
    expect(results.config).toMatchObject({
      network: 'wrn-10-1',
      epochs: { baseline: 1, 'oe-tune': 25 },
      learningRate: { baseline: 0.1, 'oe-tune': 0.001 },
      batch: { inliers: 10, outliers: 20 },
      weightDecay: 5e-4,
      augment: { inliers: 'crop(4)+flip' },
    });
    expect(results.published.rows.baseline!.svhn!.fpr).toBeCloseTo(0.288, 12);
    for (const model of ['baseline', 'oe-tune']) {
      const rows = results.rows.filter((row) => row.model === model && row.score === 'msp');
      expect(rows.map(({ set }) => set)).toEqual([
        ...sets('outliers for test').map(({ name }) => name),
        'mean',
      ]);
      for (const row of rows.slice(0, -1)) expect(row).toMatchObject({ inCount: 40, outCount: 8 });
    }
    const model = readModel(readFileSync(join(out(), 'models', 'oe-tune.onnx')));
    expect(normalizationOf(model)!.mean[0]).toBeCloseTo(125.3 / 255, 12);
    const report = readFileSync(join(out(), 'report.html'), 'utf8');
    expect(report).toContain('10 pictures of Textures');
    expect(report).toContain('oe reproduce cifar10 --model wrn-10-1');
  });

  it('goes on after Ctrl-C to the same bits, and says when it does not', { timeout: 300_000 }, async () => {
    const broken = join(folder, 'broken');
    const first = await run([...tuned(), '--out', broken], (stderr) =>
      /Train baseline: .* s {2}epoch/.test(stderr),
    );
    expect(first.code).toBe(130);
    expect(readdirSync(broken)).toEqual(['checkpoints']);
    expectSentence(
      await run([...small(), '--tune-epochs', '2', '--resume', '--out', broken]),
      /epochs was .*25.*, is now .*2/,
    );
    const resumed = await run([...tuned(), '--resume', '--out', broken]);
    expect(resumed.code).toBe(0);
    expect(resumed.stdout).toMatch(/CIFAR-10, exposed to outliers: MSP, baseline → oe-tune/);
    expect(resumed.stdout).toMatch(/were not there/);
    for (const model of ['baseline.onnx', 'oe-tune.onnx']) {
      const bytes = readFileSync(join(broken, 'models', model));
      expect(bytes.equals(readFileSync(join(out(), 'models', model)))).toBe(true);
    }
    // Another unfinished run, which the next one discards, and says so.
    mkdirSync(join(broken, 'checkpoints'));
    writeFileSync(join(broken, 'checkpoints', 'settings.json'), '{}');
    writeFileSync(join(broken, 'checkpoints', 'seed-1-baseline.safetensors'), '');
    const anew = await run([...small(), '--tune-epochs', '1', '--quiet', '--out', broken]);
    expect(anew.code).toBe(0);
    expect(anew.stderr).toMatch(/^Starting anew: .*checkpoints is discarded; --resume .*\n$/);
  });

  it('takes the baseline from a file, and may train nothing at all', { timeout: 300_000 }, async () => {
    const onnx = join(out(), 'models', 'baseline.onnx');
    // Parameters have a module's name and their own.
    const tensors = Object.fromEntries(
      [...readModel(readFileSync(onnx)).graph.initializers].filter(([name]) => name.includes('.')),
    );
    const weights = join(folder, 'baseline.safetensors');
    writeFileSync(weights, writeSafetensors({ tensors, metadata: {} }));
    const measured = async (from: string, name: string, models = 'baseline') => {
      const { code, stdout, stderr } = await run([
        ...[...small(), '--from', from, '--models', models, '--tune-epochs', '1'],
        ...['--json', '--out', join(folder, name)],
      ]);
      expect(code, stderr).toBe(0);
      return JSON.parse(stdout) as ExperimentResults;
    };
    const before = results.rows.filter(({ model }) => model === 'baseline');
    const fromOnnx = await measured(onnx, 'from-onnx');
    expect(fromOnnx.rows).toEqual(before);
    expect(fromOnnx.training).toEqual([]);
    expect(fromOnnx.config).toMatchObject({ from: onnx, network: 'wrn-10-1', outliers: null });
    // A confidence branch on top of it, which the paper trains from the beginning (Table 3).
    const branches = await measured(weights, 'from-weights', 'baseline,branch,branch-oe');
    const msp = (row: { model: string; score: string }) => row.model === 'baseline' && row.score === 'msp';
    expect(branches.rows.filter(msp)).toEqual(before.filter(msp));
    expect(branches.training.map(({ model }) => model)).toEqual(['branch', 'branch-oe']);
    expect(branches.config).toMatchObject({ learningRate: { branch: 0.01, 'branch-oe': 0.001 } });
    expect([...new Set(branches.rows.map(({ score }) => score))]).toEqual(['own', 'msp']);
    expect(branches.published).toMatchObject({ score: 'own', rows: { branch: { mean: { fpr: 0.387 } } } });
    expect(branches.notes!.join(' ')).toMatch(
      /branch from the beginning; here it goes on .*baseline\.safetensors/,
    );
    expect(existsSync(join(folder, 'from-weights', 'report.html'))).toBe(true);
    expectSentence(
      await run([...small(), '--model', 'wrn-16-1', '--from', weights, '--out', join(folder, 'no')]),
      /block1\.layer\.1/,
    );
  });

  it('takes files of one’s own in place of the paper’s', { timeout: 300_000 }, async () => {
    const at = (name: string) => join(data, `${name}-images.npy`);
    const { code, stdout, stderr } = await run([
      ...['cifar10', '--model', 'wrn-10-1', '--batch', '10,20', '--epochs', '1', '--tune-epochs', '1'],
      ...['--in', at('tinyimagenet32-train'), '--test', at('cifar10-test')],
      ...['--test-labels', join(data, 'cifar10-test-labels.npy'), '--outliers', `textures=${at('dtd32')}`],
      ...['--train-size', '30', '--batch', '10,10', '--quiet', '--json', '--out', join(folder, 'own')],
    ]);
    expect(code, stderr).toBe(0);
    const own = JSON.parse(stdout) as ExperimentResults;
    expect(own.data.slice(0, 3)).toMatchObject([
      { name: 'cifar10-train', count: 30 },
      { name: 'cifar10-test', count: 40 },
      { name: 'textures', role: 'outliers for training', count: 10 },
    ]);
    // What it was exposed to is no test of it.
    expect(own.rows.some(({ set }) => set === 'textures')).toBe(false);
    expect(own.notes!.join(' ')).toMatch(/D_out\^val is made of the in-distribution test pictures/);
  });
});

describe('what is missing', () => {
  const no = () => ['--out', join(folder, 'no')];

  it('is named, with how to get it', { timeout: 120_000 }, async () => {
    expectSentence(await run(['svhn', ...no()]), 'svhn', 'oe data fetch svhn');
    expectSentence(await run(['cifar100', '--data', data, ...no()]), 'cifar100', 'what it is trained on');
    expectSentence(await run(['places365', ...no()]), 'trained resnet-18', '--from');
    expectSentence(await run(['cifar10', '--data', join(folder, 'nowhere'), ...no()]), 'does not exist');
    expectSentence(
      await run(['cifar10', '--data', data, '--outliers', 'tiny-imagenett', ...no()]),
      'did you mean',
    );
  });

  it.each([
    [['--mean', '0,0,0'], '--std'],
    [['--mean', 'a,b'], 'numbers with commas'],
    [['--batch', '10'], '128,256'],
    [['--models', 'oe-tune'], '"baseline": name it too'],
    [['--models', 'best'], 'oe-scratch'],
    [['--in-labels', 'x.npy'], '--in'],
    [['--model', 'wrn-40'], 'did you mean wrn-40-2'],
    [['--ood', 'a=x', '--ood', 'a=y'], 'two sets called "a"'],
  ])('refuses %s', async (options, message) => {
    expectSentence(await run(['cifar10', '--data', data, ...options, ...no()]), message);
  });
});
