/** `oe advise`, and outliers that are made, as processes, on small files that the test writes. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AdviceRecord } from '../src/cli/advise.ts';
import type { TrainingRecord } from '../src/cli/training/record.ts';
import { dcganGenerator } from '../src/nn/index.ts';
import { writeModel } from '../src/onnx/index.ts';
import {
  expectSentence,
  file,
  images,
  removeFolder,
  run,
  SIDE,
  small,
  writeBars,
  writeNoise,
} from './user-files.ts';

const TIMEOUT = 240_000;
const batches = ['--batch', '20', '--outlier-batch', '20', '--threads', '1', '--quiet'];
const advise = [
  'advise',
  '--model',
  'm.onnx',
  ...images,
  ...batches,
  '--steps',
  '6',
  '--learning-rate',
  '0.01',
];

/** A word that tells the class among others that do not. */
const questions = Array.from(
  { length: 240 },
  (_, i) => `${['colour', 'taste'][i % 2]}\twhat is ${['red', 'sweet'][i % 2]} the ${i % 7} one of ${i % 5}`,
).join('\n');

beforeAll(async () => {
  writeBars('train', 300, 1);
  writeBars('held', 60, 9);
  writeNoise('noise', 90, 3);
  writeNoise('other', 50, 4);
  writeFileSync(file('questions.tsv'), `${questions}\n`);
  writeFileSync(file('sea.txt'), 'ship rope sail\nwind mast\n');
  const trained = await run(['train', ...small, ...images, '--epochs', '3', '--out', 'm.onnx']);
  expect([trained.code, trained.stderr]).toEqual([0, '']);
}, TIMEOUT);
afterAll(removeFolder);

describe('oe advise', () => {
  it('compares files and made outliers, and writes a page', { timeout: TIMEOUT }, async () => {
    const { code, stdout, stderr } = await run([
      ...advise,
      '--candidates',
      'grains=noise.npy',
      'made:jigsaw+mixup',
      '--report',
      'advice.html',
    ]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/grains/);
    expect(stdout).toMatch(
      /made:jigsaw\+mixup is not judged by what looks like it: .*Arithmetic mean,[^.]*Jigsaw/,
    );
    const html = readFileSync(file('advice.html'), 'utf8');
    expect(html).toMatch(/<svg[^>]+aria-label="Gain in AUROC/);
    expect(html).toContain('made:jigsaw+mixup');
    expect(html).not.toMatch(/<(?:script|link)[^>]+(?:src|href)="http/);
  });

  it('judges by given sets and tells all as JSON', { timeout: TIMEOUT }, async () => {
    const given = ['--candidates', 'noise.npy', '--validation', 'judge=other.npy', '--seeds', '1', '--json'];
    const { code, stdout, stderr } = await run([...advise, ...given]);
    expect([code, stderr]).toEqual([0, '']);
    const record = JSON.parse(stdout) as AdviceRecord;
    expect(record.validation).toMatchObject([{ name: 'judge', count: 50 }]);
    expect(record.settings).toMatchObject({ steps: 6, tunings: 1, batch: { inliers: 20, outliers: 20 } });
    expect(record.candidates[0]!.gains.judge).toBeCloseTo(record.candidates[0]!.gain, 12);
    expect(record.heldOut.count).toBe(60);
    expect(record.model.sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  it.each([
    [
      'a candidate that judges',
      ['--candidates', 'noise.npy', '--validation', 'same=noise.npy'],
      /"noise" is the validation set "same"/,
    ],
    ['a kind that there is not', ['--candidates', 'made:jigsw'], /did you mean "jigsaw"\?/],
    [
      'words for images',
      ['--candidates', 'made:words=sea.txt'],
      /draws words, but the outliers are to be images/,
    ],
    ['a generator without a file', ['--candidates', 'made:gan'], /needs a trained generator: name its file/],
    [
      'a generator beside other kinds',
      ['--candidates', 'made:gan+jigsaw=g.onnx'],
      /stand alone: name made:gan=g\.onnx/,
    ],
    ['a missing file', ['--candidates', 'none.npy'], /none\.npy cannot be read/],
    ['too little time', ['--candidates', 'noise.npy', '--budget', '0.001'], /cannot be used with|take about/],
  ])('refuses %s', { timeout: TIMEOUT }, async (_, more, sentence) => {
    const report = ['--report', 'never.html'];
    const base = more.includes('--budget')
      ? advise.filter((flag) => !['--steps', '6'].includes(flag))
      : advise;
    expectSentence(await run([...base, ...more, ...report]), sentence);
    expect(existsSync(file('never.html'))).toBe(false);
  });
});

it('doubts examples that the model may have learned by heart, where nothing helps', {
  timeout: TIMEOUT,
}, async () => {
  // Neither weights nor statistics move.
  const little = advise.map((word) => (word === '0.01' ? '0.0000001' : word));
  const given = [...little, '--batch-norm', 'frozen', '--candidates', 'noise.npy', '--seeds', '1', '--json'];
  const notesOf = async (...more: string[]) => {
    const { code, stdout, stderr } = await run([...given, ...more]);
    expect([code, stderr]).toEqual([0, '']);
    const { notes, recommended, sentences } = JSON.parse(stdout) as AdviceRecord;
    expect([recommended, sentences[0]]).toEqual([
      undefined,
      expect.stringMatching(/^None of the candidates/),
    ]);
    return notes.join(' ');
  };
  expect(await notesOf()).toMatch(/Give --held-out examples/);
  expect(await notesOf('--held-out', 'held.npy', '--held-out-labels', 'held-labels.npy')).not.toMatch(
    /--held-out/,
  );
});

describe('made outliers', () => {
  it('are what oe tune is told to make', { timeout: TIMEOUT }, async () => {
    const tune = ['tune', '--model', 'm.onnx', ...images, ...batches, '--epochs', '1', '--out', 't.onnx'];
    const { code, stderr } = await run([...tune, '--outliers', 'made:jigsaw']);
    expect([code, stderr]).toEqual([0, '']);
    const record = JSON.parse(readFileSync(file('t.training.json'), 'utf8')) as TrainingRecord;
    const outliers = record.data.find(({ fingerprint }) => fingerprint.startsWith('made:jigsaw (seed 1) of'));
    expect(outliers?.count).toBe(300);
    expectSentence(await run([...tune, '--outliers', 'made:jigsaw', 'noise.npy']), /made ones stand alone/);
  });

  it('come from a trained generator, which a configuration file names from its own folder', {
    timeout: TIMEOUT,
  }, async () => {
    mkdirSync(file('settings'));
    const generator = dcganGenerator({ seed: 1, side: SIDE, channels: 3, features: 2, latent: 4 });
    writeFileSync(file('settings/generator.onnx'), writeModel(generator));
    writeFileSync(file('settings/run.yaml'), 'outliers: made:gan=generator.onnx\n');
    const tune = ['tune', '--model', 'm.onnx', ...images, ...batches, '--epochs', '1', '--out', 'g.onnx'];
    const { code, stderr } = await run([...tune, '--config', 'settings/run.yaml']);
    expect([code, stderr]).toEqual([0, '']);
    const record = JSON.parse(readFileSync(file('g.training.json'), 'utf8')) as TrainingRecord;
    const outliers = record.data.find(({ fingerprint }) => fingerprint.startsWith('made:gan (seed 1) of'));
    expect(outliers?.count).toBe(300);
    const advised = await run([...advise, '--candidates', 'made:gan=settings/generator.onnx', '--json']);
    expect([advised.code, advised.stderr]).toEqual([0, '']);
    const { candidates } = JSON.parse(advised.stdout) as AdviceRecord;
    expect(candidates.map(({ name }) => name)).toEqual(['made:gan']);
  });

  it('are made of texts, too, and advised on', { timeout: TIMEOUT }, async () => {
    const train = ['train', '--arch', 'gru', '--in', 'questions.tsv', ...batches, '--epochs', '2'];
    const words = ['--outliers', 'made:words=sea.txt', '--out', 'w.onnx'];
    const { code, stderr } = await run([...train, ...words]);
    expect([code, stderr]).toEqual([0, '']);
    const given = ['advise', '--model', 'w.onnx', '--in', 'questions.tsv', ...batches, '--steps', '4'];
    const advised = await run([...given, '--candidates', 'sea.txt', 'made:mixed', '--seeds', '1', '--json']);
    expect([advised.code, advised.stderr]).toEqual([0, '']);
    const record = JSON.parse(advised.stdout) as AdviceRecord;
    const judges = ['shuffled', 'random-words', 'sea', 'made:mixed'];
    expect(record.validation.map(({ name }) => name)).toEqual(judges);
    expect(record.candidates.map(({ name }) => name).sort()).toEqual(['made:mixed', 'sea']);
  });
});
