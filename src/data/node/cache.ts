/**
 * Images that take long to make, kept in a file. What is in the way (a folder that cannot be written, a damaged
 * file) costs time, never correctness: the images are made again. Node only.
 */
import { createHash } from 'node:crypto';
import { lstat, mkdir } from 'node:fs/promises';
import { homedir, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { readFileBounded, writeFileAtomic } from '../../files/atomic.ts';
import type { ImageShape } from '../source.ts';

export interface ImageBytes {
  /** Channels first, one image after the other. */
  pixels: Uint8Array;
  shape: ImageShape;
  /** One byte an image. */
  labels?: Uint8Array;
}

export interface CachedImageBytes extends ImageBytes {
  /** Of the pixels and the labels, as hexadecimal digits. */
  sha256: string;
}

const MAGIC = 'outlier-exposure images 1';
/** More than any set that is cached: a larger file is not ours. */
const MAX_BYTES = 2 ** 29;
const MAX_HEADER = 4096;

/** What is being made or read, so that two who ask at the same time share one set. */
const pending = new Map<string, Promise<CachedImageBytes>>();

/**
 * The images of a recipe: read from the cache, or made and put there.
 *
 * @param name what the set is called, in the file's name
 * @param recipe everything that the pixels depend on: sources with their versions, sizes, seeds
 */
export function cachedImages(
  name: string,
  recipe: string,
  make: () => Promise<ImageBytes>,
): Promise<CachedImageBytes> {
  const file = `${name}-${createHash('sha256').update(recipe).digest('hex').slice(0, 16)}.images`;
  const key = [...cacheFolders(), file].join('\n');
  const known = pending.get(key);
  if (known) return known;
  const loading = load(file, recipe, make).finally(() => pending.delete(key));
  pending.set(key, loading);
  return loading;
}

/**
 * Where cached files go, the first choice first: the folder named by the environment variable OE_CACHE, else
 * `outlier-exposure` in XDG_CACHE_HOME or `~/.cache`; and a folder of the user's among the temporary ones.
 */
export function cacheFolders(): [preferred: string, fallback: string] {
  const { OE_CACHE, XDG_CACHE_HOME } = process.env;
  const preferred = OE_CACHE || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'outlier-exposure');
  return [preferred, join(tmpdir(), `outlier-exposure-${userInfo().username.replace(/\W/g, '_')}`)];
}

async function load(
  file: string,
  recipe: string,
  make: () => Promise<ImageBytes>,
): Promise<CachedImageBytes> {
  const [preferred, fallback] = cacheFolders();
  for (const folder of [preferred, fallback]) {
    if (folder === fallback && !(await isOurs(folder))) continue;
    const cached = await read(join(folder, file), recipe);
    if (cached) return cached;
  }
  const made = await make();
  const images = { ...made, sha256: checksum(made) };
  for (const folder of [preferred, fallback]) {
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      if (folder === fallback && !(await isOurs(folder))) break;
      await writeFileAtomic(join(folder, file), encode(images, recipe));
      break;
    } catch {
      // Without a cache the next run takes as long as this one.
    }
  }
  return images;
}

/** Others may write among the temporary files: only a folder that is the user's alone is trusted. */
async function isOurs(folder: string): Promise<boolean> {
  try {
    const info = await lstat(folder);
    // Windows has neither, and a temporary folder for each user.
    if (process.getuid && (info.uid !== process.getuid() || (info.mode & 0o022) !== 0)) return false;
    return info.isDirectory();
  } catch {
    return false;
  }
}

function encode(images: CachedImageBytes, recipe: string): Buffer {
  const { pixels, shape, labels, sha256 } = images;
  const header = JSON.stringify({ format: MAGIC, recipe, sha256, shape, labelled: labels !== undefined });
  return Buffer.concat([Buffer.from(`${header}\n`), pixels, labels ?? new Uint8Array()]);
}

/** The images in a file, or nothing when there are none, or others, or damaged ones. */
async function read(path: string, recipe: string): Promise<CachedImageBytes | undefined> {
  try {
    const bytes = await readFileBounded(path, { what: 'cache file', maxBytes: MAX_BYTES });
    const headerEnd = bytes.subarray(0, MAX_HEADER).indexOf(0x0a);
    const header = JSON.parse(Buffer.from(bytes.subarray(0, headerEnd)).toString()) as Record<
      string,
      unknown
    >;
    if (header.format !== MAGIC || header.recipe !== recipe || !isShape(header.shape)) return undefined;
    const body = bytes.subarray(headerEnd + 1);
    const imageSize = header.shape.reduce((product, side) => product * side, 1);
    const count = body.length / (imageSize + (header.labelled ? 1 : 0));
    if (!Number.isInteger(count) || count === 0) return undefined;
    const images: ImageBytes = { pixels: body.subarray(0, count * imageSize), shape: header.shape };
    if (header.labelled) images.labels = body.subarray(count * imageSize);
    const sha256 = checksum(images);
    return sha256 === header.sha256 ? { ...images, sha256 } : undefined;
  } catch {
    return undefined;
  }
}

function isShape(value: unknown): value is ImageShape {
  return (
    Array.isArray(value) && value.length === 3 && value.every((side) => Number.isInteger(side) && side > 0)
  );
}

function checksum({ pixels, labels }: ImageBytes): string {
  const hash = createHash('sha256').update(pixels);
  return (labels ? hash.update(labels) : hash).digest('hex');
}
