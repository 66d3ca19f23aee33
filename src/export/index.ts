/** Models and runs made ready for other places: web pages, smaller files. Runs in Node and in the browser. */
export { withHalfWeights } from './half-weights.ts';
export { type Int8Options, withInt8Weights } from './int8-weights.ts';
export { type PageText, pageText, WORDS_FILE } from './page-inputs.ts';
export type { Playground, PlaygroundModel, PlaygroundSet, PlaygroundTraining } from './playground.ts';
export type { Shrunk } from './shrink.ts';
export { TOLD_DETECTORS, type ToldOptions, withToldOutputs } from './told-outputs.ts';
export { type WebPageOptions, webPage } from './web-page.ts';
