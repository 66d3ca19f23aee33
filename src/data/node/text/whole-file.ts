/** A file that is one text. Node only. */
import { readFileBounded } from '../../../files/atomic.ts';
import { decodeText, MAX_LINE, type TextEncodingName } from './lines.ts';

/**
 * A file's text and bytes.
 *
 * @throws OutlierExposureError `invalid-file` when it is no text or larger than 4 MiB
 */
export async function readTextFile(
  path: string,
  { encoding }: { encoding: TextEncodingName },
): Promise<{ text: string; bytes: Buffer }> {
  const bytes = Buffer.from(await readFileBounded(path, { what: 'text', maxBytes: MAX_LINE }));
  return { text: decodeText(bytes, { path, at: 0, encoding }), bytes };
}
