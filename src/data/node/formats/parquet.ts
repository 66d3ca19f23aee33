/** Images in Parquet files, as hubs publish them. Node only. */
import { parquetReadObjects } from 'hyparquet';
import { OutlierExposureError } from '../../../errors.ts';
import type { ImageSource } from '../../source.ts';
import { encodedSource } from './encoded.ts';
import { filesFingerprint } from './fingerprint.ts';
import { labelNumbers, labelsFromList } from './labels.ts';
import type { FormatOptions } from './options.ts';
import { type ParquetColumns, parquetColumns } from './parquet-columns.ts';
import { openParquetFile, type ParquetFile, parquetError } from './parquet-file.ts';

/** Row groups whose encoded images are kept while others are read. */
const KEPT_GROUPS = 4;
/** Row groups of more bytes are not kept beside others. */
const MAX_KEPT = 2 ** 28;

/** A row group: whose it is, and which images it holds. */
interface Group {
  file: ParquetFile;
  /** The first row, in its file. */
  row: number;
  /** The first image, in the set. */
  start: number;
  count: number;
}

/**
 * The images of one Parquet file or of the parts of a set: a column of encoded images (a struct with `bytes`, or
 * plain bytes) and one of labels, whose names come from the file's `huggingface` metadata. A row group is read at
 * a time, and decoded images are kept as for folders.
 */
export async function openParquet(paths: readonly string[], options: FormatOptions): Promise<ImageSource> {
  const fingerprint = await filesFingerprint(paths, options);
  const files: ParquetFile[] = [];
  for (const path of paths) files.push(await openParquetFile(path));
  const columns = parquetColumns(files[0]!, options.columns);
  const groups = groupsOf(files);
  if (groups.length === 0) {
    throw new OutlierExposureError('invalid-file', `${paths.join(', ')} holds no rows.`);
  }
  const count = groups.reduce((sum, group) => sum + group.count, 0);
  const encoded = encodedRows(groups, columns.image);
  return encodedSource({
    ...options,
    count,
    nameOf: (index) => {
      const group = groupOf(groups, index);
      return `Row ${group.row + index - group.start} of ${group.file.path}`;
    },
    load: encoded.load,
    ...(columns.label !== undefined && (await readLabelColumn(groups, columns, options.signal))),
    fingerprint,
    close: async () => {
      encoded.clear();
      await Promise.all(files.map((file) => file.bytes.close()));
    },
  });
}

function groupsOf(files: readonly ParquetFile[]): Group[] {
  const groups: Group[] = [];
  let start = 0;
  for (const file of files) {
    let row = 0;
    for (const count of file.groups) {
      if (count > 0) groups.push({ file, row, start, count });
      row += count;
      start += count;
    }
  }
  return groups;
}

function groupOf(groups: readonly Group[], index: number): Group {
  let [low, high] = [0, groups.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (groups[middle]!.start <= index) low = middle;
    else high = middle - 1;
  }
  return groups[low]!;
}

/** The encoded images of the row groups that were read last. */
function encodedRows(groups: readonly Group[], column: string) {
  const kept = new Map<Group, Promise<(Uint8Array | undefined)[]>>();
  const rowsOf = (group: Group): Promise<(Uint8Array | undefined)[]> => {
    const known = kept.get(group);
    // The last used goes to the end.
    if (known) kept.delete(group);
    const rows = known ?? readGroup(group, column);
    kept.set(group, rows);
    rows.catch(() => kept.delete(group));
    const most = group.file.bytes.size / group.file.groups.length > MAX_KEPT ? 1 : KEPT_GROUPS;
    if (kept.size > most) kept.delete(kept.keys().next().value!);
    return rows;
  };
  return {
    clear: () => kept.clear(),
    async load(index: number): Promise<Uint8Array> {
      const group = groupOf(groups, index);
      const row = index - group.start;
      const bytes = (await rowsOf(group))[row];
      if (bytes) return bytes;
      throw new OutlierExposureError(
        'invalid-file',
        `Row ${group.row + row} of ${group.file.path} has no image in its column "${column}": images may lie in files of their own, which this set does not hold.`,
      );
    },
  };
}

async function readGroup(group: Group, column: string): Promise<(Uint8Array | undefined)[]> {
  return (await readCells(group, column)).map((cell) => {
    const bytes = cell instanceof Uint8Array ? cell : (cell as { bytes?: unknown } | null)?.bytes;
    return bytes instanceof Uint8Array ? bytes : undefined;
  });
}

/** One column of a row group. */
async function readCells({ file, row, count }: Group, column: string): Promise<unknown[]> {
  const rows = await parquetError(file.path, () =>
    parquetReadObjects({
      ...file.reading,
      columns: [column],
      rowStart: row,
      rowEnd: row + count,
      utf8: false,
    }),
  );
  if (rows.length !== count) {
    throw new OutlierExposureError(
      'invalid-file',
      `${file.path} has ${rows.length} rows where it claims ${count}; fetch it again.`,
    );
  }
  return rows.map((cells) => cells[column] as unknown);
}

async function readLabelColumn(
  groups: readonly Group[],
  { label, classNames }: ParquetColumns,
  signal: AbortSignal | undefined,
): Promise<{ labels?: Int32Array; classNames?: readonly string[] }> {
  const values: unknown[] = [];
  for (const group of groups) {
    signal?.throwIfAborted();
    for (const value of await readCells(group, label!)) values.push(value);
  }
  const name = `Column "${label}" of ${groups[0]!.file.path}`;
  // Sets without answers have −1 in their place.
  if (values.every((value) => value === null || value === undefined || Number(value) === -1)) return {};
  if (!classNames) return labelsFromList(values, name);
  const labels = labelNumbers(values as number[], name);
  const unnamed = labels.find((value) => value >= classNames.length);
  if (unnamed !== undefined) {
    throw new OutlierExposureError(
      'invalid-file',
      `${name} has the label ${unnamed}, but names for ${classNames.length} classes.`,
    );
  }
  return { labels, classNames };
}
