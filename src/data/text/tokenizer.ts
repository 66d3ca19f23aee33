/** Everything that turns a text into the numbers that a classifier takes. */
import { OutlierExposureError } from '../../errors.ts';
import { PAD_ID, type Vocabulary } from './vocabulary.ts';
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

/**
 * A tokenizer of your own, such as one of `@huggingface/tokenizers`. It stays yours: the models' metadata has no place
 * for it, so that commands, which know models alone, do not take its models.
 */
export interface OwnTokenizer {
  /** The numbers of a text's pieces, from 0 to `vocabularySize` − 1. */
  encode(text: string): ArrayLike<number>;
  /** How many numbers there are: the rows of an embedding. */
  readonly vocabularySize: number;
  /** The number of what the vocabulary lacks, to be counted; none unless given. */
  readonly unknownId?: number;
  /** Numbers of a text that count: the first ones. All unless given. */
  readonly maxTokens?: number;
  /** Where padding stands: `first` unless given. */
  readonly pad?: PadSide;
  /** The number of padding, `PAD_ID` (1) unless given. */
  readonly padId?: number;
}

/** Whether a tokenizer is another than this package's. */
export function isOwnTokenizer(tokenizer: object): tokenizer is OwnTokenizer {
  return 'vocabularySize' in tokenizer;
}

/**
 * What a tokenizer of the user's makes of a text.
 *
 * @throws OutlierExposureError `invalid-argument` for anything but whole numbers from 0 to vocabularySize − 1
 */
export function checkIds(tokenizer: OwnTokenizer, text: string): ArrayLike<number> {
  const { vocabularySize, padId = PAD_ID } = tokenizer;
  const ids = tokenizer.encode(text);
  const isId = (id: unknown) =>
    Number.isInteger(id) && (id as number) >= 0 && (id as number) < vocabularySize;
  const wrong = Array.from(ids ?? [Number.NaN]).find((id) => !isId(id));
  if (wrong === undefined && isId(padId)) return ids;
  throw new OutlierExposureError(
    'invalid-argument',
    wrong === undefined
      ? `The tokenizer's padId is ${padId}, but its vocabularySize is ${vocabularySize}: numbers go from 0 to one less.`
      : `The tokenizer gives ${wrong} for "${text.slice(0, 40)}", but encode should give whole numbers from 0 to ${vocabularySize - 1}, one less than its vocabularySize.`,
  );
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
