/** WikiText: articles, a paragraph a line, taken apart into sentences. */
import type { LineReader, ReaderOptions } from './reader.ts';

const MIN_WORDS = 3;
const MAX_WORDS = 60;

/** Headings look like ` = = Title = = `. */
export const HEADING = /^ =/;

/**
 * Reads sentences. A sentence ends with a word `.`, `!` or `?`, and a quote or bracket that follows it belongs to it;
 * in WikiText these stand alone, while abbreviations keep their dots. Left out are headings, what ends without such a
 * word, and, as in the paper's code, sentences that begin with a digit or `@` or have fewer than 3 or more than 60
 * words. (The paper's code finds ends with NLTK's Punkt, which at times ends a sentence after an abbreviation, too.)
 */
export function wikitextReader({ out }: ReaderOptions): LineReader {
  return {
    line(line, number) {
      if (line.trim() === '') return out.drop('empty');
      if (HEADING.test(line)) return out.drop('heading');
      for (const sentence of sentencesOf(line)) {
        const count = sentence.length;
        if (!isEnd(sentence, count)) out.drop('unfinished');
        else if (count < MIN_WORDS) out.drop('short');
        else if (count > MAX_WORDS) out.drop('long');
        else if (/^[@0-9]/.test(sentence[0]!)) out.drop('number');
        else out.add(sentence.join(' '), undefined, number);
      }
    },
  };
}

/** A paragraph's sentences, as words. The last may be unfinished. */
export function* sentencesOf(paragraph: string): Generator<string[], void> {
  const words = paragraph.split(' ').filter((word) => word !== '');
  let start = 0;
  for (let i = 0; i < words.length; i++) {
    if (!END.test(words[i]!)) continue;
    while (i + 1 < words.length && CLOSING.test(words[i + 1]!)) i++;
    yield words.slice(start, i + 1);
    start = i + 1;
  }
  if (start < words.length) yield words.slice(start);
}

const END = /^[.!?]$/;
const CLOSING = /^["')\]}]+$|^[.!?]$/;

/** Whether the words before `count` end a sentence. */
function isEnd(words: readonly string[], count: number): boolean {
  const last = words.findLast((word, i) => i < count && !/^["')\]}]+$/.test(word));
  return last !== undefined && END.test(last);
}
