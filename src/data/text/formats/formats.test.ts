/** Files of texts, from their content: which format they are, and what is in them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsed, resultOr } from '../testing.ts';
import { TEXT_FORMATS, textFormatOf } from './index.ts';

describe('JSON Lines', () => {
  it('are objects with texts', () => {
    expect(
      parsed('{"id": 7, "text": "a\\nb", "label": 1}\n\n{"label": 0, "text": "c", "id": 8}\n'),
    ).toMatchObject({
      texts: ['a\nb', 'c'],
      labels: [1, 0],
      dropped: { empty: 1 },
    });
    const snli =
      '{"gold_label": "-", "sentence1": "p", "sentence2": "h"}\n{"gold_label": "neutral", "sentence1": "p", "sentence2": "i"}';
    expect(parsed(snli)).toMatchObject({ texts: ['i'], dropped: { undecided: 1 } });
    expect(parsed('{"a": "x", "b": true}', { textColumn: 'a', labelColumn: 'b' })).toMatchObject({
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
    expect(() => parsed(content, { format: 'jsonl' })).toThrow(message);
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
    expect(parsed(content)).toEqual({
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
    expect(parsed(content, { format: 'lines' }).texts).toHaveLength(4);
  });
});

describe('plain text', () => {
  it('is a text a line', () => {
    expect(parsed('\uFEFFone "two\n\n  \n three\t\n')).toEqual({
      texts: ['one "two', 'three'],
      labels: undefined,
      classNames: undefined,
      dropped: { empty: 2 },
    });
  });
  it('may be cut', () => {
    expect(parsed('one two three\nfour', { maxTokens: 2 }).texts).toEqual(['one two', 'four']);
    expect(() => parsed('a', { maxTokens: 0 })).toThrow(/maxTokens/);
  });
  it('needs texts', () => {
    expect(() => parsed('')).toThrow(/made.txt has no texts: it is empty\./);
    expect(() => parsed('\n \n')).toThrow(/has no texts; left out: 2 empty\./);
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
    expect(parsed(content)).toMatchObject({
      texts: ["Do n't go .", 'Without rows', '# one'],
      labels: [0, 1, 1],
      classNames: ['answers', 'email'],
    });
    expect(parsed(content, { labels: 'none', only: 'email' })).toEqual({
      texts: ['Without rows', '# one'],
      labels: undefined,
      classNames: undefined,
      dropped: { 'of another label': 1 },
    });
  });
  it('may have rows alone', () => {
    expect(parsed('1\tIt\tPRP\n2\tworks\tVBZ\n\n\n1\tNo\tUH\n', { name: 'answers.dev.conll' })).toMatchObject(
      {
        texts: ['It works', 'No'],
        labels: undefined,
      },
    );
  });
  it.each([
    ['1\tIt\nworks\n', /line 2: a number, a tab and a word were expected.*begins with "works"/],
    ['1\t\t_\n', /line 1: a number, a tab and a word/],
    [`${`1\t${'x'.repeat(2 ** 21)}\n`.repeat(3)}`, /line 1: the sentence has more than 4194304 characters/],
    ['', /is empty/],
  ])('that is damaged is refused (%#)', (content, message) => {
    expect(() => parsed(content, { format: 'conll' })).toThrow(message);
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
    expect(parsed(content)).toEqual({
      texts: ['Fish & chips <b> — € &unknown; &#0;', 'two three', 'over lines'],
      labels: undefined,
      classNames: undefined,
      dropped: {},
    });
  });
  it('are numbered lines: the English Web Treebank', () => {
    expect(parsed("<en=1> I 'll post & go <3 .\n<en=2> Yes\n").texts).toEqual([
      "I 'll post & go <3 .",
      'Yes',
    ]);
  });
  it('that are damaged are refused', () => {
    const options = { format: 'segments' } as const;
    expect(() => parsed('<doc>\n<seg id="1">one\n', options)).toThrow(
      /line 2: a <seg> is opened and not closed/,
    );
    expect(() => parsed(`<seg>${'x\n'.repeat(2 ** 21)}`, options)).toThrow(/line 1: a <seg> is opened/);
    expect(() => parsed('<doc>no segments</doc>', options)).toThrow(/has no texts/);
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
        const found = resultOr(() => parsed(content, format ? { format } : {}));
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
