/** Compares what is on the disk with the checksums that were kept of it. */
import { join } from 'node:path';
import { dataRoot } from './place.ts';
import { filesBelow, forEachSum, readSums, SUMS, type SumsOptions } from './records.ts';

export interface VerifiedSet {
  name: string;
  folder: string;
  /** How many files agree. */
  agreeing: number;
  /** Files that are not what they were, gone, or new, with their paths in the folder. */
  differing: string[];
  missing: string[];
  added: string[];
  /** Whether checksums are known; those of a set that a person put there are not. */
  known: 'yes' | 'no';
}

/** Reads every file of a set and compares it with its SHA-256 in SHA256SUMS. */
export async function verifyDataSet(
  name: string,
  { root = dataRoot(), ...options }: SumsOptions & { root?: string } = {},
): Promise<VerifiedSet> {
  const folder = join(root, name);
  const there = await filesBelow(folder);
  const sums = await readSums(folder);
  there.delete(SUMS);
  const result: VerifiedSet = {
    name,
    folder,
    agreeing: 0,
    differing: [],
    missing: [],
    added: [],
    known: 'no',
  };
  if (sums === undefined) return result;
  result.known = 'yes';
  result.missing = [...sums.keys()].filter((path) => !there.has(path));
  result.added = [...there.keys()].filter((path) => !sums.has(path));
  for (const path of result.added) there.delete(path);
  await forEachSum(folder, there, options, (path, sha256) => {
    if (sums.get(path) === sha256) result.agreeing++;
    else result.differing.push(path);
  });
  return result;
}
