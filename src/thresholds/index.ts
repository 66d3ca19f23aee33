/** Thresholds: from scores to decisions, with what is to be expected of them. Runs in Node and in the browser. */
export {
  type ChosenThreshold,
  chooseThreshold,
  flaggedShare,
  isOutlier,
  type Rule,
  type ThresholdOptions,
} from './choose.ts';
export { readThreshold, type ThresholdFile, thresholdDetector, writeThreshold } from './file.ts';
export { quantileRanks, type Rate, shareOf } from './intervals.ts';
