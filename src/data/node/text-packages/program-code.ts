/** Lines of programs: the sources of an npm package that is installed anyway. Node only. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readFileBounded } from '../../../files/atomic.ts';
import type { TextSource } from '../../text/index.ts';
import { packageFolder } from '../package-folder.ts';
import { spaced } from './spaced.ts';
import { packagedTexts } from './text-set.ts';

const PACKAGE = 'yaml';
const MAX_BYTES = 2 ** 22;
/** In words; brackets that stand alone say nothing. */
const SHORTEST = 3;

/** Lines of JavaScript without those that are comments, each once. */
export async function loadProgramCode(): Promise<TextSource> {
  const folder = join(packageFolder(PACKAGE), 'dist');
  const lines = new Set<string>();
  for (const file of (await readdir(folder, { recursive: true }))
    .filter((name) => name.endsWith('.js'))
    .sort()) {
    const bytes = await readFileBounded(join(folder, file), { what: 'program', maxBytes: MAX_BYTES });
    for (const line of new TextDecoder().decode(bytes).split('\n')) {
      const text = spaced(line);
      if (text.split(' ').length >= SHORTEST && !/^\s*(\/\/|\/?\*)/.test(line)) lines.add(text);
    }
  }
  return packagedTexts({ name: 'program-code', packages: [PACKAGE], texts: [...lines] });
}
