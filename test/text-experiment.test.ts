/** `oe reproduce trec` as a process, at a scale of a few texts: all of it, from files to the report. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tokenizerOf } from '../src/data/index.ts';
import type { ExperimentResults } from '../src/experiments/index.ts';
import { readModel } from '../src/onnx/index.ts';
import { Random } from '../src/random.ts';
import { expectSentence, runOe } from './command.ts';

let folder: string;
let data: string;

const KINDS = {
  'ABBR:exp': 'what does mean stand for the letters full short form',
  'HUM:ind': 'who was the person man woman that king painter',
  'LOC:city': 'where is the town river country place found in',
  'NUM:count': 'how many are there number of feet miles people',
};
const STRANGE = 'today we went by train and it rained all day long but nobody minded much at all';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'oe-text-experiment-'));
  data = join(folder, 'data');
  mkdirSync(data);
  const questions = (name: string, count: number) => {
    const kinds = Object.entries(KINDS);
    const lines = Array.from({ length: count }, (_, i) => {
      const [kind, words] = kinds[i % kinds.length]!;
      return `${kind}\t${drawn(words, `${name} ${i}`)} ?`;
    });
    writeFileSync(join(data, `${name}.tsv.gz`), gzipSync(`${lines.join('\n')}\n`));
  };
  const strangers = (file: string, count: number, line = (text: string) => text) => {
    const lines = Array.from({ length: count }, (_, i) => line(drawn(STRANGE, `${file} ${i}`)));
    writeFileSync(join(data, file), `${lines.join('\n')}\n`);
  };
  questions('trec-train', 200);
  questions('trec-test', 60);
  strangers('wikitext2-train.txt', 120, (text) => ` Then ${text} . \n `);
  strangers('snli-test.tsv', 30, (text) => `neutral\tA premise .\tNow ${text} .`);
  strangers('wmt16.txt', 40);
  strangers('mine.txt', 15);
  writeFileSync(join(data, 'one-kind.tsv'), 'HUM:ind\twho was it ?\n'.repeat(20));
  writeFileSync(join(data, 'greek.tsv'), 'HUM:ind\tαβγ δ\nLOC:city\tεζ\n');
  writeFileSync(join(data, 'latin.tsv'), Buffer.from('HUM:ind\tcaf\xe9\n', 'latin1'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Three to eleven of the words, in random order. */
function drawn(words: string, label: string): string {
  const all = words.split(' ');
  const random = Random.from(1, label);
  return Array.from({ length: 3 + random.integer(9) }, () => all[random.integer(all.length)]).join(' ');
}

/** What the user has fetched plays no part. */
const run = (args: string[], interrupt?: (stderr: string) => boolean) =>
  runOe(['reproduce', ...args], { env: { OE_DATA: join(folder, 'nothing-fetched') }, interrupt });

const small = () => [
  ...['trec', '--data', data, '--batch', '8,8', '--epochs', '3', '--tune-epochs', '2', '--threads', '1'],
  ...['--ood', `mine=${join(data, 'mine.txt')}`],
];

describe('oe reproduce trec', () => {
  const out = () => join(folder, 'whole');
  let results: ExperimentResults;

  it('goes from files to results', { timeout: 120_000 }, async () => {
    const { code, stdout, stderr } = await run([...small(), '--scratch', '--json', '--out', out()]);
    expect(stderr).not.toMatch(/^oe:/m);
    expect(code).toBe(0);
    results = JSON.parse(stdout) as ExperimentResults;
    expect(results).toMatchObject({
      experiment: 'trec',
      examples: 'texts',
      classes: Object.keys(KINDS),
      config: { network: 'gru', lambda: 1, n: 90, lowerCase: 'yes', optimizer: /Adam/ },
    });
    expect(results.data.map(({ name, role, count }) => [name, role, count])).toEqual([
      ['trec-train', 'in-distribution train', 200],
      ['trec-test', 'in-distribution test', 60],
      ['wikitext-2', 'outliers for training', 120],
      ['shuffled', 'outliers for validation', 60],
      ['random-words', 'outliers for validation', 60],
      ['snli', 'outliers for test', 30],
      ['wmt16', 'outliers for test', 40],
      ['mine', 'outliers for test', 15],
    ]);
    expect(results.notes!.join(' ')).toMatch(/imdb, multi30k, yelp, ewt-answers.*were not there/);
    for (const model of ['baseline', 'oe-tune', 'oe-scratch']) {
      const rows = results.rows.filter((row) => row.model === model && row.score === 'msp');
      expect(rows.map(({ set }) => set)).toEqual(['snli', 'wmt16', 'mine', 'mean']);
      for (const row of rows) expect(row).toMatchObject({ n: 90, inCount: 60, outCount: 12 });
    }
    // Words tell these classes and strangers apart, so that a network that works finds both.
    const mean = (name: string) =>
      results.rows.find((row) => row.model === name && row.score === 'msp' && row.set === 'mean')!;
    expect(results.models.find(({ name }) => name === 'baseline')!.testError).toBeLessThan(0.2);
    expect(mean('oe-tune').auroc).toBeGreaterThan(0.95);
    expect(mean('oe-tune').auroc).toBeGreaterThan(mean('baseline').auroc);
  });

  it('leaves models with their words, texts and a report', () => {
    const model = readModel(readFileSync(join(out(), 'models', 'oe-tune.onnx')));
    const tokenizer = tokenizerOf(model)!;
    expect(tokenizer.vocabulary.idOf('where')).toBeGreaterThan(1);
    expect(tokenizer.vocabulary.idOf('rained')).toBe(0);
    expect(tokenizer.words.lowerCase).toBe(true);
    const report = readFileSync(join(out(), 'report.html'), 'utf8');
    expect(report).toContain('Texts it found most and least strange');
    expect(report).toMatch(/<i class="unknown">nobody<\/i>/);
    expect(report).toMatch(/read as (ABBR:exp|HUM:ind|LOC:city|NUM:count)/);
    expect(report).toContain('30 texts');
    expect(report).not.toMatch(/\bpictures? (is nothing|gets a score)/);
    expect(report).toContain('FPR90');
    expect(readFileSync(join(out(), 'results.md'), 'utf8')).toContain('FPR90 ↓');
  });

  it('goes on after Ctrl-C to the same bits', { timeout: 120_000 }, async () => {
    const broken = join(folder, 'broken');
    const first = await run([...small(), '--scratch', '--out', broken], (stderr) =>
      /Train oe-tune: .* s {2}epoch/.test(stderr),
    );
    expect(first.code).toBe(130);
    expect(readdirSync(broken)).toEqual(['checkpoints']);
    expectSentence(
      await run([...small(), '--scratch', '--outliers', 'wmt16', '--resume', '--out', broken]),
      /outliers was wikitext-2, is now wmt16/,
    );
    const resumed = await run([...small(), '--scratch', '--resume', '--out', broken]);
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(resumed.stdout).toMatch(
      /TREC questions, exposed to outliers: MSP, baseline → oe-tune → oe-scratch/,
    );
    for (const model of ['baseline.onnx', 'oe-tune.onnx', 'oe-scratch.onnx']) {
      const bytes = readFileSync(join(broken, 'models', model));
      expect(bytes.equals(readFileSync(join(out(), 'models', model))), model).toBe(true);
    }
  });

  it('takes the baseline from a model, and may train nothing at all', { timeout: 120_000 }, async () => {
    const from = ['--from', join(out(), 'models', 'baseline.onnx')];
    const { code, stdout, stderr } = await run([
      ...[...small(), ...from, '--models', 'baseline', '--json', '--out', join(folder, 'from')],
    ]);
    expect(code, stderr).toBe(0);
    const measured = JSON.parse(stdout) as ExperimentResults;
    expect(measured.rows).toEqual(results.rows.filter(({ model }) => model === 'baseline'));
    expect(measured.training).toEqual([]);
  });
});

describe('what is missing or wrong', () => {
  const no = () => ['--out', join(folder, 'no')];

  it.each([
    [['sst'], /needs the texts of sst.*oe data fetch sst/],
    [['trec', '--model', 'convnet'], 'it is gru'],
    [['trec', '--mean', '0,0,0', '--std', '1,1,1'], 'are for images'],
    [['trec', '--exclude', 'x.json'], 'x.json cannot be read: no such file'],
    [['trec', '--outliers', 'wikitext'], 'no files of the outliers "wikitext"'],
    [['trec', '--from', 'weights.pt'], 'no .onnx file'],
    [['text', '--outliers', 'filmes'], 'did you mean "films"'],
    [['trac'], 'did you mean "trec"'],
    [
      ['trec', '--in', '@one-kind.tsv', '--test', '@one-kind.tsv'],
      /All texts of "trec-train" have the same label/,
    ],
    [['trec', '--test', '@greek.tsv'], /has none of the 3 words of "trec-test"/],
    [['trec', '--in', '@latin.tsv'], /latin\.tsv is not UTF-8: its byte 11 is 0xe9/],
    [['trec', '--test', '@mine.txt'], /have no labels.*--test-labels/],
    [['trec', '--test', '@mine.txt', '--test-labels', '@greek.tsv'], /greek\.tsv has/],
  ])('refuses %s', async (given, message) => {
    const options = given.map((word) => word.replace(/^@/, `${data}/`));
    expectSentence(await run([...options, '--data', data, ...no()]), message);
    expect(existsSync(join(folder, 'no', 'results.json'))).toBe(false);
  });
});
