/** The language of law: sentences of licences, from the npm package spdx-license-list. Node only. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { OutlierExposureError } from '../../../errors.ts';
import { readFileBounded } from '../../../files/atomic.ts';
import type { TextSource } from '../../text/index.ts';
import { packageFolder } from '../package-folder.ts';
import { sentencesOf } from './sentences.ts';
import { packagedTexts } from './text-set.ts';

const PACKAGE = 'spdx-license-list';
const MAX_BYTES = 2 ** 20;
const schema = z.object({ licenseText: z.string() });

/** Every sentence once, however many licences share it. */
export async function loadLicences(): Promise<TextSource> {
  const folder = join(packageFolder(PACKAGE), 'licenses');
  const files = (await readdir(folder)).filter((file) => file.endsWith('.json')).sort();
  const sentences = new Set<string>();
  for (const file of files) {
    const path = join(folder, file);
    const bytes = await readFileBounded(path, { what: 'licence', maxBytes: MAX_BYTES });
    const { licenseText } = parseLicence(new TextDecoder().decode(bytes), { name: path });
    for (const sentence of sentencesOf(licenseText)) sentences.add(sentence);
  }
  return packagedTexts({ name: 'licences', packages: [PACKAGE], texts: [...sentences] });
}

function parseLicence(content: string, { name }: { name: string }): z.infer<typeof schema> {
  try {
    return schema.parse(JSON.parse(content));
  } catch (error) {
    throw new OutlierExposureError(
      'invalid-file',
      `${name} is not a licence with its text: install the package ${PACKAGE} again.`,
      { cause: error },
    );
  }
}
