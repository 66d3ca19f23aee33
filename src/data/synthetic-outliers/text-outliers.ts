/** Outliers made from texts. */
import { OutlierExposureError } from '../../errors.ts';
import { Random } from '../../random.ts';
import { memoryTexts, type TextSource } from '../text/source.ts';
import { whitespaceTokenizer } from '../text/words.ts';
import { checkPairs, partnerOf } from './partner.ts';
import { TEXT_KINDS, type TextKind, type TextKindName } from './text-kinds.ts';

/** What is asked of a set of texts here. */
export type Texts = Pick<TextSource, 'name' | 'length' | 'labels' | 'fingerprint' | 'text'>;

/** Words of a corpus that are drawn from at most: the first ones. */
const MOST_WORDS = 1_000_000;

/**
 * A set as long as `source`, whose text i is made of text i by kind i mod k, in memory. Texts keep their letters' case.
 *
 * @param corpus where words are drawn from; default: the texts themselves
 */
export function textOutliers(
  source: Texts,
  kinds: readonly TextKindName[],
  { name, seed, corpus = source }: { name: string; seed: number; corpus?: Texts | undefined },
): TextSource {
  const recipes: TextKind[] = kinds.map((kind) => TEXT_KINDS[kind]);
  for (const [i, { takes }] of recipes.entries()) if (takes === 'pair') checkPairs(source, kinds[i]!);
  const { split } = whitespaceTokenizer({ lowerCase: false });
  const needsCorpus = recipes.some(({ takes }) => takes === 'corpus');
  const words = needsCorpus ? wordsOf(corpus, split) : [];
  const draw = (random: Random) => words[random.integer(words.length)]!;
  const texts = Array.from({ length: source.length }, (_, index) => {
    const [kind, kindName] = [recipes[index % recipes.length]!, kinds[index % kinds.length]!];
    const random = Random.from(seed, 'made outliers', kindName, index);
    const other = kind.takes === 'pair' ? split(source.text(partnerOf(source, index, random))) : [];
    return kind.make(split(source.text(index)), { random, other, draw }).join(' ');
  });
  const drawn = needsCorpus && corpus !== source ? `, words of ${corpus.fingerprint}` : '';
  return memoryTexts({
    name,
    texts,
    fingerprint: `${name} (seed ${seed}${drawn}) of ${source.fingerprint}`,
  });
}

function wordsOf(corpus: Texts, split: (text: string) => string[]): string[] {
  const words: string[] = [];
  for (let i = 0; i < corpus.length && words.length < MOST_WORDS; i++)
    for (const word of split(corpus.text(i))) words.push(word);
  if (words.length > 0) return words;
  throw new OutlierExposureError(
    'invalid-argument',
    `"${corpus.name}" has no words to draw from: give a corpus with texts in it.`,
  );
}
