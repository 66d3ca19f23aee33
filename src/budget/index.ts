/** Outlier Exposure within a budget of accuracy. Runs in Node and in the browser. */
export { madeOutliers } from './held-out.ts';
export { interpolateModels } from './interpolate.ts';
export type {
  BudgetOptions,
  BudgetPoint,
  BudgetProgress,
  BudgetResult,
  BudgetSettings,
  TradeOff,
} from './options.ts';
export { tuneWithinBudget } from './tune-within-budget.ts';
