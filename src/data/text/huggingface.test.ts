/** Tokenizers of @huggingface/tokenizers as they are: a WordPiece vocabulary with normalization and special tokens. */
import { Tokenizer } from '@huggingface/tokenizers';
import { describe, expect, it } from 'vitest';
import { encodeTexts } from './encode.ts';
import { memoryTexts } from './source.ts';

const vocab = Object.fromEntries(
  ['[UNK]', '[PAD]', '[CLS]', '[SEP]', 'what', 'is', 'out', '##lier', '##s', '?'].map((word, id) => [
    word,
    id,
  ]),
);
const special = (content: string) => ({
  id: vocab[content]!,
  content,
  special: true,
  single_word: false,
  lstrip: false,
  rstrip: false,
  normalized: false,
});
const file = {
  version: '1.0',
  truncation: null,
  padding: null,
  added_tokens: ['[UNK]', '[PAD]', '[CLS]', '[SEP]'].map(special),
  normalizer: {
    type: 'BertNormalizer',
    clean_text: true,
    handle_chinese_chars: true,
    strip_accents: null,
    lowercase: true,
  },
  pre_tokenizer: { type: 'BertPreTokenizer' },
  post_processor: {
    type: 'TemplateProcessing',
    single: [
      { SpecialToken: { id: '[CLS]', type_id: 0 } },
      { Sequence: { id: 'A', type_id: 0 } },
      { SpecialToken: { id: '[SEP]', type_id: 0 } },
    ],
    pair: [],
    special_tokens: {
      '[CLS]': { id: '[CLS]', ids: [2], tokens: ['[CLS]'] },
      '[SEP]': { id: '[SEP]', ids: [3], tokens: ['[SEP]'] },
    },
  },
  decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
  model: {
    type: 'WordPiece',
    unk_token: '[UNK]',
    continuing_subword_prefix: '##',
    max_input_chars_per_word: 100,
    vocab,
  },
};

describe('encodeTexts with a tokenizer of @huggingface/tokenizers', () => {
  it('gives the numbers that it gives', () => {
    const theirs = new Tokenizer(file, { tokenizer_class: 'BertTokenizer', unk_token: '[UNK]' });
    const tokenizer = {
      encode: (text: string) => theirs.encode(text).ids,
      vocabularySize: Object.keys(vocab).length,
      unknownId: 0,
      padId: 1,
      pad: 'last' as const,
    };
    const texts = memoryTexts({
      name: 'questions',
      texts: ['What is outliers?', 'is it out?'],
      fingerprint: '',
    });
    const { ids, offsets, unknown, padId, pad } = encodeTexts(texts, tokenizer);
    expect([...ids.subarray(offsets[0], offsets[1])]).toEqual([2, 4, 5, 6, 7, 8, 9, 3]);
    expect([...ids.subarray(offsets[1], offsets[2])]).toEqual([2, 5, 0, 6, 9, 3]);
    expect([unknown, padId, pad]).toEqual([1, 1, 'last']);
  });
});
