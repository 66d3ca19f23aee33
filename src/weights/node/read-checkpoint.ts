/** Reads files of weights, whatever program saved them. Node only. */
import { OutlierExposureError } from '../../errors.ts';
import { readFileBounded } from '../../files/atomic.ts';
import { readSafetensors, type TensorData } from '../../onnx/index.ts';
import { cleanNames } from '../state-dict.ts';
import { isTorchLegacy, readTorchLegacy } from '../torch-legacy.ts';
import { isZip, readTorchZip } from './torch-zip.ts';

/**
 * Reads the weights in a file: safetensors, or a state_dict that PyTorch saved in either of its formats. Which, is told
 * by content, not by name. Nothing in the file is executed.
 *
 * A state_dict may lie under `state_dict`, `model` or the like; the prefix `module.` is dropped from names and
 * `num_batches_tracked` left out. Values keep the type they were stored in: `intoModel` makes them float32.
 *
 * @returns tensors by the names of parameters
 * @throws OutlierExposureError `not-found`, `io`; `invalid-file` when it is damaged or of another format; `unsupported` when it
 *   holds anything else than tensors, with its name
 */
export async function readCheckpoint(file: string): Promise<Map<string, TensorData>> {
  const bytes = await readFileBounded(file, { what: 'file of weights' });
  return parseCheckpoint(bytes, { name: file });
}

/** Like {@link readCheckpoint}, of bytes at hand. @param name what to call the file in errors */
export async function parseCheckpoint(
  bytes: Uint8Array<ArrayBuffer>,
  { name = 'the file' }: { name?: string } = {},
): Promise<Map<string, TensorData>> {
  if (isTorchLegacy(bytes)) return readTorchLegacy(bytes, { name });
  if (isZip(bytes)) return readTorchZip(bytes, { name });
  // A safetensors file begins with the length of its header, which begins with a brace.
  if (bytes[8] === 0x7b) {
    return cleanNames(new Map(Object.entries(readSafetensors(bytes, { name }).tensors)));
  }
  throw new OutlierExposureError(
    'invalid-file',
    `${name} is not a file of weights that can be read: expected safetensors, or a state_dict saved by PyTorch (.pt, .pth). ` +
      'Load it in the program that wrote it, and save its weights as safetensors.',
  );
}
