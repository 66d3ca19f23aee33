/** Sets of texts that come with the install. */
import { createHash } from 'node:crypto';
import { memoryTexts, type TextSource } from '../../text/index.ts';
import { packageId } from '../package-folder.ts';

/** A set from packages; its fingerprint names them, and is of the texts themselves. */
export function packagedTexts({
  name,
  packages,
  texts,
  labels,
  classNames,
}: {
  name: string;
  packages: readonly string[];
  texts: readonly string[];
  labels?: Int32Array;
  classNames?: readonly string[];
}): TextSource {
  const hash = createHash('sha256');
  for (const [i, text] of texts.entries()) hash.update(`${labels?.[i] ?? ''}\t${text}\n`);
  return memoryTexts({
    name,
    texts,
    ...(labels && { labels }),
    ...(classNames && { classNames }),
    fingerprint: `${packages.map(packageId).join(' + ')}: ${hash.digest('hex')}`,
  });
}
