/** What a classifier is trained on and measured with. */
import type { ImageSource } from './source.ts';
import type { EncodedText } from './text/encode.ts';

/** A set of images, or a set of texts in numbers; `isEncodedText` tells which. */
export type ExampleSet = ImageSource | EncodedText;
