/** Everything that turns a text into the numbers that a classifier takes. */
import { OutlierExposureError } from '../../errors.ts';
import type { Vocabulary } from './vocabulary.ts';
import { type WordTokenizer, whitespaceTokenizer } from './words.ts';

/** On which side short texts are filled up. */
export type PadSide = 'first' | 'last';

export interface Tokenizer {
  /** How texts become words. */
  readonly words: WordTokenizer;
  readonly vocabulary: Vocabulary;
  /** Words of a text that count: the first ones. All unless given. */
  readonly maxTokens?: number;
  readonly pad: PadSide;
  /** The numbers of a text's words, without padding. */
  encode(text: string): Int32Array;
}

export interface TokenizerOptions {
  vocabulary: Vocabulary;
  /** How texts become words: `whitespaceTokenizer()` unless given. */
  words?: WordTokenizer;
  /** Words of a text that count; all unless given. The paper's code takes 100 of 20 Newsgroups. */
  maxTokens?: number;
  /** Where padding stands: `first`, as in the paper's code, so that a recurrent network ends on words. */
  pad?: PadSide;
}

/** @throws OutlierExposureError `invalid-argument` when `maxTokens` is no whole number of 1 or more */
export function createTokenizer({
  vocabulary,
  words = whitespaceTokenizer(),
  maxTokens,
  pad = 'first',
}: TokenizerOptions): Tokenizer {
  if (maxTokens !== undefined) checkMaxTokens(maxTokens);
  return {
    words,
    vocabulary,
    pad,
    ...(maxTokens !== undefined && { maxTokens }),
    encode(text) {
      const list = words.split(text);
      return vocabulary.encode(maxTokens === undefined ? list : list.slice(0, maxTokens));
    },
  };
}

export function checkMaxTokens(maxTokens: number): void {
  if (Number.isInteger(maxTokens) && maxTokens >= 1) return;
  throw new OutlierExposureError(
    'invalid-argument',
    `maxTokens must be a whole number of 1 or more, but is ${maxTokens}.`,
  );
}
