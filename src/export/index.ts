/** Models and runs made ready for other places: web pages, smaller files. Runs in Node and in the browser. */
export type { Playground, PlaygroundModel, PlaygroundSet, PlaygroundTraining } from './playground.ts';
