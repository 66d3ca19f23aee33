/** Labels of texts that stand in a file of their own. Node only. */
import { OutlierExposureError } from '../../../errors.ts';
import { readFileBounded } from '../../../files/atomic.ts';
import type { TextCollector } from '../../text/collector.ts';
import { parseLabels } from '../formats/labels.ts';
import { decodeText } from './lines.ts';

/** Labels of a hundred million texts. */
const MAX_BYTES = 2 ** 30;

/**
 * Labels as words, one a text: of a text file its lines, of .npy, .csv and .json as for images.
 *
 * @throws OutlierExposureError `invalid-file` when it holds anything else
 */
export async function readLabelWords(path: string): Promise<string[]> {
  const bytes = await readFileBounded(path, { what: 'file of labels', maxBytes: MAX_BYTES });
  if (bytes[0] === 0x93 || /\.(csv|json)$/i.test(path)) {
    const { labels, classNames } = parseLabels(bytes, { name: path });
    return Array.from(labels, (label) => classNames?.[label] ?? String(label));
  }
  const lines = decodeText(Buffer.from(bytes), { path, at: 0, encoding: 'utf-8' }).split(/\r\n|\r|\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/**
 * Gives each text that a reader finds the next label, whatever label it has itself. A line that is left out, such as an
 * empty one, uses its label up, so that lines and labels keep together.
 *
 * @param texts what to call the file of texts in errors
 */
export function labelledBy(
  out: Pick<TextCollector, 'add' | 'drop'>,
  labels: readonly string[],
  { path, texts }: { path: string; texts: string },
): { out: Pick<TextCollector, 'add' | 'drop'>; end(): void } {
  let used = 0;
  const mismatch = (found: string) =>
    new OutlierExposureError(
      'invalid-argument',
      `${path} has ${labels.length} labels, but ${texts} has ${found}: give one label for each of its texts, in their order; empty lines count.`,
    );
  return {
    out: {
      add(text, _, line) {
        const label = labels[used++];
        if (label === undefined) throw mismatch('more texts');
        out.add(text, label, line);
      },
      drop(reason) {
        used++;
        out.drop(reason);
      },
    },
    end() {
      if (used !== labels.length) throw mismatch(`${used} texts`);
    },
  };
}
