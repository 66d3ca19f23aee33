/** What a search for duplicates finds. */

/** Why an example is taken for a copy: its content is equal, it is much alike, or it is to a model. */
export type Sameness = 'exact' | 'near' | 'embedding';

/** An example that is to go, and what it repeats. */
export interface DuplicatePair {
  /** Its number in the set that is cleaned. */
  index: number;
  /** The set of what it repeats, by its number in `against`; `within` when it repeats an earlier one of its own set. */
  set: number | 'within';
  /** The number of what it repeats, in that set. */
  of: number;
  sameness: Sameness;
  /** How alike the two are: at most 1; of embeddings the cosine. */
  similarity: number;
}

/** An example that could not be read, and was left out of the comparison. */
export interface UnreadableExample {
  /** As in {@link DuplicatePair}; `cleaned` is the set that is cleaned. */
  set: number | 'cleaned';
  index: number;
  /** Why, as a sentence. */
  reason: string;
}

export interface DuplicateSearch {
  /** One for each example that is to go, ascending by its number. */
  pairs: DuplicatePair[];
  unreadable: UnreadableExample[];
  /** Pictures of one grey, which are compared for equality alone. */
  flat: number;
}

export interface SearchOptions {
  /** Whether copies within the set are searched too, of which the first stays. Default: `keep`. */
  within?: 'keep' | 'remove';
  /** How alike two examples have to be at least to be near duplicates: above 0, at most 1. */
  similarity?: number;
  /** Examples that are not looked at, as they go anyway. */
  skip?: (index: number) => boolean;
  signal?: AbortSignal;
  /** Examples looked at, of all; what is compared within counts twice. */
  onProgress?: (done: number, total: number) => void;
}
