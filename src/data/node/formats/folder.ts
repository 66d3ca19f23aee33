/** Sets in folders: which files of it hold the images. Node only. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { OutlierExposureError } from '../../../errors.ts';
import type { ImageSource } from '../../source.ts';
import { readError } from './byte-reader.ts';
import { isCifarFolder, openCifarFolder } from './cifar.ts';
import { IDX_IMAGES, openIdx } from './idx.ts';
import { isImageName, isLitter, openImageFolder } from './image-folder.ts';
import { openMat } from './mat.ts';
import { openNpy } from './npy.ts';
import { openNpz } from './npz.ts';
import type { FormatOptions } from './options.ts';
import { openParquet } from './parquet.ts';
import { ofSplit, splitNamed, splitOf } from './splits.ts';
import { openTinyImages } from './tiny-images.ts';

/** Folders that hold nothing but a folder, as archives have them. */
const MAX_DEPTH = 6;

/** Files that hold a set each; of several in a folder, the split tells which is meant. */
const SET_FILES: [name: RegExp, open: (path: string, options: FormatOptions) => Promise<ImageSource>][] = [
  [IDX_IMAGES, openIdx],
  [/\.mat$/i, openMat],
  [/(?<!labels?|targets|[-_]y)\.npy$/i, openNpy],
  [/\.npz$/i, openNpz],
  [/^tiny_?images\.bin$/i, openTinyImages],
];

interface Listing {
  files: string[];
  folders: string[];
}

/**
 * A folder's set: CIFAR's binary files, Parquet files, one file of another format (or one a split), or images in
 * folders a class, perhaps in folders a split.
 *
 * @throws OutlierExposureError `invalid-argument` when it holds several sets and no split tells which, `not-found`
 *   for a split that it lacks, `invalid-file` when there are no images
 */
export async function openFolder(folder: string, options: FormatOptions, depth = 0): Promise<ImageSource> {
  const { files, folders } = await list(folder);
  const wanted = options.split;
  if (isCifarFolder(files)) return openCifarFolder(folder, files, options);
  if (files.includes('data_batch_1') || (files.includes('train') && files.includes('meta'))) {
    throw new OutlierExposureError(
      'unsupported',
      `${folder} holds CIFAR's Python version, whose pickles can run any program when they are read: fetch the binary version.`,
    );
  }
  const parquet = await parquetParts(folder, { files, folders });
  if (parquet.length > 0) {
    const parts = ofSplit(parquet, { wanted, name: folder });
    return openParquet(
      parts.map(({ path }) => path),
      options,
    );
  }
  for (const [name, open] of SET_FILES) {
    const found = files.filter((file) => name.test(file)).map((file) => ({ file, split: splitOf(file) }));
    if (found.length === 0) continue;
    const chosen = found.length === 1 ? found : ofSplit(found, { wanted, name: folder });
    if (chosen.length > 1) {
      throw new OutlierExposureError(
        'invalid-argument',
        `${folder} holds several sets: ${chosen.map(({ file }) => file).join(', ')}; give the path of one file.`,
      );
    }
    return open(join(folder, chosen[0]!.file), options);
  }
  const pictures = files.some(isImageName);
  const splits = folders.map((name) => ({ name, split: splitNamed(name) }));
  if (!pictures && folders.length > 0 && splits.every(({ split }) => split !== undefined)) {
    const [chosen] = ofSplit(splits, { wanted, name: folder });
    return openFolder(join(folder, chosen!.name), { ...options, split: chosen!.split! }, depth + 1);
  }
  if (!pictures && folders.length === 1 && depth < MAX_DEPTH)
    return openFolder(join(folder, folders[0]!), options, depth + 1);
  return openImageFolder(folder, options);
}

async function list(folder: string): Promise<Listing> {
  try {
    const listing: Listing = { files: [], folders: [] };
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      if (isLitter(entry.name)) continue;
      const linked = entry.isSymbolicLink()
        ? await stat(join(folder, entry.name)).catch(() => undefined)
        : entry;
      if (linked?.isDirectory()) listing.folders.push(entry.name);
      else if (linked?.isFile()) listing.files.push(entry.name);
    }
    listing.files.sort();
    listing.folders.sort();
    return listing;
  } catch (error) {
    throw readError(error, folder);
  }
}

/** Parquet files here, in `data/`, or in folders a split; with the splits that their names tell. */
async function parquetParts(
  folder: string,
  { files, folders }: Listing,
): Promise<{ path: string; split: string | undefined }[]> {
  const isPart = (file: string) => /\.parquet$/i.test(file);
  const parts = files.filter(isPart).map((file) => ({ path: join(folder, file), split: splitOf(file) }));
  if (files.some((file) => isImageName(file))) return parts;
  for (const name of folders.filter((below) => below === 'data' || splitNamed(below))) {
    const below = await list(join(folder, name));
    for (const file of below.files.filter(isPart))
      parts.push({ path: join(folder, name, file), split: splitNamed(name) ?? splitOf(file) });
  }
  return parts;
}
