/** What the models are asked about: a drawing, a picture, or a text. */
import { type ExampleSet, encodeTexts, memoryTexts, type Tokenizer } from 'outlier-exposure';
import { drawingPad } from './drawing-pad.ts';
import { find } from './element.ts';
import { fromDrawing, fromPicture, oneImage, type Shape, showPixels } from './pixels.ts';

/** What is looked at: an example of a set. */
export interface Looked {
  set: ExampleSet;
  index: number;
}

/** @param onExample told what to look at; nothing after clearing */
export interface InputEvents {
  onExample(example: Looked | undefined, when: 'under way' | 'done'): void;
  onTrouble(sentence: string): void;
}

/** @returns shows in the small picture what the models see */
export function imageInput(
  shape: Shape,
  { onExample, onTrouble }: InputEvents,
): (pixels: Float32Array) => void {
  find('image-input').hidden = false;
  const seen = find<HTMLCanvasElement>('seen');
  const see = (pixels: Float32Array) => showPixels(seen, pixels, shape);
  const blank = () => see(new Float32Array(shape[0] * shape[1] * shape[2]));
  let drawn = false;
  const take = (when: 'under way' | 'done') => {
    if (!drawn) {
      blank();
      onExample(undefined, 'done');
      return;
    }
    const pixels = fromDrawing(pad.context, shape);
    see(pixels);
    onExample({ set: oneImage(pixels, shape), index: 0 }, when);
  };
  const frame = find('pad');
  const pad = drawingPad(
    { frame, canvas: find<HTMLCanvasElement>('drawing') },
    {
      onChange() {
        drawn = true;
        take('under way');
      },
      onStroke: () => take('done'),
    },
  );
  const clear = () => {
    drawn = false;
    pad.clear();
    take('done');
  };
  frame.addEventListener('keydown', (event) => {
    if (event.key === 'Delete' || event.key === 'Backspace') clear();
  });
  find('clear').addEventListener('click', clear);
  const file = find<HTMLInputElement>('picture');
  const invert = find<HTMLInputElement>('invert');
  const takePicture = async () => {
    const picture = file.files?.[0];
    if (!picture) return;
    try {
      const pixels = await fromPicture(picture, shape, invert.checked ? 'inverted' : 'as they are');
      drawn = false;
      pad.clear();
      see(pixels);
      onExample({ set: oneImage(pixels, shape), index: 0 }, 'done');
    } catch {
      onTrouble(`${picture.name} is no picture that this browser can read: choose a PNG, JPEG or WebP file.`);
    }
  };
  file.addEventListener('change', takePicture);
  invert.addEventListener('change', takePicture);
  blank();
  return (pixels) => {
    drawn = false;
    pad.clear();
    see(pixels);
  };
}

/** @returns puts a text where it can be changed */
export function textInput(tokenizer: Tokenizer, { onExample }: InputEvents): (text: string) => void {
  find('text-input').hidden = false;
  const area = find<HTMLTextAreaElement>('text');
  const look = () => {
    const text = area.value.trim();
    if (text === '') return onExample(undefined, 'done');
    const source = memoryTexts({ name: 'yours', texts: [text], fingerprint: 'typed on the page' });
    onExample({ set: encodeTexts(source, tokenizer), index: 0 }, 'done');
  };
  area.addEventListener('input', look);
  return (text) => {
    area.value = text;
  };
}
