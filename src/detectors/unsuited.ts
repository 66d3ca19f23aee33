/** Settings of detectors that do not suit the examples they learn from: allowed, but hardly meant. */
import type { Detector } from './detector.ts';
import { describeDetector, settingsOf } from './settings.ts';

/** What is known of the examples to learn from before anything is learned. */
export interface ExamplesToLearnFrom {
  examples: number;
  /** How many the smallest class has, where labels are known. */
  smallestClass?: number | undefined;
  /** How many features an example has, where that is known. */
  width?: number | undefined;
}

/**
 * What does not suit, in one sentence without its full stop and with what to do; undefined where nothing is known to be amiss.
 */
export function unsuitedSettings(detector: Detector, learned: ExamplesToLearnFrom): string | undefined {
  const { examples, smallestClass = Number.POSITIVE_INFINITY, width = 0 } = learned;
  const { k = 0, bank = 0, tail = 0, shrinkage = 0 } = settingsOf(detector);
  const own = `The detector ${describeDetector(detector)}`;
  switch (detector.name) {
    case 'knn':
      if (k < smallestClass) return undefined;
      return `${own} looks at neighbour ${k}, but the smallest class it learns from has ${count(smallestClass)}, so that the neighbour is of another class: set k well below ${smallestClass}, or give more to learn from`;
    case 'nnguide':
      if (k < Math.ceil(bank * examples)) return undefined;
      return `${own} averages over ${k} neighbours, which is all that it compares with of ${count(examples)} (bank=${bank}): set k to less, or bank to more`;
    case 'openmax':
      if (tail < smallestClass) return undefined;
      return `${own} fits the ${tail} greatest distances of a class, but the smallest class it learns from has ${count(smallestClass)}: set tail well below ${smallestClass}, or give more to learn from`;
    case 'mahalanobis':
    case 'relative-mahalanobis':
      if (shrinkage > 0 || examples > width) return undefined;
      return `${own} divides by a covariance of ${width} features, but learns from ${count(examples)}, so that most directions count for nothing: set shrinkage above 0, or give more to learn from`;
    default:
      return undefined;
  }
}

function count(examples: number): string {
  return `${examples} ${examples === 1 ? 'example' : 'examples'}`;
}
