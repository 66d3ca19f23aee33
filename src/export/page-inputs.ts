/** What the exported page asks for, and how its script makes a tensor of it: a picture or a text. */
import type { PadSide, Tokenizer } from '../data/index.ts';
import { embedded } from './embedded.ts';

/** How a classifier of texts takes them. */
export interface PageText {
  /** Of its words' numbers. */
  elementType: 'int64' | 'int32';
  lowerCase: boolean;
  /** Words that count: the first ones. */
  maxTokens?: number | undefined;
  pad: PadSide;
  /** How many words the model takes, where it takes one number alone. */
  time?: number | undefined;
}

/** What differs between the pages. */
export interface PageInput {
  title: string;
  /** The field, with its label; its id is `given`. */
  field: string;
  /** What is said before there is an answer. */
  invitation: string;
  /** JavaScript, run once. */
  prepare: string;
  /** JavaScript of the body of a function of `given` (pixels of a canvas, or a text): it sets `tensor`. */
  tensor: string;
  /** JavaScript: calls `show(…)` with what `tensor` takes whenever there is something new. */
  listen: string;
}

export function imageInput([channels, height, width]: readonly [number, number, number]): PageInput {
  return {
    title: 'What is it?',
    field: '<p><label>A picture <input id="picture" type="file" accept="image/*"></label></p>',
    invitation: 'Choose a picture; it stays on this machine.',
    prepare: `const context = new OffscreenCanvas(${width}, ${height}).getContext('2d');`,
    tensor: `const pixels = Float32Array.from({ length: ${channels * height * width} }, (_, i) => ${pixelOf(channels, height * width)});
      const tensor = new ort.Tensor('float32', pixels, [1, ${channels}, ${height}, ${width}]);`,
    listen: `picture.onchange = async () => {
      context.drawImage(await createImageBitmap(picture.files[0]), 0, 0, ${width}, ${height});
      show(context.getImageData(0, 0, ${width}, ${height}).data);
    };`,
  };
}

/** One value of the model's input, from a canvas' bytes: four a pixel, row by row. */
function pixelOf(channels: number, size: number): string {
  if (channels === 1)
    return '(0.299 * given[4 * i] + 0.587 * given[4 * i + 1] + 0.114 * given[4 * i + 2]) / 255';
  return `given[4 * (i % ${size}) + Math.floor(i / ${size})] / 255`;
}

/** Longer texts are no use to a page that answers at every key. */
const MAX_LENGTH = 20_000;

/** The words that the page looks up, all of the vocabulary by number. */
export const WORDS_FILE = 'words.json';

/** As `whitespaceTokenizer` cuts texts, and `paddedLength` and `padBatch` fill them up. */
export function textInput({ elementType, lowerCase, maxTokens, pad, time }: PageText): PageInput {
  const [array, number] = elementType === 'int64' ? ['BigInt64Array', 'BigInt(v)'] : ['Int32Array', 'v'];
  const most = Math.min(maxTokens ?? Number.POSITIVE_INFINITY, time ?? Number.POSITIVE_INFINITY);
  const filled = pad === 'first' ? '[...filling, ...ids]' : '[...ids, ...filling]';
  return {
    title: 'What is it about?',
    field: `<p><label>A text<br><textarea id="text" rows="6" maxlength="${MAX_LENGTH}" style="width: 100%; font: inherit"></textarea></label></p>`,
    invitation: 'Type or paste a text; it stays on this machine.',
    prepare: `const words = new Map((await (await fetch(${embedded(WORDS_FILE)})).json()).map((word, i) => [word, i]));`,
    tensor: `const ids = given${lowerCase ? '.toLowerCase()' : ''}.split(/[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+/).filter(Boolean)${Number.isFinite(most) ? `.slice(0, ${most})` : ''}.map((word) => words.get(word) ?? 0);
      const filling = Array(${time ?? 'Math.ceil(Math.max(1, ids.length) / 8) * 8'} - ids.length).fill(1);
      const all = ${array}.from(${filled}, (v) => ${number});
      const tensor = new ort.Tensor('${elementType}', all, [1, all.length]);`,
    listen: `text.oninput = () => show(text.value.trim() === '' ? undefined : text.value);`,
  };
}

/** What a tokenizer of this package does, for the page. */
export function pageText(
  tokenizer: Tokenizer,
  elementType: string,
  time: number | string | undefined,
): PageText {
  return {
    elementType: elementType === 'int32' ? 'int32' : 'int64',
    lowerCase: tokenizer.words.lowerCase,
    maxTokens: tokenizer.maxTokens,
    pad: tokenizer.pad,
    time: typeof time === 'number' ? time : undefined,
  };
}
