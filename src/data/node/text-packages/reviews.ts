/** Sentences of reviews, from the tests of the npm package sentiment. Node only. */
import { join } from 'node:path';
import { z } from 'zod';
import { OutlierExposureError } from '../../../errors.ts';
import { readFileBounded } from '../../../files/atomic.ts';
import type { TextSource } from '../../text/index.ts';
import { packageFolder } from '../package-folder.ts';
import { spaced } from './spaced.ts';
import { packagedTexts } from './text-set.ts';

const MAX_BYTES = 2 ** 22;
const schema = z.array(z.object({ text: z.string() })).min(1);

/** What is reviewed, and the file. */
const FILES = { films: 'imdb', restaurants: 'yelp', products: 'amazon' } as const;

export type ReviewSubject = keyof typeof FILES;

/** About 1,000 sentences that praise or damn (Kotzias et al. 2015, "From Group to Individual Labels"; CC BY 4.0). */
export async function loadReviews(subject: ReviewSubject): Promise<TextSource> {
  const path = join(packageFolder('sentiment'), 'test', 'fixtures', `${FILES[subject]}.json`);
  const bytes = await readFileBounded(path, { what: 'file of reviews', maxBytes: MAX_BYTES });
  return packagedTexts({
    name: subject,
    packages: ['sentiment'],
    texts: parseReviews(new TextDecoder().decode(bytes), { name: path }),
  });
}

/** The texts of `[{"text": "…"}, …]` that are not empty. @throws OutlierExposureError `invalid-file` for anything else */
export function parseReviews(content: string, { name }: { name: string }): string[] {
  try {
    return schema
      .parse(JSON.parse(content))
      .map(({ text }) => spaced(text))
      .filter((text) => text !== '');
  } catch (error) {
    throw new OutlierExposureError(
      'invalid-file',
      `${name} is not a list of reviews: install the package sentiment again.`,
      { cause: error },
    );
  }
}
