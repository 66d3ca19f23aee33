/** Texts into words. */

/** Cuts texts into words. */
export interface WordTokenizer {
  readonly kind: 'whitespace';
  /** Whether words are made lower case. */
  readonly lowerCase: boolean;
  /** The words of a text, in order; none for a text of whitespace alone. */
  split(text: string): string[];
  /**
   * Shows each word of a text, in order, without making a string of it.
   *
   * @param see gets the text in the case that words have, and where a word begins and ends in it
   */
  each(text: string, see: (text: string, start: number, end: number) => void): void;
}

/**
 * Words are what stands between whitespace: punctuation stays where it is, so that texts should come with spaces
 * around it, as the paper's do. It is `str.split()` of Python, the default of torchtext that the paper's code uses:
 * the same 29 characters count as whitespace.
 *
 * @param lowerCase whether to make words lower case (Unicode's rules, no language's)
 */
export function whitespaceTokenizer({ lowerCase = true }: { lowerCase?: boolean } = {}): WordTokenizer {
  const each: WordTokenizer['each'] = (text, see) => {
    const cased = lowerCase ? text.toLowerCase() : text;
    const length = cased.length;
    for (let start = 0; start < length; ) {
      while (start < length && isWhitespace(cased.charCodeAt(start))) start++;
      let end = start;
      while (end < length && !isWhitespace(cased.charCodeAt(end))) end++;
      if (end > start) see(cased, start, end);
      start = end;
    }
  };
  return {
    kind: 'whitespace',
    lowerCase,
    each,
    split(text) {
      const words: string[] = [];
      each(text, (cased, start, end) => words.push(cased.slice(start, end)));
      return words;
    },
  };
}

/** A text's front, up to the end of its word number `count`. */
export function firstWords(text: string, count: number): string {
  let at = 0;
  for (let word = 0; word < count; word++) {
    while (at < text.length && isWhitespace(text.charCodeAt(at))) at++;
    while (at < text.length && !isWhitespace(text.charCodeAt(at))) at++;
  }
  return text.slice(0, at);
}

/** What Python's `str.isspace` says of a UTF-16 unit. */
export function isWhitespace(unit: number): boolean {
  if (unit <= 0x20) return unit === 0x20 || (unit >= 0x09 && unit <= 0x0d) || unit >= 0x1c;
  if (unit < 0x85) return false;
  if (unit < 0x1680) return unit === 0x85 || unit === 0xa0;
  return (
    (unit >= 0x2000 && unit <= 0x200a) ||
    unit === 0x1680 ||
    unit === 0x2028 ||
    unit === 0x2029 ||
    unit === 0x202f ||
    unit === 0x205f ||
    unit === 0x3000
  );
}
