/** Labelled texts in lines, tabs and commas. */
import { describe, expect, it } from 'vitest';
import type { ParseTextsOptions } from '../parse-texts.ts';
import { fixture, parsed } from '../testing.ts';
import { csvRows } from './csv.ts';

describe('questions', () => {
  const content = 'DESC:manner How does it work ?\nLOC:city Where ?\nDESC:def What ?\n';
  it('have fine labels', () => {
    expect(parsed(content)).toMatchObject({
      texts: ['How does it work ?', 'Where ?', 'What ?'],
      labels: [1, 2, 0],
      classNames: ['DESC:def', 'DESC:manner', 'LOC:city'],
    });
  });
  it('have coarse labels', () => {
    expect(parsed(content, { labels: 'coarse' })).toMatchObject({
      labels: [0, 1, 0],
      classNames: ['DESC', 'LOC'],
    });
  });
  it('keep the classes of the training set', () => {
    const classes = ['LOC:city', 'NUM:dist', 'DESC:def', 'DESC:manner'];
    expect(parsed(content, { classes })).toMatchObject({ labels: [3, 0, 2], classNames: classes });
    expect(() => parsed(content, { classes: ['LOC:city', 'DESC:manners'] })).toThrow(
      /label "DESC:manner" in line 1, which is none of the 2 classes: did you mean "DESC:manners"\?/,
    );
  });
  it('are refused without a label', () => {
    expect(() => parsed('How ?', { format: 'trec' })).toThrow(/line 1: it should be a label and a question/);
  });
});

describe('tables of tabs', () => {
  it('are a label and a text', () => {
    expect(parsed('2\tsay "hi"\r\n0\tno\r\n')).toMatchObject({ texts: ['say "hi"', 'no'], labels: [2, 0] });
    expect(parsed('2\ta\n0\tb\n').classNames).toBeUndefined();
    expect(parsed('rec\ta\nalt\tb\n')).toMatchObject({ labels: [1, 0], classNames: ['alt', 'rec'] });
  });
  it('name their columns: SST-2', () => {
    expect(parsed('sentence\tlabel\nfine film\t1\nbad\t0\n')).toMatchObject({
      texts: ['fine film', 'bad'],
      labels: [1, 0],
    });
  });
  it('hold pairs: SNLI, with or without names', () => {
    const expected = { texts: ['H one', 'H three'], labels: [1, 0], dropped: { undecided: 1 } };
    const rows = 'neutral\tP\tH one\n-\tP\tH two\nentailment\tP\tH three\n';
    expect(parsed(rows)).toMatchObject({ ...expected, classNames: ['entailment', 'neutral'] });
    const named = rows.replaceAll(/^(.*)\t(.*)\t(.*)$/gm, '$1\ttree\t$2\t$3');
    expect(parsed(`gold_label\tsentence1_parse\tsentence1\tsentence2\n${named}`)).toMatchObject(expected);
  });
  it('take the columns that are asked for', () => {
    const content = 'x\ttitle one\tbody one\nz\ttitle two\tbody two\n';
    expect(parsed(content, { textColumn: 1 })).toMatchObject({
      texts: ['title one', 'title two'],
      labels: undefined,
    });
    expect(parsed(content, { textColumn: 2, labelColumn: 0 })).toMatchObject({
      labels: [0, 1],
      classNames: ['x', 'z'],
    });
    expect(parsed(`c\th\tb\n${content}`, { textColumn: 'b', labelColumn: 'c' })).toMatchObject({
      texts: ['body one', 'body two'],
      classNames: ['x', 'z'],
    });
    expect(parsed('1\ta\n', { labelColumn: null }).labels).toBeUndefined();
    expect(parsed('1\ta\n', { labels: 'none' }).labels).toBeUndefined();
    expect(
      parsed('first\tone\n1\ta\n', { header: true, textColumn: 'one', labelColumn: 'first' }).texts,
    ).toEqual(['a']);
  });
  it.each([
    [
      'a\tb\tc\td\n',
      {},
      /has 4 columns, and none is known to hold the texts: give it as textColumn, by its number/,
    ],
    ['a\tb\n', { textColumn: 2 }, /no column 2: it has 2 columns without names/],
    ['text\tlabel\nx\ty\n', { textColumn: 'texts' }, /no column "texts"; did you mean "text"\?/],
    ['1\ta\n2\n', { format: 'tsv' }, /line 2: it has 1 columns, but 2 or more were expected/],
    ['1\ta\n\tb\n', {}, /no label in line 2/],
    [`${'x'.repeat(300)}\ta\n`, {}, /a label of 300 characters in line 1/],
    ['a\tx\n', { labels: 'coarse' }, /label "a" in line 1; for coarse labels it should have a colon/],
    ['7\tx\n', { labels: 'binary' }, /label "7" in line 1; for binary labels/],
    ['0\tx\n1\ty\n', { labels: 'binary' }, /no labels 3 or 4, so that all would be negative/],
    ['plain\n', { labels: 'binary' }, /has no labels that could be made binary/],
    ['5\tx\n', { classes: ['a', 'b'] }, /label "5" in line 1, which is none of the 2 classes \(a, b\)\./],
  ] as const)('%j %j is refused', (content, options, message) => {
    expect(() => parsed(content, options as Partial<ParseTextsOptions>)).toThrow(message);
  });
  it('may have one class alone', () => {
    expect(parsed('spam\ta\nspam\tb\n')).toMatchObject({ labels: [0, 0], classNames: ['spam'] });
  });
  it('number the classes that are given', () => {
    expect(parsed('1\ta\n0\tb\n', { classes: ['no', 'yes'] })).toMatchObject({
      labels: [1, 0],
      classNames: ['no', 'yes'],
    });
  });
});

describe('comma-separated values', () => {
  it.each(fixture.tables)('%# are rows as Python reads them', ({ text, rows }) => {
    const found: string[][] = [];
    const reader = csvRows({ name: 'made', row: (cells) => found.push(cells) });
    for (const [i, line] of text
      .replace(/\r?\n$/, '')
      .split(/\r?\n/)
      .entries())
      reader.line(line, i + 1);
    reader.end?.();
    expect(found).toEqual(rows);
  });
  it('tell the line of a row', () => {
    const lines: number[] = [];
    const reader = csvRows({ name: 'made', row: (_, line) => lines.push(line) });
    for (const [i, line] of ['a', '"b', 'c', 'd",e', 'f'].entries()) reader.line(line, i + 1);
    expect(lines).toEqual([1, 2, 5]);
  });
  it('are texts', () => {
    expect(parsed('text,label\n"a, b\n""c""",x\nd,y\n', { format: 'csv' })).toMatchObject({
      texts: ['a, b\n"c"', 'd'],
      labels: [0, 1],
    });
    expect(parsed('"one , two"\nthree\n', { name: 'm.csv' }).texts).toEqual(['one , two', 'three']);
    expect(parsed('"2","good ""place"""\n"1","bad"\n', { name: 'yelp.csv' })).toMatchObject({
      labels: [2, 1],
    });
  });
  it.each([
    ['a\n"b\nc\n', /line 2: a quote is opened and not closed/],
    ['"a"b,c\n', /line 1: "b,c" follows a closing quote/],
    [`"${'x\n'.repeat(2 ** 21)}`, /line 1: a quote is opened and not closed/],
  ])('that are damaged are refused (%#)', (content, message) => {
    expect(() => parsed(content, { format: 'csv' })).toThrow(message);
  });
});
