/** All gradient rules, by op name. */
import type { GradientRule } from '../rule.ts';
import { activationRules } from './activation.ts';
import { arithmeticRules } from './arithmetic.ts';
import { convTransposeRules } from './conv-transpose.ts';
import { convolutionRules } from './convolution.ts';
import { furtherActivationRules } from './further-activation.ts';
import { groupNormalizationRules } from './group-normalization.ts';
import { normalizationRules } from './normalization.ts';
import { poolingRules } from './pooling.ts';
import { productRules } from './product.ts';
import { rearrangementRules } from './rearrangement.ts';
import { recurrentRules } from './recurrent.ts';
import { reductionRules } from './reduction.ts';
import { resizeRules } from './resize.ts';
import { selectionRules } from './selection.ts';
import { shapeRules } from './shape.ts';

/** The built-in rules; pass your own to `differentiate` to add to them or replace them. */
export const gradientRules: Readonly<Record<string, GradientRule>> = {
  ...arithmeticRules,
  ...activationRules,
  ...furtherActivationRules,
  ...productRules,
  ...convolutionRules,
  ...convTransposeRules,
  ...poolingRules,
  ...normalizationRules,
  ...groupNormalizationRules,
  ...recurrentRules,
  ...reductionRules,
  ...shapeRules,
  ...selectionRules,
  ...rearrangementRules,
  ...resizeRules,
};
