import { describe, expect, it } from 'vitest';
import { createTokenizer, createVocabulary, memoryTexts, whitespaceTokenizer } from '../data/index.ts';
import { validationTexts } from './data/validation-texts.ts';
import { readText, textSheet } from './text-sheet.ts';

const vocabulary = createVocabulary(['the', 'cat', 'sat']);
const tokenizer = createTokenizer({ vocabulary });
const source = memoryTexts({
  name: 'cats',
  texts: ['The cat sat', 'a cat', 'the dog sat down', 'cat'],
  fingerprint: 'made here',
});

describe('readText', () => {
  it('keeps the case of words, and tells those that the vocabulary lacks', () => {
    expect(readText('  The DOG sat', tokenizer)).toEqual({
      words: ['The', 'DOG', 'sat'],
      unknown: [1],
      cut: false,
    });
    const cased = createTokenizer({ vocabulary, words: whitespaceTokenizer({ lowerCase: false }) });
    expect(readText('The cat', cased).unknown).toEqual([0]);
  });

  it('shows what the classifier sees, and says what it does not', () => {
    expect(readText('the cat sat', createTokenizer({ vocabulary, maxTokens: 2 }))).toEqual({
      words: ['the', 'cat'],
      unknown: [],
      cut: true,
    });
    const long = readText('cat '.repeat(100), tokenizer);
    expect([long.words.length, long.cut]).toEqual([60, true]);
    expect(readText('x'.repeat(100_000), tokenizer).words[0]).toHaveLength(41);
    expect(readText('', tokenizer)).toEqual({ words: [], unknown: [], cut: false });
  });
});

describe('textSheet', () => {
  it('draws each text once, the same for the same seed', () => {
    const sheet = textSheet(source, 'outliers for test', tokenizer, { count: 3, seed: 1 });
    expect(sheet).toMatchObject({ name: 'cats', role: 'outliers for test', count: 4 });
    expect(new Set(sheet.texts.map(({ words }) => words.join(' '))).size).toBe(3);
    expect(textSheet(source, 'outliers for test', tokenizer, { count: 3, seed: 1 })).toEqual(sheet);
    expect(textSheet(source, 'outliers for test', tokenizer, { count: 9, seed: 1 }).texts).toHaveLength(4);
  });
});

describe('validationTexts', () => {
  it('shuffles words, and draws known ones at random', () => {
    const [shuffled, random] = validationTexts(source, tokenizer, 1);
    expect([shuffled!.name, random!.name]).toEqual(['shuffled', 'random-words']);
    for (let i = 0; i < source.length; i++) {
      const words = (text: string) => text.split(' ');
      expect(words(shuffled!.text(i)).sort()).toEqual(words(source.text(i)).sort());
      expect(words(random!.text(i))).toHaveLength(words(source.text(i)).length);
      for (const word of words(random!.text(i))) expect(['the', 'cat', 'sat']).toContain(word);
    }
    const again = validationTexts(source, tokenizer, 1);
    expect(again.map((set) => set.text(2))).toEqual([shuffled!.text(2), random!.text(2)]);
  });
});
