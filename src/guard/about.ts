/** What a guard, in code or behind a server, says of itself. */
import type { ImageShape } from '../data/index.ts';
import type { Rate, ThresholdFile } from '../thresholds/index.ts';
import type { GuardedModel } from './guarded-model.ts';

/** What a guard is made of. */
export interface GuardAbout {
  takes: 'images' | 'texts';
  /** Channels, height, width; undefined for texts, and where any size is taken. */
  shape?: ImageShape;
  classNames?: readonly string[];
  /** The detector's name. */
  detector: string;
  threshold: number;
  /** The share of in-distribution examples that are flagged, as it was calibrated. */
  falseAlarms: Rate;
}

/** @param shape what images are brought to */
export function aboutGuard(
  { detector, threshold, fpr }: ThresholdFile,
  { tokenizer, classNames }: Pick<GuardedModel, 'tokenizer' | 'classNames'>,
  shape: ImageShape | undefined,
): GuardAbout {
  return {
    takes: tokenizer ? 'texts' : 'images',
    ...(shape && { shape }),
    ...(classNames && { classNames }),
    detector: detector.name,
    threshold,
    falseAlarms: fpr,
  };
}
