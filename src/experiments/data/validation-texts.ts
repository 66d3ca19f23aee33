/** D_out^val of texts: made of the words that a classifier knows, since nothing is chosen by the test sets. */
import { memoryTexts, type TextSource, type Tokenizer, whitespaceTokenizer } from '../../data/index.ts';
import { Random } from '../../random.ts';

/** Made texts a set, at most. */
const MOST = 2000;

/**
 * Two sets: `shuffled`, in-distribution test texts with their words in random order (what jigsaw is to pictures), and
 * `random-words`, texts as long as those of words drawn from the vocabulary, all as likely (what noise is to pictures).
 */
export function validationTexts(test: TextSource, tokenizer: Tokenizer, seed: number): TextSource[] {
  // In their own case, which the classifier may look at.
  const { split } = whitespaceTokenizer({ lowerCase: false });
  const known = tokenizer.vocabulary.words.slice(2);
  const random = (name: string) => Random.from(seed, 'validation texts', name);
  const make = (name: string, change: (words: readonly string[], random: Random) => string[]) => {
    const source = random(name);
    return memoryTexts({
      name,
      texts: Array.from({ length: Math.min(MOST, test.length) }, (_, i) =>
        change(split(test.text(i)), source).join(' '),
      ),
      fingerprint: `${name}, seed ${seed}, of ${test.fingerprint}`,
    });
  };
  return [
    make('shuffled', (words, source) => Array.from(source.permutation(words.length), (i) => words[i]!)),
    make('random-words', (words, source) => words.map(() => known[source.integer(known.length)]!)),
  ];
}
