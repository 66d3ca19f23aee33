/** The exported page: its formulas are the detectors', and nothing ends its script early. */
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
import { configured, findDetector } from '../detectors/index.ts';
import { Random } from '../random.ts';
import { pageText } from './page-inputs.ts';
import { PAGE_DETECTORS } from './page-scores.ts';
import { webPage } from './web-page.ts';

const options = { shape: [1, 4, 4], input: 'pixels', output: 'logits' } as const;

/** The score that the page computes, taken out of it. */
function scoreOf(page: string, z: number[], s: Record<string, number>): number {
  const formula = /score: (.*) \};/.exec(page)![1]!;
  const e = z.map((v) => Math.exp(v - Math.max(...z)));
  const p = e.map((v) => v / e.reduce((a, b) => a + b));
  return new Function('z', 'p', 's', `return ${formula}`)(z, p, s) as number;
}

describe('webPage', () => {
  it.each(PAGE_DETECTORS)('computes %s as the detector does', async (name) => {
    const settings: Record<string, number> = name === 'energy' ? { temperature: 2.5 } : {};
    const page = webPage({ ...options, detector: name, settings });
    const random = Random.from(1, name);
    const rows = Array.from({ length: 20 }, () => Array.from({ length: 7 }, () => 5 * random.normal()));
    // Exponentials of such would overflow.
    rows.push([900, 0, 0, 0, 0, 0, -900]);
    for (const row of rows) {
      const logits = { data: Float32Array.from(row), shape: [1, 7] as [number, number] };
      const detector = configured(findDetector(name), settings);
      const values = { logits } as Parameters<NonNullable<typeof detector.score>>[0];
      const all = Object.fromEntries(
        Object.entries(detector.parameters ?? {}).map(([key, { default: usual }]) => [key, usual]),
      );
      const given = { settings: { ...all, ...settings } } as Parameters<
        NonNullable<typeof detector.score>
      >[1];
      const expected = (await detector.score!(values, given))[0]!;
      expect(scoreOf(page, [...logits.data], settings)).toBeCloseTo(expected, 4);
    }
  });

  it('takes names that look like markup for names', () => {
    const hostile = '</script><script>alert(1)</script>';
    const page = webPage({ ...options, classNames: [hostile], input: hostile, output: hostile });
    expect(page.match(/<\/script>/g)).toHaveLength(1);
    expect(page).not.toContain('<script>alert');
    expect(page).toContain('\\u003c/script>');
  });

  it('says which detectors it computes when asked for another', () => {
    expect(() => webPage({ ...options, detector: 'knn' })).toThrow(/computes msp, .* is one of knn/);
    expect(() => webPage({ ...options, detector: 'toString' })).toThrow(/is one of toString/);
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
        input: 'tokens',
        output: 'logits',
        text: pageText(tokenizer, elementType, time),
      });
      const code = /async \(given\) => \{([\s\S]*?)const z = /.exec(page)![1]!;
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
