/** Models from .onnx files, with what lies beside them. Needs Node. */
export { type ModelFile, readModelFile } from './read-model-file.ts';
