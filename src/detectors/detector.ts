/** What a detector is: a name, what it needs, and a function from that to scores. */

/** What a detector has to be given. */
export type Need = 'logits';

export interface Detector {
  name: string;
  title: string;
  needs: readonly Need[];
  /** The score in one line. */
  formula: string;
  /** Where it comes from. */
  source: string;
  /**
   * Scores a batch; higher = more anomalous.
   *
   * @param logits [examples, classes], row-major
   * @returns one score an example
   */
  score(logits: Float32Array, classes: number): Float32Array;
}
