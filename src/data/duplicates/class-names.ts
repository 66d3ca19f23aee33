/** Classes of a set that other sets have too, by what they are called. */

/** A class as one of several names (`bullfrog, Rana catesbeiana`), each without case, plural and punctuation. */
export function namesOf(className: string): string[] {
  return className
    .split(/[,;/]/)
    .map((name) =>
      name
        .normalize('NFKD')
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
        .trim(),
    )
    .filter((name) => name !== '');
}

/** A class that is to go, and the one of another set that is why. */
export interface ClassMatch {
  /** The class of the set that is cleaned. */
  index: number;
  name: string;
  /** The class that it meets. */
  like: string;
  /** How they meet: they share a name, or one is a kind of the other. */
  relation: 'same name' | 'kind of' | 'kind is';
}

/** Classes that share a name with one of the others. */
export function sameNames(classNames: readonly string[], others: readonly string[]): ClassMatch[] {
  const known = new Map(others.flatMap((other) => namesOf(other).map((name) => [name, other] as const)));
  return classNames.flatMap((name, index): ClassMatch[] => {
    const shared = namesOf(name).find((one) => known.has(one));
    return shared === undefined ? [] : [{ index, name, like: known.get(shared)!, relation: 'same name' }];
  });
}
