/** Models and runs made ready for other places: web pages, smaller files. Runs in Node and in the browser. */
export { withHalfWeights } from './half-weights.ts';
export { type Int8Options, withInt8Weights } from './int8-weights.ts';
export type { Playground, PlaygroundModel, PlaygroundSet, PlaygroundTraining } from './playground.ts';
export type { Shrunk } from './shrink.ts';
export { PAGE_DETECTORS, type PageDetector, type WebPageOptions, webPage } from './web-page.ts';
