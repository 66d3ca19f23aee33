/** ONNX models as data: build, read, write, edit. Runs in Node and in the browser. */
export { dataTypeOf } from './data-types.ts';
export { bindDimensions, initializersToInputs, inputsOf, removeUnused, staticShape } from './edit.ts';
export type { ReadExternal } from './external-data.ts';
export {
  type Attribute,
  createModel,
  FloatAttribute,
  FloatsAttribute,
  float,
  Graph,
  type Model,
  type Node,
  type NodeOptions,
  OPSET,
} from './graph.ts';
export { type InlineOptions, inlineGraph } from './inline.ts';
export { withOwnWeights, withWeights } from './own-weights.ts';
export { readModel } from './read.ts';
export { readSafetensors, type SafeTensors, writeSafetensors } from './safetensors.ts';
export {
  type Dimension,
  type ElementType,
  float32,
  float64,
  int64,
  scalar,
  sizeOf,
  type TensorData,
  type TensorType,
  type TensorValues,
  zeros,
} from './tensor.ts';
export { canUpgrade, NEWEST_OPSET, OLDEST_OPSET, upgradeModel } from './upgrade/index.ts';
export { nodeOf } from './upgrade/rewrite.ts';
export { writeModel } from './write.ts';
