/** What each number means, in a sentence that is printed where the number is. */
import type { DetectionMetrics } from './detection-metrics.ts';

export interface MetricDefinition {
  /** The column's heading. */
  label: string;
  /** Which direction is an improvement. */
  better: 'lower' | 'higher';
  /** One sentence, plain text. */
  sentence: string;
}

/** Definitions by the names that `DetectionMetrics` has for the values. */
export const METRIC_DEFINITIONS: Readonly<
  Record<keyof Pick<DetectionMetrics, 'fpr' | 'auroc' | 'aupr' | 'auprIn' | 'detectionError'>, MetricDefinition>
> = {
  fpr: {
    label: 'FPRN',
    better: 'lower',
    sentence:
      'FPRN is the share of in-distribution examples wrongly flagged at the threshold that flags N % of the out-of-distribution examples.',
  },
  auroc: {
    label: 'AUROC',
    better: 'higher',
    sentence:
      'AUROC is the probability that an out-of-distribution example scores higher than an in-distribution one, with ties counting half; 50 % is chance.',
  },
  aupr: {
    label: 'AUPR',
    better: 'higher',
    sentence:
      'AUPR is the average precision with out-of-distribution examples as the positives; chance is their share of all examples.',
  },
  auprIn: {
    label: 'AUPR-In',
    better: 'higher',
    sentence:
      'AUPR-In is the average precision with in-distribution examples as the positives; chance is their share of all examples.',
  },
  detectionError: {
    label: 'Detection error',
    better: 'lower',
    sentence:
      'Detection error is the mean of the miss rate and the false positive rate at the best threshold; 50 % is chance.',
  },
};
