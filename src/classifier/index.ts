/** A classifier as a graph: its ends, its logits, its features. Runs in Node and in the browser. */
export { CONFIDENCE, type Ends, endsOf } from './ends.ts';
export { withLogitsOutput } from './logits-output.ts';
export { type Head, type Parts, partsOf } from './parts.ts';
