/** What a file is, told by its content, and by its name where the content can be anything. Node only. */
import { basename, extname } from 'node:path';
import { OutlierExposureError } from '../../../errors.ts';
import { archiveKind, gunzipped } from '../../../files/archive-kind.ts';
import { IDX_HEADER_BYTES, parseIdxHeader } from '../../idx.ts';
import { type ByteReader, fileReader } from './byte-reader.ts';
import { isCifarFile } from './cifar.ts';
import { IDX_IMAGES } from './idx.ts';
import { isImageName } from './image-folder.ts';
import { chunksOf } from './inflate.ts';
import { TINY_IMAGE_BYTES } from './tiny-images.ts';

export type FileFormat =
  | 'npy'
  | 'npz'
  | 'idx'
  | 'mat'
  | 'parquet'
  | 'cifar'
  | 'tiny-images'
  | 'picture'
  | 'archive';

/** Formats that are known, but not read: what to do instead. */
const REFUSED: [magics: string[], what: string, instead: string][] = [
  [['\x89HDF'], 'an HDF5 file', 'save its images as .npy, or a MAT-file with "-v7"'],
  [
    ['\x80\x02', '\x80\x03', '\x80\x04', '\x80\x05'],
    "Python's pickle, which can run any program when it is read",
    'save its images as .npy',
  ],
  [['ARROW1'], 'an Arrow file', 'save it as Parquet'],
  [['BM'], 'a BMP picture', 'convert it to PNG'],
  [
    ['BZh', '\xfd7zXZ', '7z\xbc\xaf', 'Rar!', '\x28\xb5\x2f\xfd'],
    'an archive of a kind that is not unpacked',
    'unpack it and give the folder',
  ],
];

/**
 * The format of a file of images.
 *
 * @throws OutlierExposureError `unsupported` for other known formats, `invalid-file` when it is none
 */
export async function fileFormat(path: string): Promise<FileFormat> {
  const bytes = await fileReader(path);
  try {
    return await formatOf(bytes, path);
  } finally {
    await bytes.close();
  }
}

async function formatOf(bytes: ByteReader, path: string): Promise<FileFormat> {
  const front = await bytes.read(0, Math.min(512, bytes.size));
  const text = Buffer.from(front).toString('latin1');
  const extension = extname(path).toLowerCase();
  if (text.startsWith('\x93NUMPY')) return 'npy';
  if (text.startsWith('PK\x03\x04')) return extension === '.npz' ? 'npz' : 'archive';
  if (text.startsWith('PAR1')) return 'parquet';
  if (text.startsWith('MATLAB ')) return 'mat';
  if (text.startsWith('\x1f\x8b')) return IDX_IMAGES.test(basename(path)) ? 'idx' : gzipFormat(path);
  for (const [magics, what, instead] of REFUSED) {
    if (magics.some((magic) => text.startsWith(magic)))
      throw new OutlierExposureError('unsupported', `${path} is ${what}, and is not read: ${instead}.`);
  }
  if (isIdx(front, bytes.size) || IDX_IMAGES.test(basename(path))) return 'idx';
  if (text.slice(257, 262) === 'ustar' || extension === '.tar') return 'archive';
  if (isImageName(basename(path))) return 'picture';
  if (extension === '.bin') {
    if (await isCifarFile(path)) return 'cifar';
    if (bytes.size > 0 && bytes.size % TINY_IMAGE_BYTES === 0) return 'tiny-images';
    throw new OutlierExposureError(
      'invalid-file',
      `${path} has ${bytes.size} bytes, which is neither a number of CIFAR's records (3073 or 3074 bytes, labels in front) nor of Tiny Images' (3072 bytes): it is another file, or cut off.`,
    );
  }
  throw new OutlierExposureError(
    'invalid-file',
    `${path} is no file of images that is known: .npy, .npz, IDX, .mat, .parquet, CIFAR's and Tiny Images' .bin, pictures (png, jpg, webp, gif, tif, avif), and .zip, .tar and .tar.gz of these are.`,
  );
}

/** Whether a header of IDX promises exactly what follows. */
function isIdx(front: Uint8Array, size: number): boolean {
  try {
    parseIdxHeader(front.subarray(0, IDX_HEADER_BYTES), { size });
    return true;
  } catch {
    return false;
  }
}

/** One file compressed by gzip is IDX when it begins so. */
async function gzipFormat(path: string): Promise<FileFormat> {
  if ((await archiveKind(path)) !== 'gz') return 'archive';
  for await (const chunk of chunksOf(gunzipped(path), path))
    return chunk[0] === 0 && chunk[1] === 0 && chunk[2] === 8 ? 'idx' : 'archive';
  throw new OutlierExposureError('invalid-file', `${path} is empty once it is unpacked: fetch it again.`);
}
