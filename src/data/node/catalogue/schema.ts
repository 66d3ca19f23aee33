/** What the catalogue says of a data set. */
import { z } from 'zod';

/** A name that is a file's or a folder's on every system, and leads nowhere else. */
const plainName = z
  .string()
  .regex(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,99}$/, 'expected letters, digits, dots and dashes');

const fileSchema = z.strictObject({
  /** Where it is fetched from; the further ones are tried when the first fails. */
  urls: z.array(z.url({ protocol: /^https?$/ })).min(1),
  /** What it is called on disk; the end of the first URL unless given. */
  name: plainName.optional(),
  /** In bytes. */
  size: z.int().positive().optional(),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'expected 64 hexadecimal digits')
    .optional(),
  md5: z
    .string()
    .regex(/^[0-9a-f]{32}$/, 'expected 32 hexadecimal digits')
    .optional(),
  /** An archive, of which what it holds is kept. */
  unpack: z.boolean().optional(),
});

/** What a set is for in the paper: D_in, D_out^OE, D_out^test. */
export const ROLES = ['in', 'outliers', 'test'] as const;

export const dataSetSchema = z
  .strictObject({
    /** In commands and as a folder. */
    name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'expected small letters, digits and dashes'),
    title: z.string().min(1),
    kind: z.enum(['image', 'text']),
    roles: z.array(z.enum(ROLES)).min(1),
    /** What it is, and what the paper uses it for, in a sentence or two. */
    about: z.string().min(1),
    home: z.url({ protocol: /^https?$/ }),
    /** Licence or terms, as its owners state them. */
    terms: z.string().min(1),
    files: z.array(fileSchema).min(1).optional(),
    /** How a person gets it, where no download is free: one sentence. */
    manual: z.string().min(1).optional(),
  })
  .refine(({ files, manual }) => (files === undefined) !== (manual === undefined), {
    error: 'expected either files or manual',
  });

export const catalogueSchema = z
  .array(dataSetSchema)
  .min(1)
  .refine((sets) => new Set(sets.map(({ name }) => name)).size === sets.length, {
    error: 'two sets have the same name',
  });

/** A file of a data set. */
export type DataFile = z.infer<typeof fileSchema>;
/** A data set that experiments of the paper, or stand-ins for them, use. */
export type DataSet = z.infer<typeof dataSetSchema>;
