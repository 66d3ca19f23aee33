/** Some texts of each set, to be read: what the numbers are about. */
import { type TextSource, type Tokenizer, UNKNOWN_ID, whitespaceTokenizer } from '../data/index.ts';
import { Random } from '../random.ts';
import type { DataRecord } from './results.ts';

/** A text as a classifier reads it. */
export interface ReadText {
  /** Its words, in the case that they are written in. */
  words: string[];
  /** Places of the words that the vocabulary lacks, ascending. */
  unknown: number[];
  /** Whether words were left out at the end: what the classifier does not see, or what a report has no room for. */
  cut: boolean;
}

export interface TextSheet {
  name: string;
  role: DataRecord['role'];
  /** How many the set has. */
  count: number;
  texts: ReadText[];
}

/** The tokenizer's words before their case is changed. */
const asWritten = whitespaceTokenizer({ lowerCase: false });
/** Words of a text that are shown. */
const SHOWN = 60;

/** Characters of a word that are shown; a file may be one word. */
const LONGEST = 40;

/** A text's words, and which of them the vocabulary has. */
export function readText(text: string, { words, vocabulary, maxTokens = SHOWN }: Tokenizer): ReadText {
  const limit = Math.min(SHOWN, maxTokens);
  const written = asWritten.split(text);
  const seen = words.split(text).slice(0, limit);
  const unknown = seen.flatMap((word, i) => (vocabulary.idOf(word) === UNKNOWN_ID ? [i] : []));
  const shown = written
    .slice(0, limit)
    .map((word) => (word.length > LONGEST ? `${word.slice(0, LONGEST)}…` : word));
  return { words: shown, unknown, cut: written.length > limit };
}

/** Draws `count` texts of a set at random, the same for the same seed. */
export function textSheet(
  source: TextSource,
  role: DataRecord['role'],
  tokenizer: Tokenizer,
  { count, seed }: { count: number; seed: number },
): TextSheet {
  const random = Random.from(seed, 'contact sheet', role, source.name);
  const chosen = new Set<number>();
  while (chosen.size < Math.min(count, source.length)) chosen.add(random.integer(source.length));
  const indices = [...chosen].sort((a, b) => a - b);
  return {
    name: source.name,
    role,
    count: source.length,
    texts: indices.map((index) => readText(source.text(index), tokenizer)),
  };
}
