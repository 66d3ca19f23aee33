/** The kinds of values that settings have: how each is checked, how it is said, and how it is read from a flag. */
import { z } from 'zod';

export interface Kind<Schema extends z.ZodType = z.ZodType> {
  schema: Schema;
  /** What a value must be, for the end of a sentence. */
  expected: string;
  /** How the value is written in a flag: `<count>`. */
  placeholder: string;
  /** The values to choose from, where they are names. */
  names?: readonly string[];
  /** The value that the text of a flag stands for; what cannot be read is handed on, for the schema to refuse. */
  read(text: string): unknown;
}

const asNumber = (text: string): unknown => (text.trim() === '' ? text : Number(text));

/** A whole number of at least `least`. */
export function wholeNumber(least: number, placeholder = '<count>') {
  return {
    schema: z.int().min(least),
    expected: `a whole number, ${least} or more`,
    placeholder,
    read: asNumber,
  } satisfies Kind;
}

export const positive = {
  schema: z.number().positive(),
  expected: 'a number above 0',
  placeholder: '<number>',
  read: asNumber,
} satisfies Kind;

export const anyNumber = {
  schema: z.number(),
  expected: 'a number',
  placeholder: '<number>',
  read: asNumber,
} satisfies Kind;

export const notNegative = {
  schema: z.number().min(0),
  expected: 'a number, 0 or more',
  placeholder: '<number>',
  read: asNumber,
} satisfies Kind;

/** A difference between two rates in percent. */
export const percentagePoints = {
  schema: z.number().min(0).lt(100),
  expected: 'a number of percentage points, from 0 to below 100',
  placeholder: '<points>',
  read: asNumber,
} satisfies Kind;

/** A part of a whole that leaves something over. */
export const share = {
  schema: z.number().min(0).lt(1),
  expected: 'a number from 0 to below 1',
  placeholder: '<share>',
  read: asNumber,
} satisfies Kind;

export const text = {
  schema: z.string().min(1),
  expected: 'a text',
  placeholder: '<name>',
  read: (given) => given,
} satisfies Kind;

export const file = { ...text, expected: 'the path of a file', placeholder: '<file>' } satisfies Kind;

/** One path or several; several are taken one after the other. */
export const paths = {
  schema: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]),
  expected: 'a path or a list of paths',
  placeholder: '<path...>',
  read: (given) => given,
} satisfies Kind;

/** One pattern of names or several. */
export const patterns = {
  ...paths,
  expected: 'a pattern of names or a list of them',
  placeholder: '<pattern...>',
} satisfies Kind;

/** Numbers, one for each channel; in a flag with commas between them. */
export function numbersOf(each: z.ZodNumber, expected: string) {
  return {
    schema: z.array(each).min(1),
    expected,
    placeholder: '<numbers>',
    read: (given) => given.split(',').map(asNumber),
  } satisfies Kind;
}

export function choice<const Names extends readonly [string, ...string[]]>(names: Names) {
  return {
    schema: z.enum(names),
    expected: `one of ${names.join(', ')}`,
    placeholder: '<choice>',
    names,
    read: (given) => given,
  } satisfies Kind;
}
