/** `oe eval` with settings chosen on validation data, and detectors that change the model, as a process. */
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EvaluationRecord } from '../src/cli/measure-files.ts';
import { parseNpy } from '../src/data/npy.ts';
import { buildNetwork } from '../src/nn/index.ts';
import { writeModel } from '../src/onnx/index.ts';
import { expectSentence, file, removeFolder, run, SIDE, writeBars, writeNoise } from './user-files.ts';

beforeAll(() => {
  writeBars('train', 60, 1);
  writeBars('held-out', 30, 5);
  writeBars('test', 30, 2);
  writeNoise('noise', 30, 3);
  writeNoise('other', 30, 4);
  for (const seed of [1, 2]) {
    const model = buildNetwork('wrn-10-1', { seed, side: SIDE, classes: 3 });
    writeFileSync(file(`m${seed}.onnx`), writeModel(model));
  }
});
afterAll(removeFolder);

const evaluate = (...more: string[]) =>
  run([
    ...['eval', '--model', 'm1.onnx', '--in', 'test.npy', '--labels', 'test-labels.npy'],
    ...['--ood', 'noise.npy', '--threads', '1', '--quiet', ...more],
  ]);

describe('oe eval --choose-in', () => {
  it('chooses for every model, and calls detectors as they were asked for', {
    timeout: 120_000,
  }, async () => {
    const detectors = ['odin:epsilon=0', 'react', 'msp'];
    const { code, stdout, stderr } = await evaluate(
      ...['--model', 'm2.onnx', '--detector', ...detectors, '--fit', 'train.npy'],
      ...['--choose-in', 'held-out.npy', '--choose-on', 'val=other.npy', '--scores', 'scores', '--json'],
    );
    expect([code, stderr]).toEqual([0, '']);
    const { chosen, rows } = JSON.parse(stdout) as EvaluationRecord;
    expect(chosen!.map(({ model, detector, table }) => [model, detector, table.length])).toEqual([
      ['m1', 'odin:epsilon=0', 4],
      ['m1', 'react+energy', 4],
      ['m2', 'odin:epsilon=0', 4],
      ['m2', 'react+energy', 4],
    ]);
    for (const { meanAuroc, aurocs, settings, table } of chosen!) {
      expect(aurocs).toEqual({ val: meanAuroc });
      expect(meanAuroc).toBe(Math.max(...table.map((each) => each.meanAuroc)));
      expect(table.find((each) => each.meanAuroc === meanAuroc)!.settings).toEqual(settings);
    }
    for (const detector of ['odin:epsilon=0', 'react+energy', 'msp'])
      expect(rows.filter(({ score, set }) => score === detector && set === 'noise').length).toBe(2);

    // With the settings that were chosen, given as such, the scores are the same.
    const { temperature } = chosen![0]!.settings;
    const again = await evaluate(
      '--detector',
      `odin:epsilon=0,temperature=${temperature}`,
      '--scores',
      'again',
    );
    expect(again.code, again.stderr).toBe(0);
    const name = temperature === 1000 ? 'odin:epsilon=0' : `odin:epsilon=0,temperature=${temperature}`;
    expect(parseNpy(readFileSync(file(`again/m1/${name}/noise.npy`))).data).toEqual(
      parseNpy(readFileSync(file('scores/m1/odin:epsilon=0/noise.npy'))).data,
    );
  });

  it('makes validation outliers where none are given, and shows what was chosen', {
    timeout: 60_000,
  }, async () => {
    const { code, stdout, stderr } = await evaluate('--detector', 'scale', '--choose-in', 'held-out.npy');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('Settings, chosen on validation outliers');
    expect(stdout).toMatch(/scale\+energy +│ .*percentile=\d+/);
  });

  it('drops out units where the model has them', { timeout: 60_000 }, async () => {
    const { code, stdout, stderr } = await evaluate(
      ...['--detector', 'mc-dropout:samples=4', 'mc-dropout-mi:samples=4', '--json'],
    );
    expect([code, stderr]).toEqual([0, '']);
    const { rows } = JSON.parse(stdout) as EvaluationRecord;
    expect(new Set(rows.map(({ score }) => score)).size).toBe(2);
  });
});

describe('mistakes', () => {
  it('refuses to choose on what is tested with', async () => {
    const chosenOn = (...sets: string[]) => evaluate('--detector', 'odin', ...sets);
    expectSentence(
      await chosenOn('--choose-in', 'held-out.npy', '--choose-on', 'val=noise.npy'),
      /"val" is what is tested with \("noise"\)/,
    );
    expectSentence(await chosenOn('--choose-in', 'test.npy'), /"choose-in" is what is tested with/);
  });
  it('needs in-distribution examples, and something to choose', async () => {
    expectSentence(await evaluate('--detector', 'odin', '--choose-on', 'other.npy'), /--choose-in PATH/);
    expectSentence(
      await evaluate('--detector', 'msp', '--choose-in', 'held-out.npy'),
      /nothing to choose for msp: leave it out/,
    );
  });
});
