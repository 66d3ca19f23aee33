/** Running models, in a browser: the same as `index.ts`, with `webRuntime` in place of `nodeRuntime`. */
export { type Abilities, abilitiesOf, LEAST_ABILITIES } from './abilities.ts';
export { inferTypes } from './infer.ts';
export { localRuntime, type OnnxRuntime } from './local.ts';
export type { Loop, LoopVariable, Runtime, Session, SessionOptions, StepResult, Tensors } from './runtime.ts';
export { type WebRuntime, type WebRuntimeOptions, webRuntime } from './web.ts';
export type { WasmPaths, WebDevice } from './web-local.ts';
