/** `oe train`, `tune`, `eval` and `score` on texts, as processes, on small files that the tests write. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EvaluationRecord } from '../src/cli/measure-files.ts';
import type { TrainingRecord } from '../src/cli/training/record.ts';
import { tokenizerOf } from '../src/data/index.ts';
import { parseNpy } from '../src/data/npy.ts';
import { CLASSES, json, model, questions, small, table, writeTexts } from './text-files.ts';
import { file, removeFolder, run } from './user-files.ts';

beforeAll(writeTexts);
afterAll(removeFolder);

describe('texts', () => {
  it('train, are exposed to outliers, are measured and scored, by the model file alone', {
    timeout: 120_000,
  }, async () => {
    const made = json<TrainingRecord>(
      await run([
        'train',
        '--arch',
        'gru',
        '--in',
        'train.tsv',
        '--validation-split',
        '0.1',
        '--epochs',
        '8',
        ...small,
        '--out',
        'm.onnx',
        '--json',
      ]),
    );
    expect(made.settings).toMatchObject({
      optimizer: 'adam',
      learningRate: 0.01,
      lambda: 1,
      maxTokens: 100,
      epochs: 8,
    });
    expect(made.settings).not.toHaveProperty('augment');
    expect(made.data.map(({ role, count }) => [role, count])).toEqual([
      ['in-distribution train', 270],
      ['in-distribution validation', 30],
    ]);
    expect(made.model).toEqual({ vocabulary: 21, classes: 3, classNames: CLASSES });
    expect(made.validation!.error).toBeLessThan(0.2);
    const words = tokenizerOf(model('m.onnx'))!.vocabulary.words;
    expect(words).toContain('red');
    expect(words).not.toContain('Red');

    const tuned = json<TrainingRecord>(
      await run([
        'tune',
        '--model',
        'm.onnx',
        '--in',
        'train.tsv',
        '--outliers',
        'sailors.txt.gz',
        '--validation',
        'test.tsv',
        ...small,
        '--out',
        'tuned.onnx',
        '--json',
      ]),
    );
    expect(tuned.settings).toMatchObject({ epochs: 2, outlierOrder: 'shuffled' });
    expect(tuned.validation).toMatchObject({ count: 90 });
    expect(tuned.validation!.before).toBeLessThan(0.2);
    expect(model('tuned.onnx').metadata).toEqual(model('m.onnx').metadata);
    expect(tuned.training.history[0]!.losses).toHaveProperty('uniformCrossEntropy');

    const measured = json<EvaluationRecord>(
      await run([
        'eval',
        '--model',
        'm.onnx',
        'tuned.onnx',
        '--in',
        'test.tsv',
        '--ood',
        'ships=other.txt',
        '--n',
        '90',
        '--scores',
        'scores',
        '--quiet',
        '--json',
      ]),
    );
    expect(measured.data.map(({ name, count }) => [name, count])).toEqual([
      ['test', 90],
      ['ships', 60],
    ]);
    expect(measured.models[1]!.testError).toBe(tuned.validation!.error);
    const auroc = (name: string) =>
      measured.rows.find((row) => row.model === name && row.set === 'ships')!.auroc;
    expect(auroc('tuned')).toBeGreaterThan(0.9);
    expect(auroc('tuned')).toBeGreaterThan(auroc('m'));
    expect(parseNpy(readFileSync(file('scores/tuned/msp/in.npy'))).shape).toEqual([90]);

    const scored = await run(['score', '--model', 'tuned.onnx', '--data', 'comments.txt']);
    expect(scored.code).toBe(0);
    expect(scored.stderr).toMatch(/^Left out, and not numbered: 1 empty\.$/m);
    const lines = scored.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.map(({ index, text }) => [index, text])).toEqual([
      [0, 'Is it red'],
      [1, 'the ship, and "the rope"'],
    ]);
    expect(lines[0]!.predicted).toBe('colour');
    expect(lines[1]!.score).toBeGreaterThan(lines[0]!.score as number);
    const csv = await run([
      'score',
      '--model',
      'tuned.onnx',
      '--data',
      'comments.txt',
      '--format',
      'csv',
      '--out',
      'scores.csv',
      '--quiet',
      '--json',
    ]);
    expect(json(csv)).toMatchObject({ texts: 2, dropped: { empty: 1 }, out: 'scores.csv' });
    expect(readFileSync(file('scores.csv'), 'utf8')).toContain('\n1,"the ship, and ""the rope""",');
    const labelled = await run(['score', '--model', 'tuned.onnx', '--data', 'test.tsv', '--quiet']);
    expect(JSON.parse(labelled.stdout.split('\n')[0]!)).toMatchObject({ index: 0, label: 'colour' });
  });

  it('go on after Ctrl-C, to the same bits', { timeout: 120_000 }, async () => {
    const args = [
      'train',
      '--arch',
      'gru',
      '--in',
      'train.tsv',
      '--outliers',
      'sailors.txt.gz',
      '--epochs',
      '20',
      ...small,
    ];
    expect((await run([...args, '--out', 'whole.onnx'])).code).toBe(0);
    const folder = file('parts.onnx.checkpoints');
    // What it says of a step, it says after it.
    const stepped = (stderr: string) => /^Train/m.test(stderr);
    const aloud = args.filter((arg) => arg !== '--quiet');
    const broken = await run([...aloud, '--out', 'parts.onnx'], { interrupt: stepped });
    expect(broken.code).toBe(130);
    expect(broken.stderr).toMatch(/is kept in parts\.onnx\.checkpoints/);
    expect(existsSync(file('parts.onnx'))).toBe(false);
    const resumed = await run([...args, '--out', 'parts.onnx', '--resume']);
    expect([resumed.code, existsSync(folder)]).toEqual([0, false]);
    expect(readFileSync(file('parts.onnx')).equals(readFileSync(file('whole.onnx')))).toBe(true);
  });

  it('come from tables with names, folders, and files of settings', { timeout: 60_000 }, async () => {
    const rows = questions(60, 5).map(([label, text], i) => [`${i}`, text, label]);
    writeFileSync(file('named.tsv'), table([['id', 'said', 'kind'], ...rows]));
    for (const [i, [label, text]] of questions(60, 6).entries()) {
      mkdirSync(file(`folders/${label}`), { recursive: true });
      writeFileSync(file(`folders/${label}/${i}.txt`), text);
    }
    writeFileSync(
      file('run.yaml'),
      'arch: gru\nin: named.tsv\ntextColumn: said\nlabelColumn: kind\nvocabulary: 9\nmaxTokens: 5\nletters: as-they-are\nepochs: 1\nbatch: 20\nout: named.onnx\n',
    );
    const named = json<TrainingRecord>(await run(['train', '--config', 'run.yaml', '--quiet', '--json']));
    expect(named.model).toEqual({ vocabulary: 11, classes: 3, classNames: CLASSES });
    expect(tokenizerOf(model('named.onnx'))).toMatchObject({ maxTokens: 5, words: { lowerCase: false } });
    const inFolders = json<TrainingRecord>(
      await run([
        'train',
        '--arch',
        'gru',
        '--in',
        'folders',
        '--train-size',
        '40',
        '--epochs',
        '1',
        ...small,
        '--out',
        'f.onnx',
        '--json',
      ]),
    );
    expect([inFolders.data[0]!.count, inFolders.model.classNames]).toEqual([40, CLASSES]);
  });
});

it('take their labels from a file beside', { timeout: 120_000 }, async () => {
  const write = (name: string, count: number, seed: number) => {
    const rows = questions(count, seed);
    // An empty line has a label, too, which is left out with it.
    writeFileSync(file(`${name}.txt`), `\n${rows.map(([, text]) => text).join('\n')}\n`);
    writeFileSync(file(`${name}-labels.txt`), `taste\n${rows.map(([label]) => label).join('\n')}\n`);
    return rows;
  };
  write('alone', 100, 1);
  const tested = write('tested', 90, 2);
  const from = ['--in', 'alone.txt', '--labels', 'alone-labels.txt'];
  const checked = ['--validation', 'tested.txt', '--validation-labels', 'tested-labels.txt'];
  const made = json<TrainingRecord>(
    await run([
      'train',
      '--arch',
      'gru',
      ...from,
      ...checked,
      '--epochs',
      '1',
      ...small,
      '--out',
      'a.onnx',
      '--json',
    ]),
  );
  expect(made.model).toMatchObject({ classes: 3, classNames: CLASSES });
  expect([made.data[0]!.count, made.validation!.count]).toEqual([100, 90]);
  const tuned = await run([
    ...['tune', '--model', 'm.onnx', ...from, '--outliers', 'other.txt', '--epochs', '1', ...small],
    ...['--out', 'b.onnx', '--json'],
  ]);
  expect(json<TrainingRecord>(tuned).data.map(({ count }) => count)).toEqual([100, 60]);
  const test = ['--labels', 'tested-labels.txt', '--quiet'];
  const measured = async (...set: string[]) =>
    json<EvaluationRecord>(await run(['eval', '--model', 'm.onnx', ...set, '--ood', 'other.txt', '--json']))
      .models;
  expect(await measured('--in', 'tested.txt', ...test)).toEqual(
    await measured('--in', 'test.tsv', '--quiet'),
  );
  const scored = await run(['score', '--model', 'm.onnx', '--data', 'tested.txt', ...test]);
  const lines = scored.stdout.trimEnd().split('\n');
  expect(lines.map((line) => (JSON.parse(line) as { label: string }).label)).toEqual(
    tested.map(([label]) => label),
  );
});
