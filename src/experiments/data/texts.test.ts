import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TextRequest } from '../declaration.ts';
import { loadPackagedTexts } from './packaged-texts.ts';
import { loadTextSets } from './texts.ts';

let folder: string;
const before = process.env.OE_DATA;
const sets = { inliers: 'trec', outliers: ['wikitext-2', 'gutenberg'], tests: ['snli', 'wmt16', 'yelp'] };

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'oe-texts-'));
  // What the user has fetched plays no part.
  process.env.OE_DATA = join(folder, 'nothing-fetched');
  const write = (name: string, content: string) => writeFileSync(join(folder, name), content);
  write('trec-train.tsv', 'LOC:city\tWhere is it ?\nDESC:manner\tHow is it ?\nNUM:date\tWhen is it ?\n');
  write('trec-test.tsv', 'NUM:date\tWhen was it ?\n');
  write('wikitext2-valid.txt', ' \n = A head = \n \n One sentence stands here . Another one too . \n');
  write('snli-test.tsv', 'neutral\tA premise .\tA hypothesis .\n');
  write('wmt16.txt', 'news , with commas , and more\n');
  write('mine.txt', 'my own outlier\nand one more\n');
  write('unlabelled.txt', 'a question ?\n');
});
afterAll(() => {
  if (before === undefined) delete process.env.OE_DATA;
  else process.env.OE_DATA = before;
  rmSync(folder, { recursive: true, force: true });
});

const request = (options: Partial<TextRequest> = {}): TextRequest => ({
  folder,
  files: {},
  training: 'wanted',
  exposure: 'wanted',
  seed: 1,
  ...options,
});

describe('loadTextSets', () => {
  it('finds sets by their names, numbers classes as the training set does, and says what is missing', async () => {
    const { inliers, outliers } = await loadTextSets(sets, request());
    expect(inliers.train).toMatchObject({ name: 'trec-train', length: 3 });
    expect(inliers.test.classNames).toEqual(['DESC:manner', 'LOC:city', 'NUM:date']);
    expect([...inliers.test.labels!]).toEqual([2]);
    expect(outliers.train).toMatchObject({ name: 'wikitext-2', length: 2 });
    expect(outliers.testSets.map(({ name, length }) => [name, length])).toEqual([
      ['snli', 1],
      ['wmt16', 1],
    ]);
    expect(outliers.testSets.map((set) => set.text(0))).toEqual([
      'A hypothesis .',
      'news , with commas , and more',
    ]);
    expect(outliers.testSets.every(({ labels }) => labels === undefined)).toBe(true);
    expect(outliers.notes.join(' ')).toMatch(/smaller part of wikitext-2.*not there|yelp was not there/);
  });

  it('takes aliases, files and named files as outliers, and leaves them out of the tests', async () => {
    const shown = async (outliers: string) => (await loadTextSets(sets, request({ outliers }))).outliers;
    expect((await shown('wikitext2')).train!.name).toBe('wikitext-2');
    expect((await shown(join(folder, 'mine.txt'))).train).toMatchObject({ name: 'mine', length: 2 });
    expect((await shown(`books=${join(folder, 'mine.txt')}`)).train!.name).toBe('books');
    const { train, testSets, notes } = await shown('snli');
    expect(train!.name).toBe('snli');
    expect(testSets.map(({ name }) => name)).toEqual(['wmt16']);
    expect(notes[0]).toMatch(/not the paper's/);
  });

  it('makes outliers of the words of a file', async () => {
    const path = join(folder, 'mine.txt');
    const { outliers } = await loadTextSets(sets, request({ outliers: `made:words=${path}` }));
    const words = new Set('my own outlier and one more'.split(' '));
    const { train } = outliers;
    expect(train!.length).toBe(3);
    for (let i = 0; i < 3; i++) for (const word of train!.text(i).split(' ')) expect(words).toContain(word);
    const wrong = loadTextSets(sets, request({ outliers: `made:mixed=${path}` }));
    await expect(wrong).rejects.toThrowError(/only the kinds "words" and "gan" take one/);
  });

  it("takes files of the user's", async () => {
    const ood = { mine: join(folder, 'mine.txt') };
    const { outliers } = await loadTextSets(sets, request({ files: { ood } }));
    expect(outliers.testSets.map(({ name }) => name)).toEqual(['snli', 'wmt16', 'mine']);
  });

  it('opens no outliers and no training set when none is wanted', async () => {
    const loaded = await loadTextSets(sets, request({ training: 'not wanted', exposure: 'not wanted' }));
    expect(loaded.inliers.train).toBeUndefined();
    expect(loaded.outliers.train).toBeUndefined();
    expect([...loaded.inliers.test.labels!]).toEqual([2]);
  });

  it.each([
    ['a folder that is not there', { folder: '/nowhere/at/all' }, /cannot be read: it does not exist/],
    ['a mistyped set', { outliers: 'gutenburg' }, /"gutenburg"; did you mean "gutenberg"\?.*--outliers FILE/],
    ['a set that is not there', { outliers: 'gutenberg' }, /There are no files of the outliers "gutenberg":/],
  ] as const)('explains %s', async (_, options, message) => {
    await expect(loadTextSets(sets, request(options))).rejects.toThrowError(message);
  });

  it('takes labels from a file beside, and explains missing ones', async () => {
    const load = (inliers: string, files: TextRequest['files'] = {}) =>
      loadTextSets({ ...sets, inliers }, request({ files }));
    await expect(load('sst')).rejects.toThrowError(
      /needs the texts of sst, what it is trained on.*oe data fetch/,
    );
    const path = join(folder, 'unlabelled.txt');
    await expect(load('trec', { train: { path } })).rejects.toThrowError(/have no labels.*a tab and a text/);
    const labels = join(folder, 'labels.txt');
    writeFileSync(labels, 'LOC:city\n');
    const { inliers } = await load('trec', { test: { path, labels } });
    expect([...inliers.test.labels!]).toEqual([1]);
    await expect(load('trec', { test: { path } })).rejects.toThrowError(/have no labels.*--test-labels/);
  });

  it('explains that nothing is there to test with', async () => {
    const empty = join(folder, 'empty');
    mkdirSync(empty, { recursive: true });
    writeFileSync(join(empty, 'trec-train.tsv'), 'A\tone text\nB\tanother text\n');
    writeFileSync(join(empty, 'trec-test.tsv'), 'A\tone text\n');
    await expect(loadTextSets(sets, request({ folder: empty, exposure: 'not wanted' }))).rejects.toThrowError(
      /None of the test outliers \(snli, wmt16, yelp\).*--ood/,
    );
    await expect(loadTextSets(sets, request({ folder: empty }))).rejects.toThrowError(
      /no outliers to expose the model to.*wikitext-2, or gutenberg.*oe data fetch wikitext-2/,
    );
  });
});

describe("the sets' files as they are published", () => {
  const published: [set: string, path: string, content: string, text: string][] = [
    [
      'snli',
      'snli_1.0/snli_1.0_test.jsonl',
      '{"annotator_labels":["x"],"gold_label":"neutral","sentence1":"P","sentence2":"H ."}\n',
      'H .',
    ],
    [
      'snli',
      'snli_1.0/snli_1.0_test.txt',
      'gold_label\tsentence1_binary_parse\tsentence1\tsentence2\tlabel1\nneutral\t( P )\tP\tH .\tneutral\n',
      'H .',
    ],
    ['imdb', 'IMDB Dataset.csv', 'review,sentiment\n"Good, it is.<br />",positive\n', 'Good, it is.<br />'],
    ['multi30k', 'multi30k/train.txt', '"two young , white males ."\n', 'two young , white males .'],
    ['multi30k', 'train.en.gz', 'Two young, White males.\n', 'Two young, White males.'],
    ['wmt16', 'wmt16/wmt16_sentences', 'one , two\n', 'one , two'],
    [
      'wmt16',
      'newstest2016-deen-ref.en.sgm',
      '<refset><doc><seg id="1">A &amp; B</seg></doc></refset>\n',
      'A & B',
    ],
    ['yelp', 'yelp_review_full_csv/test.csv', '"1","Bad, ""really"" so"\n', 'Bad, "really" so'],
    ['ewt-email', 'eng_web_tbk/email/conll/email_penntrees.dev.conll', '1\tHi\tUH\n2\t,\t,\n\n', 'Hi ,'],
    [
      'ewt-email',
      'eng_web_tbk/data/email/source/source_text_ascii_tokenized/enronsent.txt',
      '<en=1> Hi ,\n',
      'Hi ,',
    ],
    [
      'ewt-email',
      'en_ewt-ud-dev.conllu',
      '# sent_id = weblog-1\n1\tNo\n\n# sent_id = email-1\n1\tHi\n2\t,\n\n',
      'Hi ,',
    ],
  ];
  it.each(published)('%s: %s', async (set, path, content, text) => {
    const root = mkdtempSync(join(folder, 'published-'));
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), path.endsWith('.gz') ? gzipSync(content) : content);
    const files = {
      train: { path: join(folder, 'trec-train.tsv') },
      test: { path: join(folder, 'trec-test.tsv') },
    };
    const { outliers } = await loadTextSets(
      { ...sets, tests: [set] },
      request({ folder: root, files, exposure: 'not wanted' }),
    );
    expect(outliers.testSets.map(({ name, length, text }) => [name, length, text(0)])).toEqual([
      [set, 1, text],
    ]);
  });

  it('takes the paper’s own files to train with', async () => {
    const root = mkdtempSync(join(folder, 'published-'));
    for (const [path, content] of [
      ['20newsgroups/20ng-train.txt', '1,one text here\n0,another\n'],
      ['20newsgroups/20ng-test.txt', '1,one text\n'],
      ['wikitext_reformatted/wikitext2_sentences', 'one , two .\n'],
    ] as const) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), content);
    }
    const ood = { mine: join(folder, 'mine.txt') };
    const loaded = await loadTextSets(
      { ...sets, inliers: '20newsgroups' },
      request({ folder: root, files: { ood } }),
    );
    expect(loaded.inliers.train!.text(0)).toBe('one text here');
    expect([...loaded.inliers.train!.labels!]).toEqual([1, 0]);
    expect(loaded.outliers.train!.text(0)).toBe('one , two .');
    expect(loaded.outliers.notes.join(' ')).not.toMatch(/smaller part/);
  });
});

describe('loadPackagedTexts', () => {
  it('is complete with nothing but the install, and no set is shown and tested', async () => {
    const { inliers, outliers } = await loadPackagedTexts(request({ folder: undefined }));
    expect(inliers.train!.length + inliers.test.length).toBe(19_000);
    expect(outliers.train!.name).toBe('examples');
    const tests = outliers.testSets.map(({ name }) => name);
    expect(tests).toEqual([
      'verbs',
      'adjectives',
      'films',
      'restaurants',
      'products',
      'licences',
      'program-code',
    ]);
    const other = await loadPackagedTexts(request({ outliers: 'licences' }));
    expect(other.outliers.testSets.map(({ name }) => name)).toEqual(
      tests.filter((name) => name !== 'licences'),
    );
    const own = await loadPackagedTexts(request({ outliers: join(folder, 'mine.txt') }));
    expect(own.outliers.train!.length).toBe(2);
  });

  it('explains mistyped outliers and files in place of the definitions', async () => {
    await expect(loadPackagedTexts(request({ outliers: 'licenses' }))).rejects.toThrowError(
      /did you mean "licences"/,
    );
    const files = { test: { path: 'x.tsv' } };
    await expect(loadPackagedTexts(request({ files }))).rejects.toThrowError(
      /come with the install.*oe train/,
    );
  });
});
