/** Files of texts, from their content: which format they are, and what is in them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ParseTextsOptions, parseTexts } from '../parse-texts.ts';
import { allTexts, fixture, resultOr } from '../testing.ts';
import { csvRows } from './csv.ts';
import { TEXT_FORMATS, textFormatOf } from './index.ts';
import { parseTree } from './trees.ts';

function read(content: string, options: Partial<ParseTextsOptions> = {}) {
  const source = parseTexts(content, { name: 'made.txt', fingerprint: 'made here', ...options });
  const { labels, classNames, dropped } = source;
  return { texts: allTexts(source), labels: labels && [...labels], classNames, dropped };
}

type Tree = { label: number; children: Tree[]; word: string };

describe('trees', () => {
  const content =
    "(3 (2 It) (4 (2 's) (4 lovely)))\n(1 (2 -LRB-) (1 (0 bad) (2 co\\/op)))\n\n(2 plain)\n(0 no)\n";
  it('are sentences and their roots', () => {
    expect(read(content)).toEqual({
      texts: ["It 's lovely", '-LRB- bad co\\/op', 'plain', 'no'],
      labels: [3, 1, 2, 0],
      classNames: ['very negative', 'negative', 'neutral', 'positive', 'very positive'],
      dropped: { empty: 1 },
    });
  });
  it('can be binary', () => {
    expect(read(content, { labels: 'binary' })).toEqual({
      texts: ["It 's lovely", '-LRB- bad co\\/op', 'no'],
      labels: [1, 0, 0],
      classNames: ['negative', 'positive'],
      dropped: { empty: 1, neutral: 1 },
    });
  });
  it.each([
    ['(3 (2 a)', /made, line 1: a bracket is not closed/],
    ['(3 a) (2 b)', /"\(" stands outside of the tree/],
    ['(3 a))', /"\)" stands outside/],
    ['(9 a)', /"9" in place of a sentiment/],
    ['(3 (a b))', /"a" in place of a sentiment/],
    ['', /bracket/],
  ])('%s is refused', (line, message) => {
    expect(() => parseTree(line, 'made, line 1')).toThrow(message);
  });
  it('brings back any tree', () => {
    const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
      tree: fc.record({
        label: fc.nat(4),
        word: fc.stringMatching(/^[^()\s]{1,6}$/),
        children: fc.oneof(
          { depthSize: 'small' },
          fc.constant<Tree[]>([]),
          fc.array(tie('tree'), { maxLength: 3 }),
        ),
      }),
    }));
    const write = ({ label, word, children }: Tree): string =>
      `(${label} ${children.length > 0 ? children.map(write).join(' ') : word})`;
    const leaves = ({ word, children }: Tree): string[] =>
      children.length > 0 ? children.flatMap(leaves) : [word];
    fc.assert(
      fc.property(tree, (root) => {
        expect(parseTree(write(root), 'x')).toEqual({
          sentence: leaves(root).join(' '),
          label: String(root.label),
        });
      }),
    );
  });
});

describe('questions', () => {
  const content = 'DESC:manner How does it work ?\nLOC:city Where ?\nDESC:def What ?\n';
  it('have fine labels', () => {
    expect(read(content)).toMatchObject({
      texts: ['How does it work ?', 'Where ?', 'What ?'],
      labels: [1, 2, 0],
      classNames: ['DESC:def', 'DESC:manner', 'LOC:city'],
    });
  });
  it('have coarse labels', () => {
    expect(read(content, { labels: 'coarse' })).toMatchObject({
      labels: [0, 1, 0],
      classNames: ['DESC', 'LOC'],
    });
  });
  it('keep the classes of the training set', () => {
    const classes = ['LOC:city', 'NUM:dist', 'DESC:def', 'DESC:manner'];
    expect(read(content, { classes })).toMatchObject({ labels: [3, 0, 2], classNames: classes });
    expect(() => read(content, { classes: ['LOC:city', 'DESC:manners'] })).toThrow(
      /label "DESC:manner" in line 1, which is none of the 2 classes: did you mean "DESC:manners"\?/,
    );
  });
  it('are refused without a label', () => {
    expect(() => read('How ?', { format: 'trec' })).toThrow(/line 1: it should be a label and a question/);
  });
});

describe('tables of tabs', () => {
  it('are a label and a text', () => {
    expect(read('2\tsay "hi"\r\n0\tno\r\n')).toMatchObject({ texts: ['say "hi"', 'no'], labels: [2, 0] });
    expect(read('2\ta\n0\tb\n').classNames).toBeUndefined();
    expect(read('rec\ta\nalt\tb\n')).toMatchObject({ labels: [1, 0], classNames: ['alt', 'rec'] });
  });
  it('name their columns: SST-2', () => {
    expect(read('sentence\tlabel\nfine film\t1\nbad\t0\n')).toMatchObject({
      texts: ['fine film', 'bad'],
      labels: [1, 0],
    });
  });
  it('hold pairs: SNLI, with or without names', () => {
    const expected = { texts: ['H one', 'H three'], labels: [1, 0], dropped: { undecided: 1 } };
    const rows = 'neutral\tP\tH one\n-\tP\tH two\nentailment\tP\tH three\n';
    expect(read(rows)).toMatchObject({ ...expected, classNames: ['entailment', 'neutral'] });
    const named = rows.replaceAll(/^(.*)\t(.*)\t(.*)$/gm, '$1\ttree\t$2\t$3');
    expect(read(`gold_label\tsentence1_parse\tsentence1\tsentence2\n${named}`)).toMatchObject(expected);
  });
  it('take the columns that are asked for', () => {
    const content = 'x\ttitle one\tbody one\nz\ttitle two\tbody two\n';
    expect(read(content, { textColumn: 1 })).toMatchObject({
      texts: ['title one', 'title two'],
      labels: undefined,
    });
    expect(read(content, { textColumn: 2, labelColumn: 0 })).toMatchObject({
      labels: [0, 1],
      classNames: ['x', 'z'],
    });
    expect(read(`c\th\tb\n${content}`, { textColumn: 'b', labelColumn: 'c' })).toMatchObject({
      texts: ['body one', 'body two'],
      classNames: ['x', 'z'],
    });
    expect(read('1\ta\n', { labelColumn: null }).labels).toBeUndefined();
    expect(read('1\ta\n', { labels: 'none' }).labels).toBeUndefined();
    expect(
      read('first\tone\n1\ta\n', { header: true, textColumn: 'one', labelColumn: 'first' }).texts,
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
    expect(() => read(content, options as Partial<ParseTextsOptions>)).toThrow(message);
  });
  it('may have one class alone', () => {
    expect(read('spam\ta\nspam\tb\n')).toMatchObject({ labels: [0, 0], classNames: ['spam'] });
  });
  it('number the classes that are given', () => {
    expect(read('1\ta\n0\tb\n', { classes: ['no', 'yes'] })).toMatchObject({
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
    expect(read('text,label\n"a, b\n""c""",x\nd,y\n', { format: 'csv' })).toMatchObject({
      texts: ['a, b\n"c"', 'd'],
      labels: [0, 1],
    });
    expect(read('"one , two"\nthree\n', { name: 'm.csv' }).texts).toEqual(['one , two', 'three']);
    expect(read('"2","good ""place"""\n"1","bad"\n', { name: 'yelp.csv' })).toMatchObject({ labels: [2, 1] });
  });
  it.each([
    ['a\n"b\nc\n', /line 2: a quote is opened and not closed/],
    ['"a"b,c\n', /line 1: "b,c" follows a closing quote/],
    [`"${'x\n'.repeat(2 ** 21)}`, /line 1: a quote is opened and not closed/],
  ])('that are damaged are refused (%#)', (content, message) => {
    expect(() => read(content, { format: 'csv' })).toThrow(message);
  });
});

describe('JSON Lines', () => {
  it('are objects with texts', () => {
    expect(
      read('{"id": 7, "text": "a\\nb", "label": 1}\n\n{"label": 0, "text": "c", "id": 8}\n'),
    ).toMatchObject({
      texts: ['a\nb', 'c'],
      labels: [1, 0],
      dropped: { empty: 1 },
    });
    const snli =
      '{"gold_label": "-", "sentence1": "p", "sentence2": "h"}\n{"gold_label": "neutral", "sentence1": "p", "sentence2": "i"}';
    expect(read(snli)).toMatchObject({ texts: ['i'], dropped: { undecided: 1 } });
    expect(read('{"a": "x", "b": true}', { textColumn: 'a', labelColumn: 'b' })).toMatchObject({
      classNames: ['true'],
    });
  });
  it.each([
    ['{"text": 1', /line 1: it is no JSON/],
    ['[1]', /line 1: an object was expected/],
    ['{"text": "a"}\n{"texts": "b"}', /line 2: there is no "text"; is it "texts"\?/],
    ['{"text": "a"}\n{"text": ["b"]}', /line 2: "text" is neither text nor a number\./],
    ['{"x": "a"}', /has 1 columns \(x\), and none is known/],
    ['{"__proto__": "a", "constructor": "b"}', /none is known/],
  ])('%s is refused', (content, message) => {
    expect(() => read(content, { format: 'jsonl' })).toThrow(message);
  });
});

describe('WikiText', () => {
  const content = [
    ' ',
    ' = Title = ',
    ' ',
    ' The first one is here . " A quoted one , too . " Is it ? No ! But U.S. towns go on , and on',
    ' 1999 was a year . @-@ is a sign . Ends in <unk> . ',
    ` ${'long '.repeat(60)}. ${'fits '.repeat(59)}. `,
  ].join('\n');
  it('is sentences', () => {
    expect(read(content)).toEqual({
      texts: [
        'The first one is here . "',
        'A quoted one , too . "',
        'Is it ?',
        'Ends in <unk> .',
        `${'fits '.repeat(59)}.`,
      ],
      labels: undefined,
      classNames: undefined,
      dropped: { empty: 2, heading: 1, short: 1, unfinished: 1, number: 2, long: 1 },
    });
  });
  it('can be read by line', () => {
    expect(read(content, { format: 'lines' }).texts).toHaveLength(4);
  });
});

describe('plain text', () => {
  it('is a text a line', () => {
    expect(read('\uFEFFone "two\n\n  \n three\t\n')).toEqual({
      texts: ['one "two', 'three'],
      labels: undefined,
      classNames: undefined,
      dropped: { empty: 2 },
    });
  });
  it('may be cut', () => {
    expect(read('one two three\nfour', { maxTokens: 2 }).texts).toEqual(['one two', 'four']);
    expect(() => read('a', { maxTokens: 0 })).toThrow(/maxTokens/);
  });
  it('needs texts', () => {
    expect(() => read('')).toThrow(/made.txt has no texts: it is empty\./);
    expect(() => read('\n \n')).toThrow(/has no texts; left out: 2 empty\./);
  });
});

describe('CoNLL-U', () => {
  const content = [
    '# newdoc id = answers-1',
    '# sent_id = answers-1-0001',
    "# text = Don't go.",
    "1-2\tDon't\t_\t_",
    '1\tDo\tdo\tAUX',
    "2\tn't\tnot\tPART",
    '3\tgo\tgo\tVERB',
    '3.1\tnow\tnow\tADV',
    '4\t.\t.\tPUNCT',
    '',
    '# sent_id = email-7-0001',
    '# text = Without rows',
    '',
    '# sent_id = email-7-0002',
    '1\t#\t#\tSYM',
    '2\tone\tone\tNUM',
  ].join('\n');
  it('is words with spaces between, and genres', () => {
    expect(read(content)).toMatchObject({
      texts: ["Do n't go .", 'Without rows', '# one'],
      labels: [0, 1, 1],
      classNames: ['answers', 'email'],
    });
    expect(read(content, { labels: 'none', only: 'email' })).toEqual({
      texts: ['Without rows', '# one'],
      labels: undefined,
      classNames: undefined,
      dropped: { 'of another label': 1 },
    });
  });
  it('may have rows alone', () => {
    expect(read('1\tIt\tPRP\n2\tworks\tVBZ\n\n\n1\tNo\tUH\n', { name: 'answers.dev.conll' })).toMatchObject({
      texts: ['It works', 'No'],
      labels: undefined,
    });
  });
  it.each([
    ['1\tIt\nworks\n', /line 2: a number, a tab and a word were expected.*begins with "works"/],
    ['1\t\t_\n', /line 1: a number, a tab and a word/],
    [`${`1\t${'x'.repeat(2 ** 21)}\n`.repeat(3)}`, /line 1: the sentence has more than 4194304 characters/],
    ['', /is empty/],
  ])('that is damaged is refused (%#)', (content, message) => {
    expect(() => read(content, { format: 'conll' })).toThrow(message);
  });
});

describe('segments', () => {
  it('are what <seg> holds: WMT', () => {
    const content = [
      '<refset setid="newstest2016" srclang="any" trglang="en">',
      '<doc docid="one"><p>',
      '<seg id="1">Fish &amp; chips &lt;b&gt; &#8212; &#x20ac; &unknown; &#0;</seg> <SEG id="2">two <i>three</i></SEG>',
      '<seg id="3">over',
      'lines</seg>',
      '</p></doc></refset>',
    ].join('\n');
    expect(read(content)).toEqual({
      texts: ['Fish & chips <b> — € &unknown; &#0;', 'two three', 'over lines'],
      labels: undefined,
      classNames: undefined,
      dropped: {},
    });
  });
  it('are numbered lines: the English Web Treebank', () => {
    expect(read("<en=1> I 'll post & go <3 .\n<en=2> Yes\n").texts).toEqual(["I 'll post & go <3 .", 'Yes']);
  });
  it('that are damaged are refused', () => {
    const options = { format: 'segments' } as const;
    expect(() => read('<doc>\n<seg id="1">one\n', options)).toThrow(
      /line 2: a <seg> is opened and not closed/,
    );
    expect(() => read(`<seg>${'x\n'.repeat(2 ** 21)}`, options)).toThrow(/line 1: a <seg> is opened/);
    expect(() => read('<doc>no segments</doc>', options)).toThrow(/has no texts/);
  });
});

describe('textFormatOf', () => {
  it.each([
    ['a.jsonl.gz', [''], 'jsonl'],
    ['A.CSV', ['a\tb'], 'csv'],
    ['wiki.test.tokens', [], 'wikitext'],
    ['dev.txt', ['(2 (1 a) (2 b))', '', '(3 c)'], 'trees'],
    ['dev.txt', ['(2 many people)', 'said so'], 'lines'],
    ['x', ['{"a": 1}', '{"a": 2}'], 'jsonl'],
    ['x', ['{braces', 'here}'], 'lines'],
    ['TREC_10.label', ['NUM:dist How far ?', 'LOC:other Where ?'], 'trec'],
    ['x', ['NOTE:this is it', 'and this is not'], 'lines'],
    ['x', ['a\tb', 'c\td'], 'tsv'],
    ['x', ['a\tb', 'c'], 'lines'],
    ['x', [' ', ' = Title = ', ' Text .'], 'wikitext'],
    ['en_ewt-ud-dev.conllu.gz', [], 'conll'],
    ['x', ['# text = It', '1\tIt\t_'], 'conll'],
    ['x', ['# text = It', '', 'of markdown'], 'lines'],
    ['newstest2016-deen-ref.en.sgm', [], 'segments'],
    ['wmt.xml', ['<?xml version="1.0"?>', '<refset setid="n">', '<doc>', '<seg id="1">a</seg>'], 'segments'],
    ['x.txt', ['<en=1> One', '<en=2> Two'], 'segments'],
    ['x.html', ['<p>One', '<p>Two'], 'lines'],
    ['x', [], 'lines'],
  ])('%s %j is %s', (name, lines, format) => {
    expect(textFormatOf(name, lines)).toBe(format);
  });
});

it('every format gives texts or a sentence, whatever a file holds', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      '(2 ',
      ')',
      '"',
      '""',
      ',',
      '\t',
      '\n',
      '\r\n',
      ' = ',
      ' . ',
      '{"text": "a"}',
      '<seg>',
      '</seg>',
      '&#65;',
      '1\tw',
      '# text = ',
      'A:b c',
      '3',
      'text',
    ),
    fc.string({ unit: 'binary', maxLength: 4 }),
  );
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 30 }),
      fc.constantFrom(undefined, ...TEXT_FORMATS),
      (pieces, format) => {
        const content = pieces.join('');
        const found = resultOr(() => read(content, format ? { format } : {}));
        if (!found) return;
        expect(found.texts.length).toBeGreaterThan(0);
        expect(found.labels?.length ?? found.texts.length).toBe(found.texts.length);
        expect(found.texts.join('').length).toBeLessThanOrEqual(content.length);
        for (const text of found.texts) expect(text.trim()).not.toBe('');
      },
    ),
    { numRuns: 400 },
  );
});
