/** Whether a file is text, or an archive of texts. Node only. */
import { OutlierExposureError } from '../../../errors.ts';
import { archiveKind } from '../../../files/archive-kind.ts';
import { firstBytes } from './lines.ts';

/** Files that are no text, by their first bytes: what to do instead. */
const REFUSED: [magics: string[], what: string, instead: string][] = [
  [['PAR1'], 'a Parquet file', 'save its texts as JSON Lines or .csv'],
  [['ARROW1'], 'an Arrow file', 'save its texts as JSON Lines or .csv'],
  [
    ['\x80\x02', '\x80\x03', '\x80\x04', '\x80\x05'],
    "Python's pickle, which can run any program when it is read",
    'save its texts as JSON Lines or .csv',
  ],
  [['%PDF'], 'a PDF document', 'save its text as a .txt file'],
  [
    ['BZh', '\xfd7zXZ', '7z\xbc\xaf', 'Rar!', '\x28\xb5\x2f\xfd'],
    'compressed in a way that is not unpacked',
    'unpack it and give the file or folder',
  ],
  [['\x93NUMPY', '\x89HDF', '\x89PNG', '\xff\xd8\xff'], 'no text', 'give a file of texts'],
];

/**
 * What a file is by its content.
 *
 * @throws OutlierExposureError `unsupported` for known formats that are not read
 */
export async function kindOf(path: string): Promise<'text' | 'archive'> {
  const start = (await firstBytes(path, 512)).toString('latin1');
  for (const [magics, what, instead] of REFUSED) {
    if (magics.some((magic) => start.startsWith(magic)))
      throw new OutlierExposureError('unsupported', `${path} is ${what}, and is not read: ${instead}.`);
  }
  if (start.startsWith('PK\x03\x04') || start.slice(257, 262) === 'ustar') return 'archive';
  return start.startsWith('\x1f\x8b') && (await archiveKind(path)) === 'tar.gz' ? 'archive' : 'text';
}
