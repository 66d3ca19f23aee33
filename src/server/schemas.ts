/** What goes in and comes out, as schemas: they check requests, and make the OpenAPI document. */
import { z } from '@hono/zod-openapi';

const BASE64 = 'base64, a data URL is taken too';
/** Lists are checked by hand: a schema would write a complaint for each of a million wrong entries. */
const list = (
  isOne: (value: unknown) => boolean,
  what: string,
  items: Record<string, unknown>,
  most?: number,
) =>
  z
    .custom<unknown[]>((value) => Array.isArray(value) && value.length > 0 && value.every(isOne), {
      message: `expected a list of ${what}, with one at least`,
    })
    .openapi({ type: 'array', items, minItems: 1, ...(most !== undefined && { maxItems: most }) });
const isText = (value: unknown) => typeof value === 'string';
const isNumber = (value: unknown) => typeof value === 'number';

/** A request's JSON: one of its entries, a tensor with its shape. */
export const checkRequest = z
  .strictObject({
    image: z
      .string()
      .optional()
      .openapi({ description: `An image's file: ${BASE64}.` }),
    images: list(isText, `images' files in ${BASE64}`, { type: 'string' }).optional(),
    text: z.string().optional().openapi({ description: 'A text, for models of texts.' }),
    texts: list(isText, 'texts', { type: 'string' }).optional(),
    tensor: z
      .union([z.string(), list(isNumber, 'numbers from 0 to 1', { type: 'number', minimum: 0, maximum: 1 })])
      .optional()
      .openapi({
        description: 'Pixels from 0 to 1, channels first: numbers, or float32 (little-endian) in base64.',
      }),
    shape: list(isNumber, 'whole numbers', { type: 'integer', minimum: 1 }, 4).optional().openapi({
      description: '[channels, height, width] of one image, [count, channels, height, width] of several.',
    }),
  })
  .openapi('CheckRequest', { example: { image: 'iVBORw0KGgo…' } });

export const verdict = z
  .object({
    label: z.int().openapi({ description: 'The class, from 0.', example: 3 }),
    className: z.string().optional().openapi({ description: 'What the model calls it.', example: 'cat' }),
    confidence: z
      .number()
      .nullable()
      .openapi({ description: 'The highest softmax probability.', example: 0.93 }),
    anomalyScore: z.number().nullable().openapi({
      description: "The detector's score; higher = more anomalous. Null where the model gave no number.",
      example: -0.93,
    }),
    isOutlier: z
      .boolean()
      .openapi({ description: 'Whether the score is at least the threshold, or no number.' }),
  })
  .openapi('Verdict');

export const problemBody = z
  .object({
    error: z.object({ code: z.string(), message: z.string() }),
    requestId: z.string(),
  })
  .openapi('Problem');

export const several = z
  .object({
    results: z.array(
      z.union([verdict, z.object({ error: z.object({ code: z.string(), message: z.string() }) })]),
    ),
  })
  .openapi('Verdicts', {
    description: 'In the order of the request; an item that cannot be checked has an error.',
  });
