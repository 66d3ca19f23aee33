/** Values of options, read from their text. */
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { InvalidArgumentError } from 'commander';

/** A parser of whole numbers of at least `least`. */
export function wholeNumber(least: number) {
  return (text: string): number => {
    const value = Number(text);
    if (Number.isSafeInteger(value) && value >= least && text.trim() !== '') return value;
    throw new InvalidArgumentError(`It must be a whole number, ${least} or more.`);
  };
}

/** A parser of numbers above `above` and up to `most`. */
export function numberBetween(above: number, most: number) {
  return (text: string): number => {
    const value = Number(text);
    if (value > above && value <= most && text.trim() !== '') return value;
    throw new InvalidArgumentError(
      `It must be a number above ${above}${most === Number.POSITIVE_INFINITY ? '' : ` and up to ${most}`}.`,
    );
  };
}

/** Numbers with commas between. */
export function numberList(text: string): number[] {
  const values = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  if (values.every(Number.isFinite)) return values;
  throw new InvalidArgumentError('It must be numbers with commas between, one for each channel.');
}

/** `NAME=PATH`, or a path alone, which is then named by its last part without ending. */
export function namedPath(text: string): { name: string; path: string } {
  const [, name, path] = /^([\w.+ -]+)=(.+)$/s.exec(text) ?? [];
  if (name !== undefined && path !== undefined && !existsSync(text)) return { name, path };
  return {
    name: basename(text).replace(/(\.(tar|txt|tsv|csv|jsonl|tokens))?\.[A-Za-z0-9]+$/, ''),
    path: text,
  };
}
