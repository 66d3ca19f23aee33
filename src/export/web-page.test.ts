/** The exported page: nothing ends its script early, and texts become what they are to the model. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createTokenizer,
  createVocabulary,
  encodeTexts,
  memoryTexts,
  textInput,
  whitespaceTokenizer,
} from '../data/index.ts';
import { pageText } from './page-inputs.ts';
import { webPage } from './web-page.ts';

const names = { input: 'pixels', output: 'logits', score: 'anomaly_score', detector: 'msp' };
const options = { shape: [1, 4, 4], ...names } as const;

describe('webPage', () => {
  it('takes names that look like markup for names', () => {
    const hostile = '</script><script>alert(1)</script>';
    const page = webPage({
      ...options,
      classNames: [hostile],
      input: hostile,
      output: hostile,
      score: hostile,
    });
    expect(page.match(/<\/script>/g)).toHaveLength(1);
    expect(page).not.toContain('<script>alert');
    expect(page).toContain('\\u003c/script>');
  });

  it.each([
    { lowerCase: true, pad: 'first', elementType: 'int64', time: 'time' },
    { lowerCase: false, pad: 'last', elementType: 'int32', time: 'time', maxTokens: 3 },
    { lowerCase: true, pad: 'first', elementType: 'int64', time: 6, maxTokens: 20 },
    { lowerCase: true, pad: 'last', elementType: 'int64', time: 6 },
  ] as const)(
    'makes of a text what the tokenizer and the model make of it, %o',
    ({ elementType, time, ...settings }) => {
      const vocabulary = createVocabulary(['red', 'Red', 'é', 'it', '</script>', '__proto__']);
      const words = whitespaceTokenizer({ lowerCase: settings.lowerCase });
      const tokenizer = createTokenizer({ ...settings, vocabulary, words });
      const page = webPage({
        ...names,
        text: pageText(tokenizer, elementType, time),
      });
      const code = /async \(given\) => \{([\s\S]*?)const answers = /.exec(page)![1]!;
      const lookup = new Map(vocabulary.words.map((word, i) => [word, i]));
      class Tensor {
        constructor(
          readonly elementType: string,
          readonly data: unknown,
          readonly shape: number[],
        ) {}
      }
      const onPage = new Function('ort', 'words', 'given', `${code} return tensor;`);
      const piece = fc.oneof(
        fc.constantFrom(
          ...vocabulary.words,
          'RED',
          'constructor',
          ' ',
          '\n',
          '\u00a0',
          '\u2003',
          '\u3000',
          '\ufeff',
          '\u200b',
          '\x1f',
        ),
        fc.string(),
      );
      fc.assert(
        fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
          const text = pieces.join(' ');
          const set = encodeTexts(memoryTexts({ name: 't', texts: [text], fingerprint: '' }), tokenizer);
          const input = textInput('tokens', { elementType, shape: ['n', time] });
          const { data, shape } = input.tokens(set, [0], input.lengthOf(set, [0]));
          expect(onPage({ Tensor }, lookup, text)).toEqual(new Tensor(elementType, data, [...shape]));
        }),
      );
    },
  );
});
