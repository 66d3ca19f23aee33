/** `oe train`, `tune` and `eval` as processes, on small files that the tests write. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EvaluationRecord } from '../src/cli/measure-files.ts';
import type { TrainingRecord } from '../src/cli/training/record.ts';
import { parseNpy } from '../src/data/npy.ts';
import { detectionMetrics } from '../src/metrics/index.ts';
import { readModel } from '../src/onnx/index.ts';
import {
  expectSentence,
  file,
  images,
  removeFolder,
  run,
  small,
  writeBars,
  writeNoise,
  writePictures,
} from './user-files.ts';

interface ScoreLine {
  index: number;
  file: string;
  label: string;
  predicted: string;
  confidence: number;
  score: number;
}

const model = (name: string) => readModel(readFileSync(file(name)));
const record = (name: string) => JSON.parse(readFileSync(file(name), 'utf8')) as TrainingRecord;

beforeAll(async () => {
  writeBars('train', 200, 1);
  writeBars('test', 60, 2);
  writeNoise('noise', 90, 3);
  writeNoise('other', 40, 4);
  await writePictures('pictures', 30);
});
afterAll(removeFolder);

describe('help', () => {
  it.each(['train', 'tune', 'eval', 'score'])('oe %s --help shows two examples', async (command) => {
    const { code, stdout } = await run([command, '--help']);
    expect(code).toBe(0);
    expect(stdout.match(/\$ oe /g)?.length).toBeGreaterThanOrEqual(2);
  });

  it('completion knows the commands and their options', async () => {
    const { stdout } = await run(['completion', 'bash']);
    for (const word of ['train', 'tune', 'eval', 'score', '--outlier-batch', '--out-ratio', '--format'])
      expect(stdout).toContain(word);
  });
});

describe('oe train, tune, eval', () => {
  it('train, expose to outliers, and compare, from files', { timeout: 120_000 }, async () => {
    const trained = await run([
      'train',
      ...small,
      ...images,
      '--epochs',
      '4',
      '--validation-split',
      '0.1',
      '--out',
      'm.onnx',
      '--json',
    ]);
    expect([trained.code, trained.stderr]).toEqual([0, '']);
    const made = JSON.parse(trained.stdout) as TrainingRecord;
    expect(record('m.training.json')).toEqual(made);
    expect(made.settings).toMatchObject({
      arch: 'wrn-10-1',
      epochs: 4,
      learningRate: 0.1,
      lambda: 0.5,
      threads: 1,
    });
    expect(made.data.map(({ role, count }) => [role, count])).toEqual([
      ['in-distribution train', 180],
      ['in-distribution validation', 20],
    ]);
    expect(made.training.history).toHaveLength(4);
    expect(made.validation).toMatchObject({ count: 20 });
    expect(made.validation!.error).toBeLessThan(0.3);
    // Bars of 165 on noise of 40: the mean that was measured is in the model.
    const mean = model('m.onnx').metadata.get('normalization.mean')!.split(',').map(Number);
    for (const value of mean) expect(value).toBeCloseTo((39.5 + 170 / 3) / 255, 1);
    expect(existsSync(file('m.onnx.checkpoints'))).toBe(false);

    const tuned = await run([
      'tune',
      '--model',
      'm.onnx',
      ...images,
      '--outliers',
      'noise.npy',
      '--batch',
      '20',
      '--outlier-batch',
      '40',
      '--epochs',
      '3',
      '--learning-rate',
      '0.01',
      '--validation',
      'test.npy',
      '--validation-labels',
      'test-labels.npy',
      '--threads',
      '1',
      '--out',
      'tuned.onnx',
      '--augment',
      'crop',
      '--crop-padding',
      '1',
    ]);
    expect(tuned.code, tuned.stderr).toBe(0);
    expect(tuned.stdout).toMatch(/Trained on 200 images of 3 classes and 90 outliers in .* s/);
    expect(tuned.stdout).toMatch(/Error on 60 validation images: \d+\.\d\d % before, \d+\.\d\d % now/);
    expect(tuned.stderr).toMatch(/Read outliers.*\n(.*\n)*Train: .* epoch 3\/3/);
    const [before, after] = [model('m.onnx'), model('tuned.onnx')];
    expect(after.graph.nodes).toEqual(before.graph.nodes);
    expect(after.metadata).toEqual(before.metadata);
    expect(after.graph.initializers.get('fc.weight')).not.toEqual(before.graph.initializers.get('fc.weight'));
    expect(record('tuned.training.json')).toMatchObject({
      command: 'tune',
      settings: { augment: 'crop', learningRate: 0.01 },
    });

    const measured = await run([
      'eval',
      '--model',
      'm.onnx',
      'tuned.onnx',
      '--in',
      'test.npy',
      '--labels',
      'test-labels.npy',
      '--ood',
      'noise.npy',
      'strange=other.npy',
      '--detector',
      'msp',
      'uniform-ce',
      '--scores',
      'scores',
      '--threads',
      '1',
      '--json',
    ]);
    expect(measured.code, measured.stderr).toBe(0);
    const { rows, models, settings, shared } = JSON.parse(measured.stdout) as EvaluationRecord;
    // The second model's record says what it was exposed to.
    const [set, role] = ['noise', 'outliers for test'];
    const withRole = 'outliers that tuned was trained with';
    expect(shared).toEqual([
      { set, role, with: 'noise.npy', withRole, count: 72, looked: 72, lookedWith: 90 },
    ]);
    expect(measured.stderr).toContain(
      'Warning: 72 of the 72 examples of "noise" (outliers for test) that were looked at, of 90, are in "noise.npy" (outliers that tuned was trained with) too, so that its numbers are too good',
    );
    expect(settings).toMatchObject({ draws: 1, outRatio: 0.2, detectors: ['msp', 'uniform-ce'] });
    expect(models.map(({ name }) => name)).toEqual(['m', 'tuned']);
    const row = (name: string, set: string) =>
      rows.find((each) => each.model === name && each.set === set && each.score === 'msp');
    expect(row('tuned', 'strange')).toMatchObject({ inCount: 60, outCount: 12, n: 95 });
    expect(row('tuned', 'mean')!.auroc).toBeGreaterThan(0.9);
    // What is said is what the scores say, of the same draw: 12 of 90.
    const scores = (set: string) =>
      parseNpy(readFileSync(file(`scores/tuned/msp/${set}.npy`))).data as Float32Array;
    expect([scores('in').length, scores('noise').length]).toEqual([60, 12]);
    expect(row('tuned', 'noise')!.auroc).toBe(detectionMetrics(scores('in'), scores('noise')).auroc);

    const strict = ['--in', 'test.npy', '--labels', 'test-labels.npy', '--ood', 'noise.npy', '--strict'];
    expectSentence(
      await run(['eval', '--model', 'tuned.onnx', ...strict, '--quiet']),
      /90 of the 90 .*--strict/,
    );

    const shown = await run([
      'eval',
      '--model',
      'm.onnx',
      '--in',
      'test.npy',
      '--labels',
      'test-labels.npy',
      '--ood',
      'noise.npy',
      '--quiet',
      '--draws',
      '3',
      '--threads',
      '1',
    ]);
    expect(shown.stdout).toMatch(/FPR95 ↓/);
    expect(shown.stdout).toMatch(/noise .*±/);
    expect(shown.stdout).not.toMatch(/published/);
  });

  it('take settings from a file, which flags overrule', { timeout: 60_000 }, async () => {
    mkdirSync(file('sub'), { recursive: true });
    writeFileSync(
      file('sub/run.yaml'),
      'arch: wrn-10-1\nin: ../pictures\nside: 12\nbatch: 10\nepochs: 9\nthreads: 1\naugment: crop-flip\nout: ../named.onnx\n',
    );
    const ended = await run(['train', '--config', 'sub/run.yaml', '--epochs', '1', '--quiet']);
    expect(ended.code, ended.stderr).toBe(0);
    expect(record('named.training.json')).toMatchObject({
      settings: { epochs: 1, batch: 10, augment: 'crop-flip' },
      model: { classes: 3, classNames: ['left', 'middle', 'right'], shape: [3, 12, 12] },
    });
    const scored = await run(['score', '--model', 'named.onnx', '--data', 'pictures']);
    const lines = scored.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as ScoreLine);
    expect(lines).toHaveLength(30);
    for (const [i, { index, file: name, label, predicted, confidence, score }] of lines.entries()) {
      expect(index).toBe(i);
      expect(name).toMatch(/pictures\/(left|middle|right)\/\d+\.png$/);
      expect(name).toContain(`/${label}/`);
      expect(['left', 'middle', 'right']).toContain(predicted);
      expect(score).toBe(-confidence);
    }
  });

  it('go on after Ctrl-C to the same bits', { timeout: 120_000 }, async () => {
    const settings = [
      'train',
      ...small,
      ...images,
      '--outliers',
      'noise.npy',
      '--outlier-batch',
      '20',
      '--epochs',
      '12',
    ];
    const more = ['--augment', 'crop-flip', '--outlier-order', 'shuffled', '--learning-rate', '0.01'];
    const whole = await run([...settings, ...more, '--out', 'whole.onnx']);
    expect(whole.code, whole.stderr).toBe(0);
    const args = [...settings, ...more, '--out', 'broken.onnx'];
    let waited = 0;
    const begun = () => existsSync(file('broken.onnx.checkpoints/settings.json')) && ++waited > 30;
    const broken = await run(args, { interrupt: begun });
    expect(broken.code, broken.stderr).toBe(130);
    expect(broken.stderr).toMatch(/kept in broken\.onnx\.checkpoints; the same command with --resume/);
    expect(existsSync(file('broken.onnx'))).toBe(false);
    expectSentence(
      await run([...args, '--resume', '--epochs', '13']),
      /other settings \(epochs was 12, is now 13\)/,
    );
    const resumed = await run([...args, '--resume']);
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(readFileSync(file('broken.onnx')).equals(readFileSync(file('whole.onnx')))).toBe(true);
    const losses = (name: string) => record(name).training.history.map((epoch) => epoch.losses);
    expect(losses('broken.training.json')).toEqual(losses('whole.training.json'));
    expectSentence(await run([...args, '--resume']), /nothing to resume/);
    // Starting anew where an interrupted run was, is said.
    const again = ['train', ...small.filter((flag) => flag !== '--quiet'), ...images, '--out', 'again.onnx'];
    const kept = () => existsSync(file('again.onnx.checkpoints/settings.json')) && ++waited > 60;
    expect((await run([...again, '--epochs', '40'], { interrupt: kept })).code).toBe(130);
    const anew = await run([...again, '--epochs', '1']);
    expect(anew.code).toBe(0);
    expect(anew.stderr).toMatch(/Starting anew: .*again\.onnx\.checkpoints .*epochs was 40, is now 1/);
  });
});
