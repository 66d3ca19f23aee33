/** What can be said about a set of texts when it is opened. */
import type { ParseTextsOptions } from '../../text/index.ts';
import type { TextEncodingName } from './lines.ts';

export interface OpenTextOptions extends Omit<ParseTextsOptions, 'name' | 'fingerprint'> {
  /** Which part, where a folder has several: `train`, `test`, `validation`. */
  split?: string;
  /** A file of labels, one for each text in their order, in place of labels in the texts' own file. */
  labelsFrom?: string;
  /** How bytes are read, `utf-8` unless given. */
  encoding?: TextEncodingName;
  /** What to call the set; the last part of its path unless given. */
  name?: string;
  /** The most bytes of text to hold in memory, 1 GiB unless given. */
  memory?: number;
  signal?: AbortSignal;
  /** Bytes read of those to read; it begins anew with each stage (unpacking, hashing, reading). */
  onProgress?: (done: number, total: number) => void;
}
