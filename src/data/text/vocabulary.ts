/** Which words a classifier of texts knows. */
import { OutlierExposureError } from '../../errors.ts';
import type { TextSource } from './source.ts';
import { WordTable } from './word-table.ts';
import { type WordTokenizer, whitespaceTokenizer } from './words.ts';

/** The number of every word that a vocabulary lacks. */
export const UNKNOWN_ID = 0;
/** The number that fills short texts up. */
export const PAD_ID = 1;
/** What the two are called, in the order of their numbers. */
export const SPECIAL_WORDS = ['<unk>', '<pad>'] as const;
/** The most words a vocabulary may have. */
export const MAX_WORDS = 2 ** 21;

/** Words and their numbers, from 0 on without gaps. */
export interface Vocabulary {
  /** All words by number: `<unk>`, `<pad>`, then the others. */
  readonly words: readonly string[];
  /** How many, the two special ones included: the rows of an embedding. */
  readonly size: number;
  /** A word's number; 0 for one that is not known. */
  idOf(word: string): number;
  /** As `idOf`, of the word at `start` to `end` of a text. */
  idAt(text: string, start: number, end: number): number;
  /** Numbers in place of words. */
  encode(words: readonly string[]): Int32Array;
  /** The words of numbers, with spaces between and without `<pad>`. @throws OutlierExposureError `invalid-argument` for other numbers */
  decode(ids: ArrayLike<number | bigint>): string;
}

/**
 * A vocabulary of given words.
 *
 * @param words without `<unk>` and `<pad>`, which get the numbers 0 and 1
 * @throws OutlierExposureError `invalid-argument` when a word is empty or comes twice, or there are more than 2,097,152
 */
export function createVocabulary(words: readonly string[]): Vocabulary {
  if (words.length > MAX_WORDS) {
    throw new OutlierExposureError(
      'invalid-argument',
      `A vocabulary may have ${MAX_WORDS} words, but ${words.length} were given; keep the frequent ones.`,
    );
  }
  if (words.includes(''))
    throw new OutlierExposureError('invalid-argument', 'A vocabulary cannot have the empty word.');
  const all = [...SPECIAL_WORDS, ...words];
  const table = new WordTable();
  for (const [id, word] of all.entries()) {
    if (table.add(word, 0, word.length) === id) continue;
    throw new OutlierExposureError('invalid-argument', `The vocabulary has the word "${word}" twice.`);
  }
  const idAt = (text: string, start: number, end: number) => {
    const id = table.find(text, start, end);
    return id < 0 ? UNKNOWN_ID : id;
  };
  const idOf = (word: string) => idAt(word, 0, word.length);
  return {
    words: all,
    size: all.length,
    idOf,
    idAt,
    encode: (list) => Int32Array.from(list, idOf),
    decode: (ids) =>
      Array.from(ids, (value) => {
        const word = all[Number(value)];
        if (word !== undefined) return word;
        throw new OutlierExposureError(
          'invalid-argument',
          `The vocabulary has the numbers 0 to ${all.length - 1}; there is no word ${value}.`,
        );
      })
        .filter((word) => word !== SPECIAL_WORDS[PAD_ID])
        .join(' '),
  };
}

export interface VocabularyOptions {
  /** How many words to keep at most, besides `<unk>` and `<pad>`. The paper's number unless given. */
  size?: number;
  /** How often a word must occur to be kept. */
  minFrequency?: number;
  /** How texts become words. */
  words?: WordTokenizer;
  /** Words of a text that count; all unless given. */
  maxTokens?: number;
}

/**
 * The most frequent words of texts: by frequency, then by code points, so that the same texts give the same numbers
 * everywhere. It is torchtext's rule, with which the paper's code numbers its words: 10,000 of them and two special
 * ones.
 *
 * @param source the texts a classifier is trained on; of several sets, all texts
 * @throws OutlierExposureError `invalid-argument` when there is no word that occurs often enough
 */
export function buildVocabulary(
  source: TextSource | readonly TextSource[],
  {
    size = 10_000,
    minFrequency = 1,
    words = whitespaceTokenizer(),
    maxTokens = Number.POSITIVE_INFINITY,
  }: VocabularyOptions = {},
): Vocabulary {
  if (!(Number.isInteger(size) && size > 0 && size <= MAX_WORDS)) {
    throw new OutlierExposureError(
      'invalid-argument',
      `A vocabulary's size must be a whole number from 1 to ${MAX_WORDS}, but is ${size}.`,
    );
  }
  const sources: readonly TextSource[] = 'text' in source ? [source] : source;
  const table = new WordTable();
  let counts = new Float64Array(2 ** 12);
  let left = 0;
  const count = (text: string, start: number, end: number) => {
    if (left-- <= 0) return;
    const number = table.add(text, start, end);
    if (number === counts.length) {
      const larger = new Float64Array(2 * number);
      larger.set(counts);
      counts = larger;
    }
    counts[number]!++;
  };
  for (const set of sources) {
    for (let i = 0; i < set.length; i++) {
      left = maxTokens;
      words.each(set.text(i), count);
    }
  }
  const kept: [word: string, count: number][] = [];
  for (let number = 0; number < table.size; number++)
    if (counts[number]! >= minFrequency) kept.push([table.word(number), counts[number]!]);
  const special = new Set<string>(SPECIAL_WORDS);
  const ordinary = kept.filter(([word]) => !special.has(word));
  if (ordinary.length === 0) {
    throw new OutlierExposureError(
      'invalid-argument',
      `${sources.map(({ name }) => `"${name}"`).join(', ') || 'No set'} has no word that occurs ${minFrequency === 1 ? 'at all' : `${minFrequency} times`}; a vocabulary is built from the texts to train on.`,
    );
  }
  ordinary.sort((a, b) => b[1] - a[1] || compareCodePoints(a[0], b[0]));
  return createVocabulary(ordinary.slice(0, size).map(([word]) => word));
}

/** By code points, as Python sorts; JavaScript's own order puts U+E000 to U+FFFF behind the pairs of surrogates. */
export function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = codePointRank(a.charCodeAt(i)) - codePointRank(b.charCodeAt(i));
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Moves surrogates, which stand for code points from U+10000 on, behind all other units. */
function codePointRank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit <= 0xdfff ? unit + 0x2000 : unit - 0x800;
}
