/** Which classes of the outliers are to go, because they were named, or because other sets have them too. */
import { z } from 'zod';
import { type ClassMatch, sameNames } from '../../data/duplicates/index.ts';
import type { ImageSource, TextSource } from '../../data/index.ts';
import { readNouns, relatedClasses } from '../../data/node/duplicates/index.ts';
import { nearestName, OutlierExposureError } from '../../errors.ts';
import { readFileBounded } from '../../files/atomic.ts';

export interface ClassOptions {
  /** Names or numbers. */
  excludeClasses?: string[];
  sharedClasses: 'none' | 'same' | 'related';
  classNames?: string;
  againstClasses?: string[];
}

/** A class that goes; `like` is missing where it was named. */
export type ClassRemoval = Pick<ClassMatch, 'index' | 'name'> & Partial<ClassMatch>;

const MAX_BYTES = 2 ** 24;
const namesSchema = z.array(
  z.union([z.string(), z.object({ words: z.string() }).transform(({ words }) => words)]),
);

/**
 * The classes of the outliers that go.
 *
 * @throws OutlierExposureError `not-found` for a class that the outliers lack, `invalid-argument` when it cannot be told
 */
export async function classesToGo(
  outliers: ImageSource | TextSource,
  against: readonly (ImageSource | TextSource)[],
  options: ClassOptions,
): Promise<ClassRemoval[]> {
  const { excludeClasses = [], sharedClasses, againstClasses = [] } = options;
  const names = options.classNames === undefined ? outliers.classNames : await readNames(options.classNames);
  const others = [
    ...against.flatMap(({ classNames }) => classNames ?? []),
    ...(await Promise.all(againstClasses.map(readNames))).flat(),
  ];
  const removals = new Map<number, ClassRemoval>();
  for (const given of excludeClasses) {
    if (!outliers.labels) throw unlabelled(outliers.name, '--exclude-classes');
    const index = classIndex(given, names, outliers);
    removals.set(index, { index, name: names?.[index] ?? given });
  }
  const wanted = sharedClasses === 'related' || againstClasses.length > 0 || options.classNames !== undefined;
  if (sharedClasses === 'none' || !(wanted || (names && outliers.labels && others.length > 0)))
    return [...removals.values()];
  if (!outliers.labels) throw unlabelled(outliers.name, '--shared-classes');
  if (!names || others.length === 0) {
    throw new OutlierExposureError(
      'invalid-argument',
      names
        ? 'None of the sets in --against names its classes: give files of names with --against-classes.'
        : `"${outliers.name}" does not say what its classes are called: give a JSON list of names with --class-names.`,
    );
  }
  const matches =
    sharedClasses === 'related' ? relatedClasses(names, others, await readNouns()) : sameNames(names, others);
  for (const match of matches) if (!removals.has(match.index)) removals.set(match.index, match);
  return [...removals.values()].sort((a, b) => a.index - b.index);
}

function classIndex(
  given: string,
  names: readonly string[] | undefined,
  { labels, name: set }: ImageSource | TextSource,
): number {
  const named = names?.findIndex((name) => name.toLowerCase() === given.toLowerCase()) ?? -1;
  if (named >= 0) return named;
  if (/^\d+$/.test(given) && labels!.includes(Number(given))) return Number(given);
  const near = names && nearestName(given, names);
  throw new OutlierExposureError(
    'not-found',
    `"${set}" has no class "${given}"${near ? `; did you mean "${near}"?` : names ? '.' : ': its classes have numbers alone, unless --class-names says what they are called.'}`,
  );
}

async function readNames(path: string): Promise<string[]> {
  const bytes = await readFileBounded(path, { what: 'list of class names (JSON)', maxBytes: MAX_BYTES });
  try {
    return namesSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch (error) {
    throw new OutlierExposureError(
      'invalid-file',
      `${path} does not list names of classes: expected a JSON list, such as ["cat", "dog"].`,
      { cause: error },
    );
  }
}

function unlabelled(name: string, flag: string): OutlierExposureError {
  return new OutlierExposureError(
    'invalid-argument',
    `"${name}" has no labels, so that ${flag} cannot find classes in it: give a file of them with --labels, or leave that out.`,
  );
}
