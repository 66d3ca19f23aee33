/** Plain text, a text a line. */
import type { LineReader, ReaderOptions } from './reader.ts';

/** Takes every line as a text without a label; empty ones are left out. */
export function plainReader({ out }: ReaderOptions): LineReader {
  return { line: (line, number) => out.add(line, undefined, number) };
}
