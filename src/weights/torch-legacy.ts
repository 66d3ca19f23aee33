/** PyTorch's file format before version 1.6: pickles one after the other, then the storages' bytes. */
import { OutlierExposureError } from '../errors.ts';
import type { TensorData } from '../onnx/index.ts';
import { bytesPerElement } from '../onnx/tensor.ts';
import { type PickleHost, type PickleValue, readPickle } from './pickle.ts';
import { stateDict } from './state-dict.ts';
import { tensorReader } from './tensor-view.ts';
import { torchHost } from './torch-host.ts';

const MAGIC = 0x1950a86a20f9469cfc6cn;
const PROTOCOL = 1001;
/** How a pickle of {@link MAGIC} begins: protocol 2, a number of ten bytes. */
const BEGINNING = [0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];

/** Whether the bytes begin as a file of the legacy format does. */
export function isTorchLegacy(bytes: Uint8Array): boolean {
  return BEGINNING.every((byte, i) => bytes[i] === byte);
}

/**
 * Reads the parameters of a legacy PyTorch file; nothing in it is executed.
 *
 * @param name what to call the file in errors
 * @returns tensors by name, in the element types they were stored in (see `stateDict`)
 * @throws OutlierExposureError `invalid-file` when it is damaged, `unsupported` when it holds more than tensors
 */
export function readTorchLegacy(
  bytes: Uint8Array,
  { name = 'the file' }: { name?: string } = {},
): Map<string, TensorData> {
  const fail = (detail: string): never => {
    throw new OutlierExposureError(
      'invalid-file',
      `${name} is not a readable PyTorch file: ${detail}. Save or download it again.`,
    );
  };
  let at = 0;
  const next = (host: PickleHost): PickleValue => {
    const { value, end } = readPickle(bytes, { start: at, host, name });
    at = end;
    return value;
  };
  const { host, storages } = torchHost(name);
  if (next(host) !== MAGIC) fail('it does not begin with the number of the format');
  if (next(host) !== PROTOCOL) fail('its version is not known');
  const system = next(host);
  if (system instanceof Map && system.get('little_endian') === false) {
    throw new OutlierExposureError(
      'unsupported',
      `${name} was saved on a big-endian machine: load it with PyTorch and save it as safetensors.`,
    );
  }
  const saved = next(host);
  const keys = next(host);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const places = new Map<string, Uint8Array>();
  for (const key of Array.isArray(keys) ? keys : fail('its list of storages is missing')) {
    const storage = typeof key === 'string' ? storages.get(key) : undefined;
    if (!storage) return fail('it lists a storage that no tensor has');
    if (bytes.length - at < 8) return fail('it ends early');
    const length = view.getBigInt64(at, true);
    const size = storage.length * bytesPerElement(storage.elementType);
    at += 8;
    if (length !== BigInt(storage.length)) return fail('a storage has another length than its tensors say');
    if (size > bytes.length - at) return fail('it ends early');
    places.set(storage.key, bytes.subarray(at, at + size));
    at += size;
  }
  const reader = tensorReader({
    name,
    fileSize: bytes.length,
    bytesOf: ({ key }) => places.get(key) ?? fail('the values of a tensor are missing'),
  });
  return stateDict(saved, { name, reader });
}
