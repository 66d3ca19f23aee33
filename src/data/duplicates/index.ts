/** Examples that sets share: found, counted, left out. Runs in Node and in the browser. */
export { type ClassMatch, namesOf, sameNames } from './class-names.ts';
export { type ContentHash, contentHash } from './content-hash.ts';
export { type Compared, contentOverlap, contentOverlaps, OVERLAP_LIMIT } from './content-overlap.ts';
export type { DuplicatePair, DuplicateSearch, Sameness, SearchOptions, UnreadableExample } from './found.ts';
export { type HammingIndex, type HashList, hammingIndex, MAX_DISTANCE } from './hamming-index.ts';
export {
  findDuplicateImages,
  IMAGE_DISTANCE,
  IMAGE_SIMILARITY,
  type ImageSearchOptions,
} from './image-duplicates.ts';
export { nearPairs, type PairSearch } from './near-pairs.ts';
export { perceptualHash } from './perceptual-hash.ts';
export {
  checkUnchanged,
  contentFingerprint,
  isSelection,
  keptIn,
  lengthOf,
  parseSelection,
  REMOVAL_REASONS,
  type RemovalReason,
  SELECTION_FORMAT,
  type Selection,
} from './selection.ts';
export { findDuplicateTexts, TEXT_SIMILARITY } from './text-duplicates.ts';
