/** Ways to make outliers of in-distribution texts: which words each makes of a text's. */
import type { Random } from '../../random.ts';

export interface TextKind {
  /** What is made, for lists. */
  description: string;
  /** What goes in: the text alone, a second one of another class where there are labels, or words of a corpus. */
  takes: 'one' | 'pair' | 'corpus';
  /** Validation outliers that are made in much the same way, by their names. */
  resembles: readonly string[];
  /**
   * @param words of the text, in their order
   * @param other the words of the second text of a pair
   * @param draw a word of the corpus, by how often it occurs there
   */
  make(
    words: readonly string[],
    context: { random: Random; other: readonly string[]; draw: (random: Random) => string },
  ): readonly string[];
}

/** Kinds of outliers made from texts, by name. */
export const TEXT_KINDS = {
  shuffled: {
    description: 'the words of a text in random order',
    takes: 'one',
    resembles: ['shuffled'],
    make: (words, { random }) => Array.from(random.permutation(words.length), (i) => words[i]!),
  },
  mixed: {
    description: 'the first half of one text and the second half of another, of different classes',
    takes: 'pair',
    resembles: [],
    make: (words, { other }) => [
      ...words.slice(0, Math.ceil(words.length / 2)),
      ...other.slice(Math.ceil(other.length / 2)),
    ],
  },
  words: {
    description: 'texts as long as these of words drawn from all texts, or from a corpus of your own',
    takes: 'corpus',
    resembles: ['random-words'],
    make: (words, { random, draw }) => words.map(() => draw(random)),
  },
} as const satisfies Record<string, TextKind>;

export type TextKindName = keyof typeof TEXT_KINDS;
