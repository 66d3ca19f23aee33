/** PyTorch's file format since version 1.6: a zip file of a pickle and of the storages' bytes. */
import yauzl from 'yauzl';
import { OutlierExposureError } from '../../errors.ts';
import type { TensorData } from '../../onnx/index.ts';
import { readPickle } from '../pickle.ts';
import { stateDict } from '../state-dict.ts';
import { tensorReader } from '../tensor-view.ts';
import { torchHost } from '../torch-host.ts';

/** Far more than the storages of any network. */
const MAX_ENTRIES = 100_000;
/** How an entry says that its bytes stand in the file as they are. */
const STORED = 0;

/** Whether the bytes begin as a zip file does. */
export function isZip(bytes: Uint8Array): boolean {
  return [0x50, 0x4b, 0x03, 0x04].every((byte, i) => bytes[i] === byte);
}

/**
 * Reads the parameters of a PyTorch file; nothing in it is executed.
 *
 * @param name what to call the file in errors
 * @returns tensors by name, in the element types they were stored in (see `stateDict`)
 * @throws OutlierExposureError `invalid-file` when it is damaged, `unsupported` when it holds more than tensors
 */
export async function readTorchZip(
  bytes: Uint8Array<ArrayBuffer>,
  { name = 'the file' }: { name?: string } = {},
): Promise<Map<string, TensorData>> {
  const fail = (detail: string): never => {
    throw new OutlierExposureError(
      'invalid-file',
      `${name} is not a readable PyTorch file: ${detail}. Save or download it again.`,
    );
  };
  const entries = await entriesOf(bytes, fail);
  const pickle = [...entries.keys()].find((path) => /^[^/]+\/data\.pkl$/.test(path));
  if (pickle === undefined) return fail('it is a zip file without a data.pkl');
  const folder = pickle.slice(0, -'data.pkl'.length);
  if (entries.has(`${folder}constants.pkl`)) {
    throw new OutlierExposureError(
      'unsupported',
      `${name} is a TorchScript program: save the parameters alone, torch.save(model.state_dict(), path), or export it to ONNX.`,
    );
  }
  const stored = (path: string): Uint8Array | undefined => {
    const entry = entries.get(path);
    if (entry !== 'compressed') return entry;
    throw new OutlierExposureError(
      'unsupported',
      `${name} is a compressed zip file, which PyTorch does not write: unpack it and import what is inside.`,
    );
  };
  const order = stored(`${folder}byteorder`);
  if (order && new TextDecoder().decode(order).trim() === 'big') {
    throw new OutlierExposureError(
      'unsupported',
      `${name} was saved on a big-endian machine: load it with PyTorch and save it as safetensors.`,
    );
  }
  const { host } = torchHost(name);
  const { value } = readPickle(stored(pickle)!, { host, name });
  const reader = tensorReader({
    name,
    fileSize: bytes.length,
    bytesOf: ({ key }) => stored(`${folder}data/${key}`) ?? fail('the values of a tensor are missing'),
  });
  return stateDict(value, { name, reader });
}

/** The entries of a zip file, as views of it: PyTorch compresses no tensors. */
async function entriesOf(
  bytes: Uint8Array<ArrayBuffer>,
  fail: (detail: string) => never,
): Promise<Map<string, Uint8Array | 'compressed'>> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries = new Map<string, Uint8Array | 'compressed'>();
  try {
    const zip = await yauzl.fromBufferPromise(buffer, { lazyEntries: true });
    if (zip.entryCount > MAX_ENTRIES) return fail(`it has ${zip.entryCount} entries`);
    for await (const entry of zip.eachEntry()) {
      if (entry.compressionMethod !== STORED || entry.isEncrypted()) {
        entries.set(entry.fileName, 'compressed');
        continue;
      }
      const { fileDataStart } = await zip.readLocalFileHeaderPromise(entry, { minimal: true });
      entries.set(entry.fileName, bytes.subarray(fileDataStart, fileDataStart + entry.compressedSize));
    }
  } catch (error) {
    if (error instanceof OutlierExposureError) throw error;
    return fail(`its zip directory is damaged (${(error as Error).message})`);
  }
  return entries;
}
