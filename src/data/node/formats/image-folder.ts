/** Folders of images, a folder a class or all in one. Node only. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { OutlierExposureError } from '../../../errors.ts';
import type { ImageSource } from '../../source.ts';
import { readError } from './byte-reader.ts';
import { encodedSource } from './encoded.ts';
import { fileFingerprint, filesFingerprint } from './fingerprint.ts';
import type { FormatOptions } from './options.ts';

const IMAGE = /\.(png|jpe?g|webp|gif|tiff?|avif)$/i;
/** Folders within folders; links may lead in circles. */
const MAX_DEPTH = 8;

/** Whether a file's name is that of an image. */
export function isImageName(name: string): boolean {
  return IMAGE.test(name) && !name.startsWith('.');
}

/** What systems leave in folders and archives. */
export function isLitter(name: string): boolean {
  return name.startsWith('.') || name === '__MACOSX' || name === 'Thumbs.db' || name === 'desktop.ini';
}

/**
 * The images of a folder, in the order of their names. When they lie in folders of it, these are the classes, sorted
 * by name; their own folders do not matter.
 */
export async function openImageFolder(folder: string, options: FormatOptions): Promise<ImageSource> {
  const files = await imagesIn(folder);
  if (files.length === 0) {
    throw new OutlierExposureError(
      'invalid-file',
      `${folder} holds no images: files of arrays (.npy, .npz, .mat, .parquet, IDX, CIFAR's .bin) or pictures (png, jpg, webp, gif, tif, avif) were expected.`,
    );
  }
  const paths = files.map((file) => join(folder, file));
  const fingerprint = await filesFingerprint(paths, { ...options, names: files });
  return encodedSource({
    ...options,
    count: paths.length,
    nameOf: (index) => paths[index]!,
    load: async (index) => paths[index]!,
    ...classesOf(files),
    fingerprint,
  });
}

/** One picture, as a set of one. */
export async function openImageFile(path: string, options: FormatOptions): Promise<ImageSource> {
  const fingerprint = await fileFingerprint(path, options);
  return encodedSource({ ...options, count: 1, nameOf: () => path, load: async () => path, fingerprint });
}

/** Labels when every image lies in a folder, and these are two or more. */
function classesOf(files: readonly string[]): { labels?: Int32Array; classNames?: string[] } {
  const folders = files.map((file) => (file.includes('/') ? file.slice(0, file.indexOf('/')) : undefined));
  const classNames = [...new Set(folders)].filter((name) => name !== undefined).sort();
  if (classNames.length < 2 || folders.includes(undefined)) return {};
  const numbers = new Map(classNames.map((name, i) => [name, i]));
  return { labels: Int32Array.from(folders, (name) => numbers.get(name!)!), classNames };
}

/** The paths of all images below a folder, parts joined by `/`, sorted. */
async function imagesIn(folder: string): Promise<string[]> {
  const files: string[] = [];
  const visit = async (below: string, depth: number): Promise<void> => {
    const entries = await readdir(join(folder, below), { withFileTypes: true }).catch((error: unknown) => {
      throw readError(error, join(folder, below));
    });
    for (const entry of entries) {
      if (isLitter(entry.name)) continue;
      const path = below === '' ? entry.name : `${below}/${entry.name}`;
      const linked = entry.isSymbolicLink() ? await stat(join(folder, path)).catch(() => undefined) : entry;
      if (linked?.isDirectory() && depth < MAX_DEPTH) await visit(path, depth + 1);
      else if (linked?.isFile() && isImageName(entry.name)) files.push(path);
    }
  };
  await visit('', 0);
  return files.sort();
}
