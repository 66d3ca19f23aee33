/** Tokenizers as JSON, and inside of models, so that a model comes with what its numbers mean. */
import * as z from 'zod/mini';
import { OutlierExposureError } from '../../errors.ts';
import type { Model } from '../../onnx/index.ts';
import { createTokenizer, type Tokenizer } from './tokenizer.ts';
import { createVocabulary, MAX_WORDS, SPECIAL_WORDS } from './vocabulary.ts';
import { whitespaceTokenizer } from './words.ts';

/** The key in a model's metadata. */
export const TOKENIZER_KEY = 'tokenizer';

const FORMAT = 'outlier-exposure tokenizer 1';
const MAX_CHARACTERS = 2 ** 26;

const schema = z.strictObject({
  format: z.literal(FORMAT),
  kind: z.literal('whitespace'),
  lowerCase: z.boolean(),
  maxTokens: z.optional(z.int().check(z.gte(1))),
  pad: z.enum(['first', 'last']),
  words: z.array(z.string().check(z.minLength(1))).check(z.minLength(1), z.maxLength(MAX_WORDS)),
});

/** A tokenizer as JSON: its settings, and its words by number. */
export function tokenizerToJson({ words, vocabulary, maxTokens, pad }: Tokenizer): string {
  const { kind, lowerCase } = words;
  return JSON.stringify({
    format: FORMAT,
    kind,
    lowerCase,
    ...(maxTokens !== undefined && { maxTokens }),
    pad,
    words: vocabulary.words.slice(SPECIAL_WORDS.length),
  });
}

/**
 * The tokenizer that `tokenizerToJson` wrote.
 *
 * @param name what to call the JSON in errors
 * @throws OutlierExposureError `invalid-file` when it is none, or larger than 64 Mi characters
 */
export function tokenizerFromJson(
  json: string,
  { name = 'The tokenizer' }: { name?: string } = {},
): Tokenizer {
  if (json.length > MAX_CHARACTERS) {
    throw new OutlierExposureError(
      'invalid-file',
      `${name} has ${json.length} characters, but a tokenizer has at most ${MAX_CHARACTERS}.`,
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw new OutlierExposureError('invalid-file', `${name} is no JSON: ${(error as Error).message}.`, {
      cause: error,
    });
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new OutlierExposureError(
      'invalid-file',
      `${name} is none of this package's, or damaged: ${issue?.path.join('.') || 'the whole'}: ${issue?.message}.`,
    );
  }
  const { kind: _, format: __, words, lowerCase, maxTokens, pad } = parsed.data;
  try {
    return createTokenizer({
      words: whitespaceTokenizer({ lowerCase }),
      vocabulary: createVocabulary(words),
      pad,
      ...(maxTokens !== undefined && { maxTokens }),
    });
  } catch (error) {
    throw new OutlierExposureError('invalid-file', `${name} is damaged: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** A model that carries a tokenizer in its metadata; it shares the rest with the one that was given. */
export function withTokenizer(model: Model, tokenizer: Tokenizer): Model {
  return { ...model, metadata: new Map(model.metadata).set(TOKENIZER_KEY, tokenizerToJson(tokenizer)) };
}

/**
 * The tokenizer that a model carries; `undefined` for a model without.
 *
 * @throws OutlierExposureError `invalid-file` when it is damaged
 */
export function tokenizerOf({ metadata }: Pick<Model, 'metadata'>): Tokenizer | undefined {
  const json = metadata.get(TOKENIZER_KEY);
  return json === undefined ? undefined : tokenizerFromJson(json, { name: "The model's tokenizer" });
}
