/** Data sets for tests. */
import type { DataFile, DataSet } from './schema.ts';

export type MadeFile = Partial<DataFile> & { path: string };

/** A set whose files lie at a server's paths. */
export function setAt(base: string, files: MadeFile[], name = 'shapes'): DataSet {
  return {
    name,
    title: 'Shapes',
    kind: 'image',
    roles: ['test'],
    about: 'Made up.',
    home: base,
    terms: 'None.',
    files: files.map(({ path, ...rest }) => ({ urls: [`${base}${path}`], ...rest })),
  };
}
