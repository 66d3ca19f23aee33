/** Words and vocabularies, as Python's standard library makes them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fixture, textsOf } from './testing.ts';
import { buildVocabulary, compareCodePoints, createVocabulary } from './vocabulary.ts';
import { WordTable } from './word-table.ts';
import { firstWords, whitespaceTokenizer } from './words.ts';

describe('whitespaceTokenizer', () => {
  it.each(fixture.splits)('splits $text as Python does', ({ text, words, lower }) => {
    expect(whitespaceTokenizer({ lowerCase: false }).split(text)).toEqual(words);
    expect(whitespaceTokenizer().split(text)).toEqual(lower);
  });
});

describe('firstWords', () => {
  it('keeps the front', () => {
    expect(firstWords(' one  two three ', 2)).toBe(' one  two');
    expect(firstWords('one', 5)).toBe('one');
  });
  it('has the first words of any text', () => {
    const { split } = whitespaceTokenizer({ lowerCase: false });
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 5 }), (text, count) => {
        expect(split(firstWords(text, count))).toEqual(split(text).slice(0, count));
      }),
    );
  });
});

describe('WordTable', () => {
  it('numbers words as a map would, however many there are', () => {
    const words = Array.from({ length: 30_000 }, (_, i) => `word${(i * 7919) % 20_011}`);
    words.push('x'.repeat(100_000), '', 'é😀');
    const [table, map] = [new WordTable(), new Map<string, number>()];
    const numbers = words.map((word) => {
      if (!map.has(word)) map.set(word, map.size);
      return table.add(`<${word}>`, 1, word.length + 1);
    });
    expect(numbers).toEqual(words.map((word) => map.get(word)));
    expect(table.size).toBe(map.size);
    const known = [...map.keys()];
    expect(known.map((word) => table.find(word, 0, word.length))).toEqual([...map.values()]);
    expect(known.map((_, number) => table.word(number))).toEqual(known);
    expect(table.find('word', 0, 4)).toBe(-1);
  });
});

describe('buildVocabulary', () => {
  it.each(fixture.vocabularies)(
    '$size words, lower case $lowerCase, of $minFrequency and more',
    (expected) => {
      const { size, lowerCase, minFrequency, words } = expected;
      const vocabulary = buildVocabulary(textsOf(fixture.corpus), {
        size,
        minFrequency,
        words: whitespaceTokenizer({ lowerCase }),
      });
      expect(vocabulary.words).toEqual(words);
      expect(vocabulary.size).toBe(words.length);
      for (const [id, word] of words.entries()) expect(vocabulary.idOf(word)).toBe(id);
      expect(vocabulary.idOf('stranger')).toBe(0);
    },
  );
  it('takes several sets, and the front of texts', () => {
    const sets = [textsOf(['b a a']), textsOf(['c c c c'])];
    expect(buildVocabulary(sets).words.slice(2)).toEqual(['c', 'a', 'b']);
    expect(buildVocabulary(sets, { maxTokens: 2 }).words.slice(2)).toEqual(['c', 'a', 'b']);
    expect(buildVocabulary(sets, { maxTokens: 1 }).words.slice(2)).toEqual(['b', 'c']);
  });
  it('needs words', () => {
    expect(() => buildVocabulary(textsOf(['', ' ']))).toThrow(/"made" has no word that occurs at all/);
    expect(() => buildVocabulary(textsOf(['<unk>']))).toThrow(/no word/);
    expect(() => buildVocabulary(textsOf(['a']), { minFrequency: 2 })).toThrow(/2 times/);
    expect(() => buildVocabulary(textsOf(['a']), { size: 0 })).toThrow(/whole number/);
  });
});

describe('createVocabulary', () => {
  const vocabulary = createVocabulary(['the', 'cat']);
  it('encodes and decodes', () => {
    expect([...vocabulary.encode(['the', 'dog', 'cat', '<pad>', '<unk>'])]).toEqual([2, 0, 3, 1, 0]);
    expect(vocabulary.decode([1, 1, 2, 0, 3])).toBe('the <unk> cat');
    expect(vocabulary.decode([2n, 3n])).toBe('the cat');
  });
  it('refuses numbers that it lacks, and words it cannot have', () => {
    expect(() => vocabulary.decode([4])).toThrow(/numbers 0 to 3; there is no word 4/);
    expect(() => createVocabulary(['a', 'b', 'a'])).toThrow(/"a" twice/);
    expect(() => createVocabulary(['<pad>'])).toThrow(/"<pad>" twice/);
    expect(() => createVocabulary([''])).toThrow(/empty word/);
  });
});

it('code points are in the order of UTF-8 bytes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
      const bytes = Buffer.compare(Buffer.from(a), Buffer.from(b));
      expect(Math.sign(compareCodePoints(a, b))).toBe(bytes);
    }),
  );
});
