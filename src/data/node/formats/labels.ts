/** Files of labels. Node only. */
import { OutlierExposureError } from '../../../errors.ts';
import { readFileBounded } from '../../../files/atomic.ts';
import { type NpyValues, parseNpy } from '../../npy.ts';
import type { ImageSource } from '../../source.ts';
import { fileFingerprint } from './fingerprint.ts';

export interface Labels {
  /** Class indices, one an image. */
  labels: Int32Array;
  classNames?: readonly string[];
}

/** Labels of a hundred million images as text. */
const MAX_BYTES = 2 ** 30;

/**
 * Labels from a file: .npy (integers, one dimension), .json (a list), .csv (its column `label` or `class`, or its
 * only one) or text (a line an image). Whole numbers from 0 on are class indices; when there are other words, all are
 * names, sorted and numbered.
 *
 * @throws OutlierExposureError `invalid-file` when it holds anything else
 */
export async function readLabels(path: string): Promise<Labels> {
  const bytes = await readFileBounded(path, { what: 'file of labels', maxBytes: MAX_BYTES });
  return parseLabels(bytes, { name: path });
}

/** Labels from a file's bytes; .npy is told by its content, JSON and CSV by the file's name. */
export function parseLabels(bytes: Uint8Array, { name }: { name: string }): Labels {
  if (bytes[0] === 0x93) {
    const { data, shape } = parseNpy(bytes, { name });
    if (shape.filter((side) => side !== 1).length > 1) {
      throw new OutlierExposureError(
        'invalid-file',
        `${name} has the shape [${shape.join(', ')}], but labels are a list: one number an image.`,
      );
    }
    return { labels: labelNumbers(data, name) };
  }
  const text = new TextDecoder().decode(bytes).replace(/^\uFEFF/, '');
  if (/\.json$/i.test(name)) return labelsFromList(jsonList(text, name), name);
  const lines = text.split(/\r\n|\r|\n/);
  if (lines.at(-1) === '') lines.pop();
  return labelsFromList(
    /\.csv$/i.test(name) ? csvColumn(lines, name) : lines.map((line) => line.trim()),
    name,
  );
}

/** Labels from words or numbers: indices when all are whole numbers from 0 on, else names. */
export function labelsFromList(list: readonly unknown[], name: string): Labels {
  const words = list.map((entry, i) => {
    if (typeof entry === 'string' && entry !== '') return entry;
    if (typeof entry === 'number' || typeof entry === 'bigint') return String(entry);
    throw new OutlierExposureError(
      'invalid-file',
      `${name} has no label for image ${i}: every image needs a number or a name.`,
    );
  });
  if (words.every((word) => /^[+-]?\d+(\.\d*)?$/.test(word)))
    return { labels: labelNumbers(words.map(Number), name) };
  const classNames = [...new Set(words)].sort();
  const numbers = new Map(classNames.map((className, i) => [className, i]));
  return { labels: Int32Array.from(words, (word) => numbers.get(word)!), classNames };
}

/** Class indices from numbers of any type. @throws OutlierExposureError `invalid-file` for other numbers than 0, 1, 2, … */
export function labelNumbers(values: NpyValues | ArrayLike<number>, name: string): Int32Array {
  const labels = new Int32Array(values.length);
  for (let i = 0; i < labels.length; i++) {
    const value = Number(values[i]);
    if (!(Number.isInteger(value) && value >= 0 && value < 2 ** 31)) {
      throw new OutlierExposureError(
        'invalid-file',
        `${name} has the label ${values[i]} for image ${i}; labels are whole numbers from 0 on.`,
      );
    }
    labels[i] = value;
  }
  return labels;
}

/** A set with the labels of a file in place of its own. */
export async function withLabels(source: ImageSource, path: string): Promise<ImageSource> {
  const [{ labels, classNames }, fingerprint] = await Promise.all([readLabels(path), fileFingerprint(path)]);
  if (labels.length !== source.length) {
    throw new OutlierExposureError(
      'invalid-argument',
      `${path} has ${labels.length} labels for the ${source.length} images of "${source.name}"; give the labels that belong to them.`,
    );
  }
  const names = classNames ?? source.classNames;
  return {
    ...source,
    labels,
    ...(names && { classNames: names }),
    fingerprint: `${source.fingerprint}, labels ${fingerprint}`,
  };
}

function jsonList(text: string, name: string): unknown[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new OutlierExposureError('invalid-file', `${name} is no JSON: ${(error as Error).message}.`, {
      cause: error,
    });
  }
  if (Array.isArray(value)) return value;
  throw new OutlierExposureError('invalid-file', `${name} is no list of labels, such as [3, 0, 1].`);
}

function csvColumn(lines: string[], name: string): string[] {
  const rows = lines.map((line) => line.split(',').map((cell) => cell.trim().replace(/^"(.*)"$/, '$1')));
  const head = rows[0]?.map((cell) => cell.toLowerCase()) ?? [];
  const column = head.findIndex((cell) => cell === 'label' || cell === 'class');
  if (column >= 0) return rows.slice(1).map((row) => row[column] ?? '');
  if (head.length === 1) return rows.map((row) => row[0] ?? '');
  throw new OutlierExposureError(
    'invalid-file',
    `${name} has the columns ${rows[0]?.join(', ') ?? '(none)'}, of which none is called "label".`,
  );
}
