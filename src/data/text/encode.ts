/** Sets of texts as numbers, ready for batches. */
import { OutlierExposureError } from '../../errors.ts';
import type { ImageSource } from '../source.ts';
import type { TextSource } from './source.ts';
import { checkIds, isOwnTokenizer, type OwnTokenizer, type PadSide, type Tokenizer } from './tokenizer.ts';
import { UNKNOWN_ID } from './vocabulary.ts';

/** The words of all texts as numbers, one text after the other. */
export interface EncodedText {
  readonly name: string;
  /** How many texts. */
  readonly length: number;
  /** The numbers of all texts' words. */
  readonly ids: Int32Array;
  /** Where texts begin in `ids`, and where the last one ends: `length + 1` places. Texts without words are empty. */
  readonly offsets: Uint32Array;
  readonly labels?: Int32Array;
  readonly classNames?: readonly string[];
  readonly fingerprint: string;
  /** How many words the vocabulary lacks. All of them is no error: a strange language is a good outlier. */
  readonly unknown: number;
  /** The words of the vocabulary, the special ones included; every number is smaller. */
  readonly vocabularySize: number;
  /** On which side short texts are filled up. */
  readonly pad: PadSide;
  /** What they are filled up with; `PAD_ID` unless given. */
  readonly padId?: number;
  /** One text, as it was before. @throws OutlierExposureError `invalid-argument` when there is none of this number */
  text(index: number): string;
}

/** Whether a set is one of texts in numbers; other sets are images. */
export function isEncodedText(set: EncodedText | ImageSource): set is EncodedText {
  return 'ids' in set && 'offsets' in set;
}

/** Numbers that fit into one array. */
const MAX_TOKENS = 2 ** 31 - 1;

export interface EncodeOptions {
  signal?: AbortSignal;
  /** Texts encoded of those to encode, now and then. */
  onProgress?: (done: number, total: number) => void;
}

const PROGRESS_EVERY = 4096;

/**
 * Encodes all texts of a set. Takes 4 bytes of memory a word.
 *
 * @param tokenizer this package's, or one of your own: anything with `encode(text)` and `vocabularySize`
 * @throws OutlierExposureError `unsupported` for more than 2,147,483,647 words; `invalid-argument` when a tokenizer of
 *   your own gives other numbers than 0 to vocabularySize − 1
 */
export function encodeTexts(
  source: TextSource,
  tokenizer:
    | (Pick<Tokenizer, 'words' | 'vocabulary' | 'maxTokens'> & Partial<Pick<Tokenizer, 'pad'>>)
    | OwnTokenizer,
  { signal, onProgress }: EncodeOptions = {},
): EncodedText {
  const { maxTokens = Number.POSITIVE_INFINITY, pad = 'first' } = tokenizer;
  const offsets = new Uint32Array(source.length + 1);
  let ids = new Int32Array(Math.min(MAX_TOKENS, Math.max(1024, source.length * 16)));
  let [used, unknown, left] = [0, 0, 0];
  const put = (id: number, unknownId: number | undefined) => {
    if (left-- <= 0) return;
    if (used === ids.length) ids = grown(ids, source.name);
    if (id === unknownId) unknown++;
    ids[used++] = id;
  };
  const see = encoderOf(tokenizer, put);
  for (let i = 0; i < source.length; i++) {
    if (i % PROGRESS_EVERY === 0) {
      signal?.throwIfAborted();
      onProgress?.(i, source.length);
    }
    left = maxTokens;
    see(source.text(i));
    offsets[i + 1] = used;
  }
  onProgress?.(source.length, source.length);
  const { name, length, labels, classNames, fingerprint } = source;
  return {
    name,
    length,
    ids: ids.slice(0, used),
    offsets,
    ...(labels && { labels }),
    ...(classNames && { classNames }),
    fingerprint,
    unknown,
    vocabularySize: isOwnTokenizer(tokenizer) ? tokenizer.vocabularySize : tokenizer.vocabulary.size,
    pad,
    ...(isOwnTokenizer(tokenizer) && tokenizer.padId !== undefined && { padId: tokenizer.padId }),
    text: (index) => source.text(index),
  };
}

/** Puts the numbers of a text's words, one after the other. */
function encoderOf(
  tokenizer: Pick<Tokenizer, 'words' | 'vocabulary'> | OwnTokenizer,
  put: (id: number, unknownId: number | undefined) => void,
): (text: string) => void {
  if (isOwnTokenizer(tokenizer)) {
    const { unknownId } = tokenizer;
    return (text) => {
      const ids = checkIds(tokenizer, text);
      for (let k = 0; k < ids.length; k++) put(ids[k]!, unknownId);
    };
  }
  const { words, vocabulary } = tokenizer;
  const take = (text: string, start: number, end: number) =>
    put(vocabulary.idAt(text, start, end), UNKNOWN_ID);
  return (text) => words.each(text, take);
}

function grown(ids: Int32Array, name: string): Int32Array<ArrayBuffer> {
  if (ids.length === MAX_TOKENS) {
    throw new OutlierExposureError(
      'unsupported',
      `"${name}" has more than ${MAX_TOKENS} words; take fewer texts, or fewer words of each by maxTokens.`,
    );
  }
  const larger = new Int32Array(Math.min(MAX_TOKENS, 2 * ids.length));
  larger.set(ids);
  return larger;
}
