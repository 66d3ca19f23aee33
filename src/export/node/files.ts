/** Files that a page is made of, before they are written or served. Node only. */
import { mkdir, readdir } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { OutlierExposureError } from '../../errors.ts';
import { ensureWritableFolder, readFileBounded, writeFileAtomic } from '../../files/atomic.ts';

/** A file: its bytes, and its media type for servers. */
export interface PageFile {
  body: Uint8Array<ArrayBuffer>;
  type: string;
}

/** By path, with slashes, relative to the page's folder. */
export type PageFiles = Map<string, PageFile>;

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};

export function pageFile(path: string, body: Uint8Array | string): PageFile {
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : new Uint8Array(body);
  return { body: bytes, type: TYPES[extname(path)] ?? 'application/octet-stream' };
}

/** All files of a folder and those in it. */
export async function filesIn(folder: string): Promise<PageFiles> {
  const found: PageFiles = new Map();
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const at = join(entry.parentPath, entry.name);
    const path = at.slice(folder.length + 1).replaceAll('\\', '/');
    found.set(path, pageFile(path, await readFileBounded(at, { what: 'file of the page' })));
  }
  return found;
}

/**
 * Writes a page into a folder, the file that starts it last.
 *
 * @returns how many bytes that were
 * @throws OutlierExposureError `invalid-argument` for a path that leads out of the folder, `io` where nothing can be written
 */
export async function writePage(folder: string, files: PageFiles): Promise<number> {
  await ensureWritableFolder(folder);
  let bytes = 0;
  const paths = [...files.keys()].sort((a, b) => Number(a === 'index.html') - Number(b === 'index.html'));
  for (const path of paths) {
    if (path.split('/').some((part) => part === '' || part === '.' || part === '..')) {
      throw new OutlierExposureError('invalid-argument', `A page cannot have a file called "${path}".`);
    }
    const { body } = files.get(path)!;
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFileAtomic(join(folder, path), body);
    bytes += body.length;
  }
  return bytes;
}
