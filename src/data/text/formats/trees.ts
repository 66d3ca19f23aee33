/** The Stanford Sentiment Treebank: a sentence a line, as a tree whose every node has a sentiment from 0 to 4. */
import { OutlierExposureError } from '../../../errors.ts';
import type { LineReader, ReaderOptions } from './reader.ts';

/** What the five sentiments are called. */
export const SENTIMENTS = ['very negative', 'negative', 'neutral', 'positive', 'very positive'];

/**
 * Reads trees such as `(3 (2 It) (4 (2 's) (4 lovely)))`: the sentence is the leaves with spaces between, as they
 * stand (`-LRB-` for a bracket), its label the root's.
 */
export function treesReader({ name, out }: ReaderOptions): LineReader {
  return {
    line(line, number) {
      if (line.trim() === '') return out.drop('empty');
      const { sentence, label } = parseTree(line, `${name}, line ${number}`);
      out.add(sentence, label, number);
    },
  };
}

/**
 * A tree's sentence and its root's label.
 *
 * @param where what to call it in errors
 * @throws OutlierExposureError `invalid-file` when brackets do not match, or something stands outside of them
 */
export function parseTree(line: string, where: string): { sentence: string; label: string } {
  const refuse = (what: string) =>
    new OutlierExposureError(
      'invalid-file',
      `${where}: ${what}; a tree looks like (3 (2 It) (4 works)), a line each.`,
    );
  const leaves: string[] = [];
  // Brackets, and what stands between them.
  const parts = line.match(/[()]|[^()\s]+/g) ?? [];
  let [depth, label] = [0, ''];
  for (const [i, part] of parts.entries()) {
    if (depth === 0 && (part !== '(' || i > 0))
      throw refuse(`"${part.slice(0, 20)}" stands outside of the tree`);
    if (part === '(') {
      depth++;
      const sentiment = parts[i + 1];
      if (!sentiment || !/^[0-4]$/.test(sentiment))
        throw refuse(`a node has "${sentiment?.slice(0, 20) ?? ''}" in place of a sentiment from 0 to 4`);
      label ||= sentiment;
    } else if (part === ')') depth--;
    else if (parts[i - 1] !== '(') leaves.push(part);
  }
  if (depth !== 0 || parts.length === 0) throw refuse('a bracket is not closed');
  return { sentence: leaves.join(' '), label };
}
