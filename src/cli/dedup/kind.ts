/** Whether a path holds images or texts. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { selectionAt } from '../../data/node/duplicates/selection-file.ts';
import { readError } from '../../data/node/formats/byte-reader.ts';
import { fileFormat } from '../../data/node/formats/detect.ts';
import { isLitter } from '../../data/node/formats/image-folder.ts';
import { OutlierExposureError } from '../../errors.ts';
import { archiveKind } from '../../files/archive-kind.ts';

export type SetKind = 'images' | 'texts';

const MAX_DEPTH = 6;
/** What lies beside sets. */
const BESIDES = /^(readme|licen[cs]e|sha256sums)|\.(md|html?|pdf|json|ya?ml|py)$/i;

/** What a file or folder holds; nothing for an archive, which is told when it is opened. */
export async function kindAt(path: string, depth = 0): Promise<SetKind | undefined> {
  const info = await stat(path).catch((error: unknown) => {
    throw readError(error, path);
  });
  if (!info.isDirectory()) return (await selectionAt(path))?.kind ?? kindOfFile(path);
  const entries = (await readdir(path, { withFileTypes: true })).filter(({ name }) => !isLitter(name));
  for (const { name } of entries.filter((entry) => entry.isFile() && !BESIDES.test(entry.name)))
    return kindOfFile(join(path, name));
  if (depth < MAX_DEPTH)
    for (const { name } of entries.filter((entry) => entry.isDirectory())) {
      const kind = await kindAt(join(path, name), depth + 1);
      if (kind) return kind;
    }
  return undefined;
}

async function kindOfFile(path: string): Promise<SetKind | undefined> {
  try {
    const format = await fileFormat(path);
    if (format !== 'archive') return 'images';
    return (await archiveKind(path)) === 'gz' ? 'texts' : undefined;
  } catch (error) {
    if (error instanceof OutlierExposureError && error.code === 'invalid-file') return 'texts';
    throw error;
  }
}
