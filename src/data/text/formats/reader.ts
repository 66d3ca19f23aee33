/** What readers of formats have in common: they are pushed lines, and push texts. */
import type { TextCollector } from '../collector.ts';

/** Takes a file's lines one after the other. */
export interface LineReader {
  /**
   * @param line without its end
   * @param number from 1 on
   * @throws OutlierExposureError `invalid-file` when it is not of the format
   */
  line(line: string, number: number): void;
  /** Says that there are no more. */
  end?(): void;
}

/** What can be said about a file's columns. */
export interface ColumnOptions {
  /** The column of texts, by its name in the header or its number from 0 on. Told by name or place unless given. */
  textColumn?: string | number;
  /** The column of labels, likewise; `null` for none. */
  labelColumn?: string | number | null;
  /** Whether the first line names the columns; told by its words unless given. */
  header?: boolean;
}

export interface ReaderOptions extends ColumnOptions {
  /** What to call the file in errors. */
  name: string;
  out: Pick<TextCollector, 'add' | 'drop'>;
}
