/** Objectives by name, as the command line, configuration files and experiments ask for them. */
import { confidenceBranch } from './confidence-branch.ts';
import { crossEntropy } from './cross-entropy.ts';
import { energyBounded } from './energy-bounded.ts';
import type { Objective } from './objective.ts';
import { outlierExposure } from './outlier-exposure.ts';
import { rejectClass } from './reject-class.ts';

/** Those that look at outliers, or can. */
export const OBJECTIVES = ['outlier-exposure', 'confidence-branch', 'energy', 'reject-class'] as const;
export type ObjectiveName = (typeof OBJECTIVES)[number];

/** What an objective is set by; where one is left out, its own default holds. */
export interface ObjectiveSettings {
  /** The weight of the outliers' term. */
  lambda?: number | undefined;
  /** Of the confidence branch: β. */
  confidenceBudget?: number | undefined;
  /** Of the confidence branch: where the outliers' term ends. */
  leastConfidence?: number | undefined;
  /** Of the confidence branch: the weight of E_in[−log b] in the first step. */
  branchStart?: number | undefined;
  /** Of energy: m_in. */
  inMargin?: number | undefined;
  /** Of energy: m_out. */
  outMargin?: number | undefined;
}

/**
 * The objective of a name, with outliers or without.
 *
 * Without outliers, Outlier Exposure is the cross-entropy alone, and a confidence branch is trained as its authors train it;
 * the others need outliers, and say so when training begins.
 */
export function objectiveNamed(
  name: ObjectiveName,
  settings: ObjectiveSettings = {},
  exposure: 'with outliers' | 'without outliers' = 'with outliers',
): Objective {
  const { lambda, confidenceBudget: budget, leastConfidence, branchStart, inMargin, outMargin } = settings;
  const exposed = exposure === 'with outliers';
  switch (name) {
    case 'outlier-exposure':
      return exposed ? outlierExposure(given({ lambda })) : crossEntropy();
    case 'confidence-branch':
      return confidenceBranch(
        given({ lambda: exposed ? lambda : 0, budget, leastConfidence, start: branchStart }),
      );
    case 'energy':
      return energyBounded(given({ weight: lambda, inMargin, outMargin }));
    case 'reject-class':
      return rejectClass(given({ lambda }));
  }
}

/** The options that have a value. */
function given<Options extends Record<string, number | undefined>>(
  options: Options,
): { [Name in keyof Options]?: number } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as {
    [Name in keyof Options]?: number;
  };
}
