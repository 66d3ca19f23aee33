/** Detectors that change the classifier before it is scored: its input, or what is dropped out of it. */
export { mcDropout, mcDropoutMutualInformation, withDropoutPasses } from './mc-dropout.ts';
export { odin, withInputStep } from './odin.ts';
