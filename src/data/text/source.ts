/** Where texts come from. Everything that reads, joins or encodes sets of texts speaks this. */
import { OutlierExposureError } from '../../errors.ts';

/** A set of texts in memory. */
export interface TextSource {
  readonly name: string;
  /** How many texts. */
  readonly length: number;
  /** Class indices, one a text, for labelled sets. */
  readonly labels?: Int32Array;
  /** What the classes are called, in the order of their indices, where the set says so. */
  readonly classNames?: readonly string[];
  /** What the texts came from, in a form that shows when it changes: the SHA-256 of files and how they were read. */
  readonly fingerprint: string;
  /** How many texts or lines were left out when the set was read, by reason (`empty`, `neutral`, `heading`, …). */
  readonly dropped?: Readonly<Record<string, number>>;
  /** One text. @throws OutlierExposureError `invalid-argument` when there is none of this number */
  text(index: number): string;
}

/** Texts that a program holds already. */
export function memoryTexts(options: {
  name: string;
  texts: readonly string[];
  labels?: Int32Array;
  classNames?: readonly string[];
  fingerprint: string;
}): TextSource {
  const { texts, ...rest } = options;
  if (rest.labels && rest.labels.length !== texts.length) {
    throw new OutlierExposureError(
      'invalid-argument',
      `"${rest.name}" has ${texts.length} texts, but ${rest.labels.length} labels; give one label a text.`,
    );
  }
  return {
    ...rest,
    length: texts.length,
    text: (index) => texts[checkedIndex(index, { name: rest.name, length: texts.length })]!,
  };
}

/** The index itself. @throws OutlierExposureError `invalid-argument` when the set is shorter */
export function checkedIndex(index: number, { name, length }: { name: string; length: number }): number {
  if (Number.isInteger(index) && index >= 0 && index < length) return index;
  throw new OutlierExposureError(
    'invalid-argument',
    length === 0
      ? `"${name}" has no texts, and none of number ${index}.`
      : `"${name}" has the texts 0 to ${length - 1}; there is no text ${index}.`,
  );
}
