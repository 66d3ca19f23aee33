/** Running models. The interface is the same everywhere; `nodeRuntime` needs Node. */
export { type Abilities, abilitiesOf, LEAST_ABILITIES } from './abilities.ts';
export { inferTypes } from './infer.ts';
export { localRuntime, type OnnxRuntime } from './local.ts';
export { type NodeRuntimeOptions, nodeRuntime } from './node.ts';
export type { Loop, LoopVariable, Runtime, Session, SessionOptions, StepResult, Tensors } from './runtime.ts';
