/** CoNLL-U and its older kin: a word a line, with an empty line after each sentence. */
import { OutlierExposureError } from '../../../errors.ts';
import type { LineReader, ReaderOptions } from './reader.ts';

/** A sentence of so many characters has lost the empty lines between sentences. */
const MAX_SENTENCE = 2 ** 22;
/** The English Web Treebank's parts, with which the names of its sentences begin. */
const GENRE = /^#\s*sent_id\s*=\s*(answers|email|newsgroup|reviews|weblog)-/;
const TEXT = /^#\s*text\s*=\s*(.*)$/;
/** The first line of a file of this format. */
export const CONLL_LINE = /^(#\s*(sent_id|newdoc|newpar|text|global\.columns)\b|1\t\S+\t)/;

/**
 * Reads sentences as their words with spaces between: the second column, as in the paper's code. Lines of several words
 * (`3-4 don't`) and words that are not said (`8.1`) are left out. A sentence without words is the `# text =` above it.
 * The label is the English Web Treebank's genre, where the names of sentences (`# sent_id =`) tell it.
 */
export function conllReader({ name, out }: ReaderOptions): LineReader {
  let words: string[] = [];
  let [size, first] = [0, 0];
  let text: string | undefined;
  let genre: string | undefined;
  const flush = () => {
    if (words.length > 0 || text !== undefined) out.add(words.join(' ') || text || '', genre, first);
    [words, size, first, text, genre] = [[], 0, 0, undefined, undefined];
  };
  return {
    line(line, number) {
      if (line.trim() === '') return flush();
      first ||= number;
      size += line.length;
      if (size > MAX_SENTENCE) {
        throw new OutlierExposureError(
          'invalid-file',
          `${name}, line ${first}: the sentence has more than ${MAX_SENTENCE} characters; put an empty line after each sentence.`,
        );
      }
      if (line.startsWith('#') && !line.startsWith('#\t')) {
        text = TEXT.exec(line)?.[1] ?? text;
        genre = GENRE.exec(line)?.[1] ?? genre;
        return;
      }
      const [id, word] = line.split('\t', 2);
      if (/^\d+[-.]\d+$/.test(id!)) return;
      if (!/^\d+$/.test(id!) || !word) {
        throw new OutlierExposureError(
          'invalid-file',
          `${name}, line ${number}: a number, a tab and a word were expected, such as "1\tIt", but it begins with "${line.slice(0, 20)}".`,
        );
      }
      words.push(word);
    },
    end: flush,
  };
}
