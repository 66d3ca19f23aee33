/** `oe threshold` and `oe score --threshold` as processes. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseNpy } from '../src/data/npy.ts';
import { createModel, float32, Graph, writeModel } from '../src/onnx/index.ts';
import { readThreshold } from '../src/thresholds/index.ts';
import { expectSentence, file, removeFolder, run, SIDE, writeBars, writeNoise } from './user-files.ts';

/** Knows bars by the third of the image that is bright. */
function writeClassifier(name: string, weight: number): void {
  const graph = new Graph('bars');
  const x = graph.addInput('x', 'float32', ['n', 3, SIDE, SIDE]);
  const size = 3 * SIDE * SIDE;
  const weights = Float32Array.from({ length: 3 * size }, (_, i) =>
    Math.floor(((i % SIDE) * 3) / SIDE) === Math.floor(i / size) ? weight : 0,
  );
  const head = graph.addInitializer('w', float32(weights, [3, size]));
  graph.addOutput(graph.add('Gemm', [graph.add('Flatten', [x], { axis: 1 }), head], { transB: 1 }));
  writeFileSync(file(name), writeModel(createModel(graph)));
}

const labelled = ['--labels', 'calibration-labels.npy'];
const threshold = (out: string, ...args: string[]) =>
  run([
    'threshold',
    '--model',
    'bars.onnx',
    '--in',
    'calibration.npy',
    '--threads',
    '1',
    '--quiet',
    '--out',
    out,
    ...args,
  ]);
const score = (...args: string[]) => run(['score', '--threads', '1', '--quiet', ...args]);
const read = (name: string) => readThreshold(readFileSync(file(name)), name);

beforeAll(() => {
  writeBars('train', 120, 1);
  writeBars('calibration', 99, 2);
  writeBars('new', 60, 3);
  writeNoise('noise', 50, 4);
  writeClassifier('bars.onnx', 0.03);
  writeClassifier('other.onnx', 0.02);
});
afterAll(removeFolder);

describe('oe threshold', () => {
  it('chooses, tells what to expect, and oe score flags by it', async () => {
    const chosen = await threshold('guard.json', '--fpr', '5', '--ood', 'noise.npy', ...labelled);
    expect(chosen.code, chosen.stderr).toBe(0);
    expect(chosen.stdout).toMatch(
      /msp: a score of .* or more is an outlier \(at most 5.00 % of in-distribution/,
    );
    expect(chosen.stdout).toMatch(/in-distribution flagged .* 4 of 99/);
    expect(chosen.stdout).toMatch(/outliers found: noise .* 50 of 50/);
    expect(chosen.stdout).toMatch(/misclassified of those kept/);
    expect(chosen.stdout).toMatch(/Written to guard.json\.\n$/);
    const guard = read('guard.json');
    expect(guard).toMatchObject({
      detector: { name: 'msp', settings: {} },
      rule: { fpr: 0.05 },
      fpr: { flagged: 4, count: 99 },
      sets: [{ name: 'noise', count: 50 }],
      error: { all: { count: 99 }, kept: { count: 95 } },
    });
    expect(guard.data.map(({ role, count }) => [role, count])).toEqual([
      ['in-distribution calibration', 99],
      ['outliers for calibration', 50],
    ]);
    const data = [
      '--model',
      'bars.onnx',
      '--threshold',
      'guard.json',
      '--data',
      'calibration.npy',
      'noise.npy',
    ];
    const lines = await score(...data);
    expect([lines.code, lines.stderr]).toEqual([0, '']);
    const all = lines.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { score: number; outlier: boolean });
    const count = (part: typeof all) => part.filter(({ outlier }) => outlier).length;
    expect([count(all.slice(0, 99)), count(all.slice(99))]).toEqual([4, guard.tpr!.flagged]);
    const csv = await score(...data, '--format', 'csv');
    const [head, ...rows] = csv.stdout.trim().split('\n');
    expect(head).toBe('index,predicted,confidence,score,outlier');
    expect(rows.map((row) => row.split(',').at(-1))).toEqual(all.map(({ outlier }) => String(outlier)));
    const npy = await score(...data, '--format', 'npy', '--out', 's.npy', '--json');
    expect(JSON.parse(npy.stdout)).toMatchObject({
      images: 149,
      detector: 'msp',
      threshold: guard.threshold,
      outliers: 4 + guard.tpr!.flagged,
    });
    expect(parseNpy(readFileSync(file('s.npy'))).shape).toEqual([149]);
  });

  it('keeps what a detector learned, to the bit', async () => {
    const fit = ['--fit', 'train.npy', '--fit-labels', 'train-labels.npy'];
    const detector = ['--detector', 'openmax:tail=15'];
    const chosen = await threshold(
      'open.json',
      '--tpr',
      '90',
      '--ood',
      'a=noise.npy',
      'b=new.npy',
      ...detector,
      ...fit,
      '--json',
    );
    expect(chosen.code, chosen.stderr).toBe(0);
    const printed = JSON.parse(chosen.stdout) as Record<string, unknown>;
    expect(printed).toEqual({ ...read('open.json'), written: ['open.json', 'open.safetensors'] });
    expect(existsSync(file('open.safetensors'))).toBe(true);
    const data = ['--model', 'bars.onnx', '--data', 'new.npy', '--format', 'npy'];
    for (const [name, how] of Object.entries({
      kept: ['--threshold', 'open.json'],
      fitted: [...detector, ...fit],
    })) {
      const scored = await score(...data, ...how, '--out', `${name}.npy`);
      expect(scored.code, scored.stderr).toBe(0);
    }
    expect(readFileSync(file('kept.npy'))).toEqual(readFileSync(file('fitted.npy')));
  });

  it('warns of another model, and refuses it when told to', async () => {
    const data = ['--model', 'other.onnx', '--data', 'new.npy', '--threshold', 'guard.json'];
    const warned = await score(...data);
    expect(warned.code).toBe(0);
    expect(warned.stderr).toMatch(
      /^Warning: guard.json was chosen for another model, bars.onnx \(SHA-256 .*\), than other.onnx .* so that its rates do not hold/,
    );
    expect(warned.stdout.split('\n').length).toBe(61);
    expectSentence(await score(...data, '--strict'), /guard.json was chosen for another model/);
  });

  it.each<[string, string[], RegExp]>([
    ['no rule', [], /one of --fpr PERCENT, --tpr PERCENT and --cost RATIO; none was given/],
    ['two rules', ['--fpr', '5', '--cost', '2'], /--fpr and --cost was given/],
    ['tpr without outliers', ['--tpr', '95'], /--tpr needs outliers: give some with --ood/],
    ['a share of nothing', ['--fpr', '0'], /above 0 and up to 100/],
    ['too few examples', ['--fpr', '0.5'], /99 in-distribution scores are too few .* at least 199/],
    ['nothing to learn from', ['--fpr', '5', '--detector', 'kl-matching'], /give training data with --fit/],
    [
      'no learner',
      ['--fpr', '5', '--fit', 'train.npy'],
      /--fit is for detectors that learn, and msp does not/,
    ],
    [
      'no labels',
      ['--fpr', '5', '--detector', 'temperature', '--fit', 'train.npy'],
      /learns from labelled examples/,
    ],
    ['prevalence alone', ['--fpr', '5', '--prevalence', '2'], /--prevalence goes with --cost/],
    ['no such detector', ['--fpr', '5', '--detector', 'enrgy'], /did you mean "energy"/],
  ])('%s: a sentence, and nothing written', async (_, args, sentence) => {
    expectSentence(await threshold('none.json', ...args), sentence);
    expect(existsSync(file('none.json'))).toBe(false);
  });

  it.each<[string, string[], RegExp]>([
    ['strict alone', ['--strict'], /--strict goes with --threshold/],
    [
      'two detectors',
      ['--threshold', 'guard.json', '--detector', 'msp'],
      /--detector is settled by the file of --threshold/,
    ],
    ['no threshold', ['--threshold', 'train.npy'], /train.npy is no file of a threshold/],
    ['nothing to learn from', ['--detector', 'openmax'], /give training data with --fit/],
  ])('oe score, %s', async (_, args, sentence) => {
    expectSentence(await score('--model', 'bars.onnx', '--data', 'new.npy', ...args), sentence);
  });
});
