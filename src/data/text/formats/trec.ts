/** TREC's questions, as their authors publish them: a label, a space, the question. */
import { OutlierExposureError } from '../../../errors.ts';
import type { LineReader, ReaderOptions } from './reader.ts';

/** `DESC:manner How did …`. */
export const TREC_LINE = /^([A-Z]{2,8}:[A-Za-z]+) (\S.*)$/;

/** Reads questions with labels of two parts, the coarse and the fine class. */
export function trecReader({ name, out }: ReaderOptions): LineReader {
  return {
    line(line, number) {
      if (line.trim() === '') return out.drop('empty');
      const [, label, text] = TREC_LINE.exec(line) ?? [];
      if (label === undefined || text === undefined) {
        throw new OutlierExposureError(
          'invalid-file',
          `${name}, line ${number}: it should be a label and a question, such as "DESC:manner How does it work ?".`,
        );
      }
      out.add(text, label, number);
    },
  };
}
