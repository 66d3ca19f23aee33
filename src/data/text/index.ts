/** Sets of texts: reading, vocabularies, tokens, batches. Runs in Node and in the browser. */
export {
  type LengthBucketOptions,
  lengthBuckets,
  padBatch,
  paddedLength,
  type TextBatch,
} from './batches.ts';
export type { TextLabels } from './class-numbers.ts';
export { concatTexts, selectTexts } from './concat.ts';
export { type EncodedText, type EncodeOptions, encodeTexts, isEncodedText } from './encode.ts';
export { TEXT_FORMATS, type TextFormat } from './formats/index.ts';
export { type ParseTextsOptions, parseTexts } from './parse-texts.ts';
export { memoryTexts, type TextSource } from './source.ts';
export { type TextInput, takesTexts, textInput } from './text-input.ts';
export {
  createTokenizer,
  type OwnTokenizer,
  type PadSide,
  type Tokenizer,
  type TokenizerOptions,
} from './tokenizer.ts';
export {
  TOKENIZER_KEY,
  tokenizerFromJson,
  tokenizerOf,
  tokenizerToJson,
  withTokenizer,
} from './tokenizer-json.ts';
export {
  buildVocabulary,
  createVocabulary,
  PAD_ID,
  SPECIAL_WORDS,
  UNKNOWN_ID,
  type Vocabulary,
  type VocabularyOptions,
} from './vocabulary.ts';
export { type WordTokenizer, whitespaceTokenizer } from './words.ts';
