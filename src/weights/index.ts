/** Weights from other programs, into our networks. Runs in Node and in the browser. */
export { toFloat32 } from './convert.ts';
export { intoModel } from './into-model.ts';
export { networkFromWeights } from './network.ts';
export { readTorchLegacy } from './torch-legacy.ts';
