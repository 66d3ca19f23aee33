import { describe, expect, it } from 'vitest';
import { OutlierExposureError } from '../../errors.ts';
import { Random } from '../../random.ts';
import { memoryTexts } from '../text/source.ts';
import { minHash, VALUES } from './min-hash.ts';
import { jaccard, normalizedText, shinglesOf } from './normalized-text.ts';
import { findDuplicateTexts } from './text-duplicates.ts';

const COUNT = 300;
const WORDS =
  'the a one river mountain teacher small green quickly walks under over between market yellow house paints song evening train water light children carry letters winter old bridge never always found behind garden city music river stone silver boat captain report question answer number science forest animal kitchen bread coffee window door morning'.split(
    ' ',
  );

function sentence(random: Random): string {
  const words = Array.from({ length: 8 + random.integer(14) }, () => WORDS[random.integer(WORDS.length)]!);
  return `${words.join(' ')}.`;
}

const texts = (name: string, list: readonly string[]) =>
  memoryTexts({ name, texts: list, fingerprint: name });

const CHANGES: Record<
  string,
  { change: (text: string, random: Random) => string; exact: boolean; recall: number }
> = {
  case: { change: (text) => text.toUpperCase(), exact: true, recall: 1 },
  punctuation: { change: (text) => text.replaceAll(' ', ', ').replace('.', ' !?'), exact: true, recall: 1 },
  accents: { change: (text) => text.replaceAll('e', 'é'), exact: true, recall: 1 },
  'a typing mistake': {
    change: (text, random) => {
      const at = random.integer(text.length - 1);
      return text.slice(0, at) + text[at + 1]! + text[at]! + text.slice(at + 2);
    },
    exact: false,
    recall: 0.98,
  },
  'a letter lost and one added': {
    change: (text, random) => {
      const [lost, added] = [random.integer(text.length), random.integer(text.length - 1)];
      const shorter = text.slice(0, lost) + text.slice(lost + 1);
      return `${shorter.slice(0, added)}x${shorter.slice(added)}`;
    },
    exact: false,
    recall: 0.95,
  },
  'a word more': { change: (text) => `Indeed ${text}`, exact: false, recall: 0.98 },
};

describe('planted texts', () => {
  const random = Random.from(1, 'planted texts');
  const originals = Array.from({ length: COUNT }, () => sentence(random));
  const strangers = Array.from({ length: 3 * COUNT }, () => sentence(random));

  it.each(Object.keys(CHANGES))('%s', async (name) => {
    const { change, exact, recall } = CHANGES[name]!;
    const changes = Random.from(2, name);
    const copies = originals.map((text) => change(text, changes));
    const { pairs } = await findDuplicateTexts(texts('outliers', [...strangers, ...copies]), [
      texts('other', [sentence(random)]),
      texts('test', originals),
    ]);
    const right = pairs.filter(({ index, set, of }) => set === 1 && index - strangers.length === of);
    expect(right.length / COUNT).toBeGreaterThanOrEqual(recall);
    expect(pairs.length - right.length).toBe(0);
    if (exact) expect(right.every(({ sameness }) => sameness === 'exact')).toBe(true);
  });

  it('keeps the first within a set, and skips what goes anyway', async () => {
    const set = texts('set', ['One and two!', 'three, four', 'one AND two', 'Three four', 'five']);
    const { pairs } = await findDuplicateTexts(set, [], { within: 'remove', skip: (index) => index === 1 });
    expect(pairs).toEqual([{ index: 2, set: 'within', of: 0, sameness: 'exact', similarity: 1 }]);
  });

  it('refuses a likeness that nothing has, and ends when told to', async () => {
    const set = texts('set', originals);
    await expect(findDuplicateTexts(set, [], { similarity: 0 })).rejects.toThrowError(OutlierExposureError);
    const many = texts(
      'many',
      Array.from({ length: 3000 }, (_, i) => `text ${i}`),
    );
    await expect(findDuplicateTexts(many, [set], { signal: AbortSignal.abort() })).rejects.toThrowError(
      /abort/i,
    );
  });
});

describe('minHash', () => {
  it('estimates Jaccard’s index', () => {
    const a = 'the captain of the silver boat never found the bridge behind the garden';
    const b = 'the captain of the silver train never found the bridge under the garden';
    const [x, y] = [shinglesOf(a), shinglesOf(b)];
    const [p, q] = [minHash(x).bytes, minHash(y).bytes];
    const estimate = p.filter((value, i) => value === q[i]).length / VALUES;
    expect(Math.abs(estimate - jaccard(x, y))).toBeLessThan(0.14);
  });
});

describe('normalizedText', () => {
  it.each([
    ['  Déjà-vu,\n«again»! ', 'deja vu again'],
    ["Don't", 'dont'],
    ['ﬁne Ⅳ', 'fine iv'],
    ['!!!', '!!!'],
    ['東京 タワー', '東京 タワー'],
  ])('%j → %j', (text, plain) =>
    expect(normalizedText(text)).toBe(plain.normalize('NFKD').replaceAll(/\p{M}/gu, '')),
  );
});

describe('jaccard', () => {
  it('is what is shared of what there is', () => {
    expect(jaccard(Uint32Array.of(1, 2, 3), Uint32Array.of(2, 3, 4))).toBe(0.5);
    expect(jaccard(Uint32Array.of(1), Uint32Array.of(2))).toBe(0);
  });
});
