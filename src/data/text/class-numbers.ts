/** Class indices from the labels that files of texts have. */
import { nearestName, OutlierExposureError } from '../../errors.ts';
import { compareCodePoints } from './vocabulary.ts';

/**
 * Which labels to give texts:
 *
 * - `fine`: the file's own.
 * - `coarse`: what stands before a label's colon (TREC's `DESC:manner` becomes `DESC`).
 * - `binary`: of sentiments from 0 to 4, negative (0, 1) and positive (3, 4); texts of a 2 are left out.
 * - `none`: none, though the file has some.
 */
export type TextLabels = 'fine' | 'coarse' | 'binary' | 'none';

const BINARY_CLASSES = ['negative', 'positive'];
const WHOLE_NUMBER = /^\d{1,9}$/;
/** A label is a word, not a text in the wrong column. */
const MAX_LABEL = 200;
const MAX_CLASSES = 100_000;

export interface ClassNumbersOptions {
  /** What to call the file in errors. */
  name: string;
  labels: TextLabels;
  /** Classes in the order of their indices; other labels are refused. */
  classes?: readonly string[];
  /** What the whole numbers stand for that are labels here, where the format says so. */
  numberNames?: readonly string[];
}

/** Collects labels, one text after the other, and numbers their classes in the end. */
export class ClassNumbers {
  readonly #options: ClassNumbersOptions;
  readonly #words = new Map<string, number>();
  #numbers = new Int32Array(1024);
  #length = 0;
  #positive = false;

  constructor(options: ClassNumbersOptions) {
    this.#options = options;
  }

  /**
   * Takes the next text's label.
   *
   * @returns false when texts of this label are to be left out; it is not counted then
   * @throws OutlierExposureError `invalid-file` when it cannot be a label, or is no one of the classes
   */
  add(label: string, line: number): boolean {
    const word = this.#word(label.trim(), line);
    if (word === undefined) return false;
    let number = this.#words.get(word);
    if (number === undefined) {
      number = this.#words.size;
      this.#checkNew(word, line);
      this.#words.set(word, number);
    }
    if (this.#length === this.#numbers.length) {
      const larger = new Int32Array(2 * this.#length);
      larger.set(this.#numbers);
      this.#numbers = larger;
    }
    this.#numbers[this.#length++] = number;
    return true;
  }

  /**
   * Class indices: positions in `classes` when these were given; else the labels themselves when all are whole
   * numbers; else positions among the names, sorted by code points.
   */
  finish(): { labels: Int32Array; classNames?: readonly string[] } {
    const { classes, numberNames, labels: mode, name } = this.#options;
    if (mode === 'binary' && this.#length > 0 && !this.#positive) {
      throw new OutlierExposureError(
        'invalid-argument',
        `${name} has no labels 3 or 4, so that all would be negative; if 0 and 1 are its two classes, leave the labels as they are ("fine").`,
      );
    }
    const words = [...this.#words.keys()];
    const numbered = words.every((word) => WHOLE_NUMBER.test(word));
    const given = classes ?? (mode === 'binary' ? BINARY_CLASSES : numbered ? numberNames : undefined);
    const names = given ?? (numbered ? undefined : words.sort(compareCodePoints));
    const positions = new Map(names?.map((className, i) => [className, i]));
    const indices = new Int32Array(this.#words.size);
    for (const [word, number] of this.#words) indices[number] = positions.get(word) ?? Number(word);
    const labels = Int32Array.from(this.#numbers.subarray(0, this.#length), (number) => indices[number]!);
    return { labels, ...(names && { classNames: names }) };
  }

  /** The label that counts, by the mode. */
  #word(label: string, line: number): string | undefined {
    const { labels: mode, name } = this.#options;
    if (label === '' || label.length > MAX_LABEL) {
      throw new OutlierExposureError(
        'invalid-file',
        `${name} has ${label === '' ? 'no label' : `a label of ${label.length} characters`} in line ${line}; every text needs a short one, or say that labels are not to be read ("none").`,
      );
    }
    if (mode === 'coarse') {
      const colon = label.indexOf(':');
      if (colon > 0) return label.slice(0, colon);
      throw new OutlierExposureError(
        'invalid-file',
        `${name} has the label "${label}" in line ${line}; for coarse labels it should have a colon, such as DESC:manner.`,
      );
    }
    if (mode === 'binary') {
      if (!/^[0-4]$/.test(label)) {
        throw new OutlierExposureError(
          'invalid-file',
          `${name} has the label "${label}" in line ${line}; for binary labels it should be a sentiment from 0 to 4.`,
        );
      }
      if (label === '2') return undefined;
      const positive = Number(label) > 2;
      this.#positive ||= positive;
      return BINARY_CLASSES[Number(positive)]!;
    }
    // 007 and 7 are one class.
    return WHOLE_NUMBER.test(label) ? String(Number(label)) : label;
  }

  #checkNew(word: string, line: number): void {
    const { classes, name } = this.#options;
    if (this.#words.size === MAX_CLASSES) {
      throw new OutlierExposureError(
        'invalid-file',
        `${name} has more than ${MAX_CLASSES} labels by line ${line}: is the column of labels another one?`,
      );
    }
    if (!classes || classes.includes(word)) return;
    if (WHOLE_NUMBER.test(word) && Number(word) < classes.length) return;
    const near = word.length > 2 ? nearestName(word, classes) : undefined;
    throw new OutlierExposureError(
      'invalid-file',
      `${name} has the label "${word}" in line ${line}, which is none of the ${classes.length} classes${near ? `: did you mean "${near}"?` : ` (${classes.slice(0, 5).join(', ')}${classes.length > 5 ? ', …' : ''}).`}`,
    );
  }
}
