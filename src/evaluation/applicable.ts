/** Which detectors a classifier can have. */
import { partsOf } from '../classifier/index.ts';
import { type Detector, detectors, findDetector, rectifiers } from '../detectors/index.ts';
import type { Model } from '../onnx/index.ts';

export interface SkippedDetector {
  detector: string;
  /** Why, as the rest of a sentence that begins with its name. */
  reason: string;
}

export interface ApplicableOptions {
  /** Whether there are examples to learn from. */
  fits: boolean;
  /** What the models take. */
  examples: 'images' | 'texts';
  /** The name of the value to take for features; default: the input of the last linear layer. */
  features?: string | undefined;
}

/** All detectors, and all rectifiers with the score of their papers, but for those that one of the models cannot have. */
export function applicableDetectors(
  models: readonly Model[],
  { fits, examples, features }: ApplicableOptions,
): { detectors: Detector[]; skipped: SkippedDetector[] } {
  const parts = models.map((model) => partsOf(model, { features }));
  const applicable: Detector[] = [];
  const skipped: SkippedDetector[] = [];
  for (const detector of [...detectors, ...rectifiers.map(({ name }) => findDetector(name))]) {
    const missing = detector.needs.find((need) => need !== 'logits' && parts.some((each) => !each[need]));
    const reason = missing
      ? `needs ${missing}, which ${models.length > 1 ? 'one of the models' : 'the model'} does not have`
      : detector.fit && !fits
        ? 'learns from in-distribution training data, and there is none'
        : detector.rewrite && examples === 'texts'
          ? 'changes models of images, and these are of texts'
          : undefined;
    if (reason) skipped.push({ detector: detector.name, reason });
    else applicable.push(detector);
  }
  return { detectors: applicable, skipped };
}
