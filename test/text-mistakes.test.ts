/** Mistakes with texts, as processes: each ends in a sentence. */
import { existsSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TOKENIZER_KEY } from '../src/data/index.ts';
import { createModel, Graph, writeModel } from '../src/onnx/index.ts';
import { model, questions, small, table, writeTexts } from './text-files.ts';
import { expectSentence, file, removeFolder, run } from './user-files.ts';

beforeAll(async () => {
  writeTexts();
  const trained = await run([
    'train',
    '--arch',
    'gru',
    '--in',
    'train.tsv',
    ...small,
    '--epochs',
    '1',
    '--out',
    'm.onnx',
  ]);
  expect([trained.code, trained.stderr]).toEqual([0, '']);
}, 60_000);
afterAll(removeFolder);

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
