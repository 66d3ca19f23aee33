/** Running text into sentences, by a rule of thumb that is good enough for prose with few abbreviations. */
import { spaced } from './spaced.ts';

/** In words. */
const SHORTEST = 4;
const LONGEST = 60;

/**
 * The sentences of a text, of 4 to 60 words each: a paragraph ends at an empty line, a sentence at `.`, `!`, `?`, `;`
 * or `:` before a space and a capital, a bracket or a quote.
 */
export function sentencesOf(text: string): string[] {
  return text
    .split(/\r?\n\s*\n/)
    .flatMap((paragraph) => paragraph.replaceAll(/\s+/g, ' ').split(/(?<=[.!?;:]["”)]?) (?=[\p{Lu}("“])/u))
    .map(spaced)
    .filter((sentence) => {
      const words = sentence.split(' ').length;
      return words >= SHORTEST && words <= LONGEST && /\p{L}{2}/u.test(sentence);
    });
}
