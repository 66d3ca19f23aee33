/** Reverse-mode differentiation of ONNX graphs. Runs in Node and in the browser. */
export { type DifferentiateOptions, differentiate } from './differentiate.ts';
export { type GradientRule, RuleContext } from './rule.ts';
export { gradientRules } from './rules/index.ts';
