/** `--objective` of `oe train` and `oe tune` as processes: models with outputs of their own, and the scores that read them. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TrainingRecord } from '../src/cli/training/record.ts';
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
} from './user-files.ts';

const outputs = (name: string) => [...readModel(readFileSync(file(name))).graph.outputs.keys()];
const record = (name: string) => JSON.parse(readFileSync(file(name), 'utf8')) as TrainingRecord;
const lastLosses = (name: string) => record(name).training.history.at(-1)!.losses;

beforeAll(async () => {
  writeBars('train', 120, 1);
  writeBars('test', 30, 2);
  writeNoise('noise', 90, 3);
  writeNoise('other', 30, 4);
});
afterAll(removeFolder);

describe('--objective', () => {
  it('trains a confidence branch, exposes it, and scores by it', { timeout: 180_000 }, async () => {
    const trained = await run([
      'train',
      ...small,
      ...images,
      '--epochs',
      '5',
      '--objective',
      'confidence-branch',
      '--out',
      'branch.onnx',
    ]);
    expect(trained.code, trained.stderr).toBe(0);
    expect(outputs('branch.onnx')).toEqual(['logits', 'confidence']);
    expect(lastLosses('branch.training.json')).not.toHaveProperty('outlierLogConfidence');
    expect(record('branch.training.json').settings).toMatchObject({
      objective: 'confidence-branch',
      confidenceBudget: 0.3,
    });
    expect(record('branch.training.json').settings).not.toHaveProperty('inMargin');
    const exposed = ['--outliers', 'noise.npy', '--epochs', '2', '--batch', '20', '--outlier-batch', '20'];
    const tuned = await run([
      'tune',
      ...['--model', 'branch.onnx', ...images, ...exposed],
      ...['--objective', 'confidence-branch', '--confidence-budget', '0.4', '--out', 'exposed.onnx'],
    ]);
    expect(tuned.code, tuned.stderr).toBe(0);
    expect(outputs('exposed.onnx')).toEqual(['logits', 'confidence']);
    expect(lastLosses('exposed.training.json')).toHaveProperty('outlierLogConfidence');
    const scored = await run([
      'score',
      '--model',
      'exposed.onnx',
      '--data',
      'other.npy',
      '--detector',
      'confidence',
    ]);
    expect(scored.code, scored.stderr).toBe(0);
    const scores = scored.stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { score: number }).score);
    expect(scores).toHaveLength(30);
    for (const score of scores) expect(score > 0 && score < 1).toBe(true);
  });

  it('gives a tuned model a reject class, or bounds its energies', { timeout: 180_000 }, async () => {
    expect((await run(['train', ...small, ...images, '--epochs', '5', '--out', 'plain.onnx'])).code).toBe(0);
    const tune = (...more: string[]) =>
      run([
        ...['tune', '--model', 'plain.onnx', ...images, '--outliers', 'noise.npy'],
        ...['--epochs', '1', '--batch', '20', '--outlier-batch', '20', ...more],
      ]);
    const rejecting = await tune('--objective', 'reject-class', '--out', 'reject.onnx');
    expect(rejecting.code, rejecting.stderr).toBe(0);
    expect(outputs('reject.onnx')).toEqual(['logits', 'reject']);
    const measured = await run([
      ...['eval', '--model', 'reject.onnx', '--in', 'test.npy', '--labels', 'test-labels.npy'],
      ...['--ood', 'other.npy', '--detector', 'reject-class', 'msp', '--json'],
    ]);
    expect(measured.code, measured.stderr).toBe(0);
    const { rows } = JSON.parse(measured.stdout) as { rows: { score: string; auroc: number }[] };
    expect(new Set(rows.map(({ score }) => score))).toEqual(new Set(['reject-class', 'msp']));
    const bounded = await tune('--objective', 'energy', '--in-margin', '-8', '--out', 'energy.onnx');
    expect(bounded.code, bounded.stderr).toBe(0);
    expect(outputs('energy.onnx')).toEqual(['logits']);
    expect(record('energy.training.json').settings).toMatchObject({
      lambda: 0.1,
      inMargin: -8,
      outMargin: -5,
    });
  });

  it('says what does not go together', { timeout: 60_000 }, async () => {
    const train = ['train', ...small, ...images, '--out', 'x.onnx'];
    expectSentence(
      await run([...train, '--in-margin', '-8']),
      /--in-margin is for the objective energy, but this is outlier-exposure: leave it out/,
    );
    expectSentence(
      await run([...train, '--objective', 'energy']),
      /Energy-bounded learning needs outliers in the batch: give an outlier set/,
    );
    expect((await run([...train, '--objective', 'energie'])).stderr).toMatch(
      /Allowed choices are outlier-exposure/,
    );
  });
});
