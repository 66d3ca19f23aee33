/** One file or folder of images, by the reader of its format. Node only. */
import { stat } from 'node:fs/promises';
import type { ImageSource } from '../../source.ts';
import { unpackedArchive } from './archive.ts';
import { readError } from './byte-reader.ts';
import { openCifarFile } from './cifar.ts';
import { type FileFormat, fileFormat } from './detect.ts';
import { openFolder } from './folder.ts';
import { openIdx } from './idx.ts';
import { openImageFile } from './image-folder.ts';
import { openMat } from './mat.ts';
import { openNpy } from './npy.ts';
import { openNpz } from './npz.ts';
import type { FormatOptions } from './options.ts';
import { openParquet } from './parquet.ts';
import { openTinyImages } from './tiny-images.ts';

const READERS: Record<FileFormat, (path: string, options: FormatOptions) => Promise<ImageSource>> = {
  npy: openNpy,
  npz: openNpz,
  idx: openIdx,
  mat: openMat,
  parquet: (path, options) => openParquet([path], options),
  cifar: openCifarFile,
  'tiny-images': openTinyImages,
  picture: openImageFile,
  archive: async (path, options) => openFolder(await unpackedArchive(path, options), options),
};

/** The images of one file, archive or folder. */
export async function openPath(path: string, options: FormatOptions): Promise<ImageSource> {
  const info = await stat(path).catch((error: unknown) => {
    throw readError(error, path);
  });
  return info.isDirectory() ? openFolder(path, options) : READERS[await fileFormat(path)](path, options);
}
