/** Files of cleaned sets, and classes by WordNet. Node only. */
export { type Nouns, parseNouns, readNouns, relatedClasses } from './related-classes.ts';
export { type Exclusion, readExclusion, selectionAt, writeSelection } from './selection-file.ts';
