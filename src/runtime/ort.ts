/** Between our tensors and errors and those of ONNX Runtime's JavaScript API. */
import type * as ort from 'onnxruntime-common';
import { OutlierExposureError } from '../errors.ts';
import type { ElementType, TensorData } from '../onnx/index.ts';
import type { Tensors } from './runtime.ts';

export interface OnnxRuntime {
  InferenceSession: ort.InferenceSessionFactory;
  Tensor: typeof ort.Tensor;
}

/** Fatal ones alone: errors are thrown, and logging them too would only add noise. */
export const QUIET = { logSeverityLevel: 4 } as const;

export function toOrt(runtime: OnnxRuntime, tensors: Tensors): Record<string, ort.Tensor> {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => [name, toOrtTensor(runtime, tensor)]),
  );
}

export function toOrtTensor(runtime: OnnxRuntime, { elementType, data, shape }: TensorData): ort.Tensor {
  return new runtime.Tensor(elementType as 'float32', data as Float32Array, shape);
}

export function fromOrt(tensors: { readonly [name: string]: ort.OnnxValue }): Tensors {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => [
      name,
      {
        elementType: tensor.type as ElementType,
        shape: tensor.dims,
        data: tensor.data as TensorData['data'],
      },
    ]),
  );
}

export async function attempt<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw refused('run the model', error);
  }
}

export function refused(what: string, error: unknown): OutlierExposureError {
  const detail = error instanceof Error ? error.message : String(error);
  return new OutlierExposureError('unsupported', `ONNX Runtime could not ${what}: ${detail}`, {
    cause: error,
  });
}
