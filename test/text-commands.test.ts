/** `oe train`, `tune`, `eval` and `score` on texts, as processes, on small files that the tests write. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EvaluationRecord } from '../src/cli/measure-files.ts';
import type { TrainingRecord } from '../src/cli/training/record.ts';
import { TOKENIZER_KEY, tokenizerOf } from '../src/data/index.ts';
import { parseNpy } from '../src/data/npy.ts';
import { createModel, Graph, readModel, writeModel } from '../src/onnx/index.ts';
import { Random } from '../src/random.ts';
import { type Ended, expectSentence, file, removeFolder, run } from './user-files.ts';

const CLASSES = ['colour', 'number', 'taste'];
const TELLING: Record<string, string[]> = {
  colour: ['Red', 'green', 'blue'],
  number: ['seven', 'twelve', 'nine'],
  taste: ['sweet', 'sour', 'bitter'],
};
const FILLERS = 'the a of and to in is it that was'.split(' ');
const STRANGE = 'ship rope sail wind mast deck'.split(' ');

/** Lines of 2 to 20 words, one of which tells the class. */
function questions(count: number, seed: number): [label: string, text: string][] {
  const random = Random.from(seed, 'questions');
  const of = (words: readonly string[]) => words[random.integer(words.length)]!;
  return Array.from({ length: count }, (_, i) => {
    const label = CLASSES[i % 3]!;
    const words = Array.from({ length: 2 + random.integer(19) }, () => of(FILLERS));
    words[random.integer(words.length)] = of(TELLING[label]!);
    return [label, words.join(' ')];
  });
}

function sailors(count: number, seed: number): string {
  const random = Random.from(seed, 'sailors');
  const words = [...STRANGE, ...FILLERS];
  const line = () =>
    Array.from({ length: 3 + random.integer(20) }, () => words[random.integer(words.length)]!).join(' ');
  return `${Array.from({ length: count }, line).join('\n')}\n`;
}

const table = (rows: readonly (readonly string[])[]) => rows.map((row) => `${row.join('\t')}\n`).join('');
const model = (name: string) => readModel(readFileSync(file(name)));
const small = ['--batch', '20', '--outlier-batch', '20', '--threads', '1', '--quiet'];
const json = <T>({ code, stdout, stderr }: Ended): T => {
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout) as T;
};

beforeAll(() => {
  writeFileSync(file('train.tsv'), table(questions(300, 1)));
  writeFileSync(file('test.tsv'), table(questions(90, 2)));
  writeFileSync(file('sailors.txt.gz'), gzipSync(sailors(200, 3)));
  writeFileSync(file('other.txt'), sailors(60, 4));
  writeFileSync(file('comments.txt'), 'Is it red\n\nthe ship, and "the rope"\n');
});
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

describe('mistakes with texts', () => {
  const train = (...more: string[]) =>
    run(['train', '--arch', 'gru', ...small, '--out', 'none.onnx', ...more]);

  it('are told in a sentence, and nothing is written', { timeout: 120_000 }, async () => {
    writeFileSync(file('one.tsv'), table(questions(90, 1).filter(([label]) => label === 'taste')));
    writeFileSync(
      file('other-labels.tsv'),
      table([
        ['smell', 'it is sweet'],
        ['taste', 'it is sour'],
      ]),
    );
    writeFileSync(
      file('greek.tsv'),
      table([
        ['taste', 'αβγ δε'],
        ['colour', 'ζηθ ι'],
      ]),
    );
    expectSentence(
      await train('--in', 'one.tsv'),
      /All examples of "one" have the same label, but a classifier/,
    );
    expectSentence(await train('--in', 'other.txt'), /"other" has no labels: give a table/);
    expectSentence(await train('--in', 'missing.tsv'), /missing\.tsv/);
    expectSentence(await train('--in', 'train.tsv', '--augment', 'flip'), /--augment is for images/);
    expectSentence(await train('--in', 'train.tsv', '--text-column', 'said'), /has no column "said"/);
    expectSentence(await train('--in', 'other-labels.tsv'), /has 2 texts, fewer than the 20 of one batch/);
    expectSentence(
      await run(['train', '--arch', 'convnet', '--in', 'x.npy', '--max-tokens', '9', '--out', 'none.onnx']),
      /--max-tokens is for texts, but the classifier takes images/,
    );
    expect(existsSync(file('none.onnx'))).toBe(false);
    expect(existsSync(file('none.onnx.checkpoints'))).toBe(false);

    // The first test's model.
    const evaluated = (...more: string[]) =>
      run(['eval', '--model', 'm.onnx', '--ood', 'other.txt', '--quiet', ...more]);
    expectSentence(await evaluated('--in', 'other-labels.tsv'), /smell/);
    expectSentence(
      await evaluated('--in', 'greek.tsv'),
      /knows none of the 4 words of "greek", though it knows 19 words/,
    );
    expectSentence(await evaluated('--in', 'other.txt'), /no labels, without which/);
    expectSentence(
      await evaluated('--in', 'test.tsv', '--layout', 'nhwc'),
      /--layout is for images, but the classifier takes texts/,
    );
    expectSentence(
      await run([
        'tune',
        '--model',
        'm.onnx',
        '--in',
        'other-labels.tsv',
        '--outliers',
        'other.txt',
        '--out',
        'none.onnx',
      ]),
      /smell/,
    );
  });

  it('in files are told with their place', { timeout: 120_000 }, async () => {
    const latin = Buffer.from('colour\tred caf\xe9\ntaste\tsweet\n', 'latin1');
    writeFileSync(file('latin.tsv'), latin);
    writeFileSync(file('long.txt'), `short\n${'word '.repeat(2_000_000)}\n`);
    writeFileSync(file('blank.txt'), '\n \n\n');
    writeFileSync(file('no-text.tsv'), 'colour\ttext\ntaste\n');
    expectSentence(await train('--in', 'latin.tsv'), /latin\.tsv is not UTF-8: its byte 14 is 0xe9.*latin1/);
    expectSentence(
      await train('--in', 'latin.tsv', '--encoding', 'latin1'),
      /has 2 texts, fewer than the 20 of one batch/,
    );
    expectSentence(
      await train('--in', 'train.tsv', '--outliers', 'long.txt'),
      /long\.txt, line 2: it has more than 4194304 bytes; a line should be a text/,
    );
    expectSentence(
      await train('--in', 'train.tsv', '--outliers', 'blank.txt'),
      /blank\.txt has no texts; left out: 3 empty/,
    );
    expectSentence(
      await train('--in', 'no-text.tsv', '--text-format', 'tsv'),
      /no-text\.tsv, line 2: it has 1 columns/,
    );
    expect(existsSync(file('none.onnx'))).toBe(false);
  });

  it('in files of labels are told', { timeout: 120_000 }, async () => {
    writeFileSync(file('few.txt'), 'colour\ntaste\n');
    writeFileSync(file('smells.txt'), 'smell\n'.repeat(60));
    writeFileSync(file('tastes.txt'), 'taste\n'.repeat(60));
    const other = (labels: string) => ['--in', 'other.txt', '--labels', labels];
    expectSentence(await train(...other('few.txt')), /few\.txt has 2 labels, but other\.txt has more texts/);
    expectSentence(await train(...other('tastes.txt')), /All examples of "other" have the same label/);
    expectSentence(await train(...other('absent.txt')), /absent\.txt cannot be read/);
    expectSentence(
      await run(['eval', '--model', 'm.onnx', '--ood', 'other.txt', '--quiet', ...other('smells.txt')]),
      /^oe: smells\.txt has the label "smell" in line 1, which is none of the 3 classes \(colour, number, taste\)/,
    );
  });

  it('are told of models', { timeout: 60_000 }, async () => {
    const bare = model('m.onnx');
    bare.metadata.delete(TOKENIZER_KEY);
    writeFileSync(file('bare.onnx'), writeModel(bare));
    const scored = (name: string) => run(['score', '--model', name, '--data', 'comments.txt']);
    expectSentence(
      await scored('bare.onnx'),
      /bare\.onnx takes texts in numbers, but does not say which word/,
    );
    bare.metadata.set(TOKENIZER_KEY, '{"format":1}');
    writeFileSync(file('bad.onnx'), writeModel(bare));
    expectSentence(await scored('bad.onnx'), /tokenizer/);
    const graph = new Graph('other');
    graph.addOutput(graph.add('Identity', [graph.addInput('x', 'float32', ['batch', 3])]));
    writeFileSync(file('flat.onnx'), writeModel(createModel(graph)));
    expectSentence(await scored('flat.onnx'), /one of texts int64 \[batch, time\]/);
  });
});
