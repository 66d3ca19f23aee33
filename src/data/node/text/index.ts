/** Sets of texts from files. Node only. */
export type { TextEncodingName } from './lines.ts';
export { openText } from './open-text.ts';
export type { OpenTextOptions } from './options.ts';
