/** The playground's page as vite built it, beside this package's code. Node only. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { OutlierExposureError } from '../../errors.ts';
import { filesIn, type PageFiles } from './files.ts';

/** Where `npm run build:page` puts it: `dist/playground`, from `dist/export/node` or `src/export/node`. */
const FOLDER = join(import.meta.dirname, '..', '..', '..', 'dist', 'playground');

/** @throws OutlierExposureError `not-found` where the page was not built */
export async function builtPage(folder = FOLDER): Promise<PageFiles> {
  if (existsSync(join(folder, 'index.html'))) return filesIn(folder);
  throw new OutlierExposureError(
    'not-found',
    "The playground's page has not been built here: run `npm run build:page` in the package's folder first.",
  );
}
