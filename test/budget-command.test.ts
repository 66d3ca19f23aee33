/** `oe tune --max-error-increase` as a process, on small files that the test writes. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
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

const TIMEOUT = 240_000;
const weights = (name: string) =>
  [...readModel(readFileSync(file(name))).graph.initializers].map(([key, { data }]) => [key, data]);
const tune = [
  [
    'tune',
    '--model',
    'm.onnx',
    ...images,
    '--outliers',
    'noise.npy',
    '--batch',
    '20',
    '--outlier-batch',
    '20',
  ],
  ['--epochs', '3', '--learning-rate', '0.01', '--threads', '1'],
].flat();

beforeAll(async () => {
  writeBars('train', 300, 1);
  writeNoise('noise', 90, 3);
  const trained = await run(['train', ...small, ...images, '--epochs', '3', '--out', 'm.onnx']);
  expect([trained.code, trained.stderr]).toEqual([0, '']);
}, TIMEOUT);
afterAll(removeFolder);

describe('oe tune --max-error-increase', () => {
  it('keeps the budget, and tells and records what was tried', { timeout: TIMEOUT }, async () => {
    const { code, stdout, stderr } = await run([
      ...tune,
      '--max-error-increase',
      '2',
      '--out',
      't.onnx',
      '--quiet',
    ]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/within 2\.00 percentage points/);
    expect(stdout).toMatch(/baseline/);
    expect(stdout).toMatch(/chosen/);
    const record = JSON.parse(readFileSync(file('t.training.json'), 'utf8')) as TrainingRecord;
    const { tradeOff, validation, settings } = record;
    expect(settings.maxErrorIncrease).toBe(2);
    // A tenth was held out, without being asked for.
    expect(validation?.count).toBe(30);
    expect(tradeOff!.heldOut.count).toBe(30);
    expect(tradeOff!.maxErrorIncrease).toBeCloseTo(0.02, 10);
    expect(tradeOff!.baseline.error).toBe(validation!.before);
    expect(new Set(tradeOff!.curve.map(({ run: number }) => number))).toEqual(new Set([1, 2]));
    if (tradeOff!.chosen) {
      expect(validation!.error).toBe(tradeOff!.chosen.error);
      expect(tradeOff!.chosen.errorIncrease).toBeLessThanOrEqual(0.02 + 1e-9);
      expect(weights('t.onnx')).not.toEqual(weights('m.onnx'));
    } else expect(weights('t.onnx')).toEqual(weights('m.onnx'));
    const page = readFileSync(file('t.trade-off.html'), 'utf8');
    expect(page).toContain('<svg');
    expect(page).toContain('percentage points');
    expect(existsSync(file('t.onnx.checkpoints'))).toBe(false);
  });

  it('takes the budget from a file, and goes on after Ctrl-C to the same bits', {
    timeout: TIMEOUT,
  }, async () => {
    writeFileSync(file('tune.yaml'), 'maxErrorIncrease: 1.5\n');
    const flags = [...tune, '--config', 'tune.yaml', '--json', '--quiet'];
    const whole = await run([...flags, '--out', 'whole.onnx']);
    expect([whole.code, whole.stderr]).toEqual([0, '']);
    const checkpoints = file('parts.onnx.checkpoints');
    const stopped = await run([...flags, '--out', 'parts.onnx'], {
      interrupt: () => existsSync(checkpoints),
    });
    expect(stopped.code).toBe(130);
    expect(existsSync(file('parts.onnx'))).toBe(false);
    const resumed = await run([
      ...flags,
      '--out',
      'parts.onnx',
      ...(existsSync(checkpoints) ? ['--resume'] : []),
    ]);
    expect([resumed.code, resumed.stderr]).toEqual([0, '']);
    const curve = ({ stdout }: { stdout: string }) => (JSON.parse(stdout) as TrainingRecord).tradeOff;
    expect(curve(resumed)).toEqual(curve(whole));
    expect(weights('parts.onnx')).toEqual(weights('whole.onnx'));
  });

  it('refuses a budget below 0, and one for training from scratch', { timeout: TIMEOUT }, async () => {
    const below = await run([...tune, '--max-error-increase=-1', '--out', 'x.onnx']);
    expect(below.code).not.toBe(0);
    expect(below.stderr).toMatch(/must be a number of percentage points, from 0 to below 100/);
    writeFileSync(file('train.yaml'), 'maxErrorIncrease: 1\n');
    const scratch = await run(['train', ...small, ...images, '--config', 'train.yaml', '--out', 'x.onnx']);
    expectSentence(scratch, /"maxErrorIncrease" is a setting of oe tune, not of oe train/);
  });
});
