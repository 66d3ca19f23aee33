/** From a request's body to images and texts. Everything here comes from strangers. */
import { parseNpy, parseNpyHeader } from '../data/npy.ts';
import { OutlierExposureError } from '../errors.ts';
import type { GuardInput } from '../guard/index.ts';
import { problem } from './problem.ts';
import { checkRequest } from './schemas.ts';

/** What a request wants checked. */
export interface Wanted {
  /** An error stands for an item that cannot be read. */
  items: (GuardInput | OutlierExposureError)[];
  /** One verdict, or a list of them. */
  answer: 'one' | 'list';
}

/** Parts of a multipart body that are parsed, at most. */
const MAX_PARTS = 10_000;
const TYPES =
  'application/json, multipart/form-data, application/x-npy, text/plain, or an image (image/png, image/jpeg, …; application/octet-stream)';

/**
 * @param type the request's content type
 * @throws HTTPException 400 for a body that is not what its type says, 415 for other types
 */
export async function wantedFrom(body: Uint8Array<ArrayBuffer>, type: string): Promise<Wanted> {
  const [kind] = type.toLowerCase().split(';', 1) as [string];
  switch (kind.trim()) {
    case 'application/json':
      return fromJson(body);
    case 'multipart/form-data':
      return fromParts(body, type);
    case 'application/x-npy':
      return fromNpy(body);
    case 'text/plain':
      return { items: [decodedText(body)], answer: 'one' };
    case 'application/octet-stream':
      return { items: [body], answer: 'one' };
    default:
      if (kind.startsWith('image/')) return { items: [body], answer: 'one' };
      throw problem(415, 'unsupported-type', `The content type ${quoted(kind)} is not taken: send ${TYPES}.`);
  }
}

function fromJson(body: Uint8Array): Wanted {
  let json: unknown;
  try {
    json = JSON.parse(decodedText(body));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw problem(400, 'invalid-argument', 'The body is not JSON.');
  }
  const read = checkRequest.safeParse(json);
  if (!read.success) {
    const { path, message } = read.error.issues[0]!;
    const where = path.length > 0 ? `"${path.map(String).join('.').slice(0, 100)}"` : 'The body';
    throw problem(400, 'invalid-argument', `${where} is not as expected: ${message.slice(0, 200)}.`);
  }
  const { image, images, text, texts, tensor, shape } = read.data;
  const given = Object.entries({ image, images, text, texts, tensor }).filter(
    ([, value]) => value !== undefined,
  );
  if (given.length !== 1)
    throw problem(
      400,
      'invalid-argument',
      `Send one of image, images, text, texts and tensor; ${given.map(([name]) => name).join(' and ') || 'none of them'} came.`,
    );
  if ((tensor === undefined) !== (shape === undefined))
    throw problem(400, 'invalid-argument', 'A tensor goes with its shape, [channels, height, width].');
  if (image !== undefined) return { items: [bytesOr(image)], answer: 'one' };
  if (images !== undefined) return { items: (images as string[]).map(bytesOr), answer: 'list' };
  if (text !== undefined) return { items: [text], answer: 'one' };
  if (texts !== undefined) return { items: texts as string[], answer: 'list' };
  return fromTensor(tensorValues(tensor as string | number[]), shape as number[]);
}

function tensorValues(tensor: string | number[]): Float32Array {
  if (typeof tensor !== 'string') return Float32Array.from(tensor);
  const bytes = bytesOr(tensor);
  if (bytes instanceof OutlierExposureError) throw bytes;
  if (bytes.length % 4 !== 0)
    throw problem(
      400,
      'invalid-argument',
      `The tensor has ${bytes.length} bytes, which are no float32 numbers.`,
    );
  // A copy, since floats have to be aligned.
  return new Float32Array(bytes.slice().buffer);
}

/** One image of [channels, height, width], or several behind one another. */
function fromTensor(data: Float32Array | Uint8Array, shape: readonly number[]): Wanted {
  if (shape.length !== 3 && shape.length !== 4)
    throw problem(
      400,
      'invalid-argument',
      `A shape of ${shape.length} numbers cannot be: give [channels, height, width], or [count, channels, height, width].`,
    );
  if (shape.length === 3) return { items: [{ data, shape }], answer: 'one' };
  const [count, ...each] = shape as [number, number, number, number];
  const size = each.reduce((product, side) => product * side, 1);
  if (!shape.every((side) => Number.isSafeInteger(side) && side > 0) || count * size !== data.length)
    throw problem(
      400,
      'invalid-argument',
      `A tensor of [${shape.join(', ')}] cannot have ${data.length} values.`,
    );
  const items = Array.from({ length: count }, (_, i) => ({
    data: data.subarray(i * size, (i + 1) * size),
    shape: each,
  }));
  return { items, answer: 'list' };
}

function fromNpy(body: Uint8Array<ArrayBuffer>): Wanted {
  const { type, littleEndian, shape, offset } = parseNpyHeader(body, { name: 'The body' });
  if (type !== 'u1' && type !== 'f4')
    throw problem(
      422,
      'unsupported',
      'Arrays of pixels are float32 from 0 to 1, or uint8; this one is of another type.',
    );
  if (type === 'u1') return fromTensor(body.subarray(offset), shape);
  const at = body.byteOffset + offset;
  // As they lie in the body, where that can be.
  if (littleEndian && at % 4 === 0)
    return fromTensor(new Float32Array(body.buffer, at, (body.length - offset) / 4), shape);
  return fromTensor(parseNpy(body, { name: 'The body' }).data as Float32Array, shape);
}

async function fromParts(body: Uint8Array<ArrayBuffer>, type: string): Promise<Wanted> {
  let form: FormData;
  try {
    form = await new Response(body, { headers: { 'content-type': type } }).formData();
  } catch {
    throw problem(400, 'invalid-argument', 'The body is not multipart/form-data as its content type says.');
  }
  const parts = [...form.values()];
  if (parts.length === 0 || parts.length > MAX_PARTS)
    throw problem(
      400,
      'invalid-argument',
      `${parts.length} parts came, where 1 to ${MAX_PARTS} were expected.`,
    );
  const items = await Promise.all(
    parts.map(async (part) => (typeof part === 'string' ? part : new Uint8Array(await part.arrayBuffer()))),
  );
  return { items, answer: 'list' };
}

function decodedText(body: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw problem(400, 'invalid-argument', 'The body is no text in UTF-8.');
  }
}

/** Bytes from base64, or the complaint. */
function bytesOr(text: string): Uint8Array<ArrayBuffer> | OutlierExposureError {
  const start = text.startsWith('data:') ? text.indexOf(',') + 1 : 0;
  const digits = start > 0 ? text.slice(start) : text;
  const trimmed = digits.replace(/={1,2}$/, '');
  const bytes = Buffer.from(trimmed, 'base64');
  // Decoding skips what is no digit.
  if (bytes.length > 0 && bytes.length === Math.floor((trimmed.length * 3) / 4))
    return new Uint8Array(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.length);
  return new OutlierExposureError(
    'invalid-argument',
    'This is no base64: send the bytes of the file in base64.',
  );
}

/** What a stranger wrote, short and in plain letters. */
function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 60)) ?? '""';
}
