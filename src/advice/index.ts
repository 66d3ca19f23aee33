/** Advice on which outliers to train with. Runs in Node and in the browser. */
export { advise } from './advise.ts';
export type {
  Advice,
  AdviceProgress,
  AdviseOptions,
  CandidateAdvice,
  LearningCurve,
  Trial,
  TrialSettings,
} from './options.ts';
export { bootstrapInterval, spearman } from './ranking.ts';
export { scoreCandidates } from './score.ts';
export { twoSampleAuroc } from './two-sample.ts';
export { heldOutParts } from './validation.ts';
