/** Encoding, batches by length, padding. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lengthBuckets, padBatch } from './batches.ts';
import { encodeTexts } from './encode.ts';
import { fixture, textsOf } from './testing.ts';
import { textInput } from './text-input.ts';
import { createTokenizer } from './tokenizer.ts';
import { createVocabulary } from './vocabulary.ts';
import { whitespaceTokenizer } from './words.ts';

const vocabulary = createVocabulary(['a', 'b', 'c']);

describe('encodeTexts', () => {
  const texts = ['a B', '', 'x c a', 'ALIEN words only'];
  it('keeps texts apart and counts what is unknown', () => {
    const progress: [number, number][] = [];
    const encoded = encodeTexts(textsOf(texts, [3, 0, 1, 1]), createTokenizer({ vocabulary }), {
      onProgress: (...now) => progress.push(now),
    });
    expect([...encoded.ids]).toEqual([2, 3, 0, 4, 2, 0, 0, 0]);
    expect([...encoded.offsets]).toEqual([0, 2, 2, 5, 8]);
    expect([...encoded.labels!]).toEqual([3, 0, 1, 1]);
    expect(encoded).toMatchObject({
      name: 'made',
      length: 4,
      unknown: 4,
      vocabularySize: 5,
      fingerprint: 'made here',
    });
    expect(progress.at(-1)).toEqual([4, 4]);
  });
  it('agrees with the tokenizer, text by text', () => {
    const tokenizer = createTokenizer({
      vocabulary,
      maxTokens: 2,
      words: whitespaceTokenizer({ lowerCase: false }),
    });
    const { ids, offsets } = encodeTexts(textsOf(texts), tokenizer);
    for (const [i, text] of texts.entries())
      expect(ids.slice(offsets[i], offsets[i + 1])).toEqual(tokenizer.encode(text));
    expect([...tokenizer.encode('a B c')]).toEqual([2, 0]);
  });
  it('has room for any number of words', () => {
    const { ids } = encodeTexts(textsOf(['a '.repeat(5000), 'b']), createTokenizer({ vocabulary }));
    expect(ids.length).toBe(5001);
    expect(ids.at(-1)).toBe(3);
  });
  it('ends when it is told to', () => {
    const signal = AbortSignal.abort();
    expect(() => encodeTexts(textsOf(['a']), createTokenizer({ vocabulary }), { signal })).toThrow(/abort/i);
  });
  it('refuses no words at all a text', () => {
    expect(() => createTokenizer({ vocabulary, maxTokens: 0 })).toThrow(
      /whole number of 1 or more, but is 0/,
    );
  });
});

describe('padBatch', () => {
  it.each(fixture.padding)(
    'to $length, padding first: $first, as in Python',
    ({ words, length, first, rows }) => {
      const encoded = encodeTexts(
        textsOf(fixture.corpus),
        createTokenizer({ vocabulary: createVocabulary(words.slice(2)) }),
      );
      const indices = rows.map((_, i) => i);
      for (const out of [new Int32Array(rows.length * length), new BigInt64Array(rows.length * length)]) {
        padBatch(encoded, indices, length, out, { pad: first ? 'first' : 'last' });
        expect(Array.from(out, Number)).toEqual(rows.flat());
      }
    },
  );
  it('writes over what was there, and no further', () => {
    const encoded = encodeTexts(textsOf(['a', 'b c']), createTokenizer({ vocabulary }));
    const out = new Int32Array(8).fill(9);
    padBatch(encoded, [1, 0], 3, out, { padId: 7 });
    expect([...out]).toEqual([7, 3, 4, 7, 7, 2, 9, 9]);
  });
  it('refuses what does not fit', () => {
    const encoded = encodeTexts(textsOf(['a', 'b c']), createTokenizer({ vocabulary }));
    expect(() => padBatch(encoded, [0, 1], 3, new Int32Array(5))).toThrow(
      /take 6 numbers, but there is room for 5/,
    );
    expect(() => padBatch(encoded, [2], 3, new Int32Array(5))).toThrow(/there is no text 2/);
    expect(() => padBatch(encoded, [0], 0, new Int32Array(5))).toThrow(/length must be/);
  });
});

describe('a tokenizer of your own', () => {
  // Letters by their place in the alphabet, as pieces of words are.
  const letters = (text: string) => Array.from(text, (letter) => Math.max(0, letter.charCodeAt(0) - 96));
  const own = {
    encode: letters,
    vocabularySize: 27,
    unknownId: 0,
    padId: 26,
    pad: 'last',
    maxTokens: 3,
  } as const;

  it('gives numbers and padding of its own', () => {
    const encoded = encodeTexts(textsOf(['ab', 'a-bcd', ''], [1, 0, 1]), own);
    expect(encoded).toMatchObject({ unknown: 1, vocabularySize: 27, pad: 'last', padId: 26, length: 3 });
    expect([[...encoded.ids], [...encoded.offsets]]).toEqual([
      [1, 2, 1, 0, 2],
      [0, 2, 5, 5],
    ]);
    const input = textInput('x', { elementType: 'int64', shape: ['batch', 'time'] });
    expect(Array.from(input.tokens(encoded, [0, 2], 4).data as BigInt64Array, Number)).toEqual([
      1, 2, 26, 26, 26, 26, 26, 26,
    ]);
    const bare = encodeTexts(textsOf(['ab']), { encode: letters, vocabularySize: 27 });
    expect(Array.from(input.tokens(bare, [0], 4).data as BigInt64Array, Number)).toEqual([1, 1, 1, 2]);
  });

  it.each([
    [[1, 27], 27, /gives 27 for "ab", but encode should give whole numbers from 0 to 26/],
    [[-1], 27, /gives -1 for "ab"/],
    [[0.5], 27, /gives 0.5/],
    [undefined, 27, /gives NaN/],
    [[0], 1, /padId is 1, but its vocabularySize is 1/],
  ])('that gives %j of %d is refused', (ids, vocabularySize, message) => {
    const encode = () => ids as number[];
    expect(() => encodeTexts(textsOf(['ab']), { encode, vocabularySize })).toThrow(message);
  });
});

describe('lengthBuckets', () => {
  const offsetsOf = (lengths: readonly number[]) => {
    const offsets = new Uint32Array(lengths.length + 1);
    for (const [i, length] of lengths.entries()) offsets[i + 1] = offsets[i]! + length;
    return { name: 'made', length: lengths.length, offsets };
  };
  const sizes = fc.record({
    lengths: fc.array(fc.nat(70), { minLength: 1, maxLength: 200 }),
    batch: fc.integer({ min: 1, max: 9 }),
    pool: fc.integer({ min: 1, max: 8 }),
    multiple: fc.integer({ min: 1, max: 16 }),
    maxLength: fc.option(fc.integer({ min: 1, max: 40 }), { nil: undefined }),
    seed: fc.integer(),
    epoch: fc.nat(20),
    rest: fc.constantFrom('keep' as const, 'drop' as const),
  });
  it('has every text once an epoch, in lengths that fit', () => {
    fc.assert(
      fc.property(sizes, ({ lengths, maxLength, ...options }) => {
        const { batch, multiple, rest } = options;
        const batches = [
          ...lengthBuckets(offsetsOf(lengths), { ...options, ...(maxLength !== undefined && { maxLength }) }),
        ];
        const seen = batches.flatMap(({ indices }) => [...indices]);
        expect(new Set(seen).size).toBe(seen.length);
        expect(seen.length).toBe(
          rest === 'keep' ? lengths.length : lengths.length - (lengths.length % batch),
        );
        expect(batches.filter(({ indices }) => indices.length !== batch).length).toBeLessThanOrEqual(
          rest === 'keep' ? 1 : 0,
        );
        for (const { indices, length } of batches) {
          const longest = Math.max(1, ...Array.from(indices, (i) => lengths[i]!));
          const whole = Math.ceil(longest / multiple) * multiple;
          expect(length).toBe(Math.min(whole, maxLength ?? whole));
        }
      }),
    );
  });
  it('follows from seed and epoch alone', () => {
    const encoded = offsetsOf(Array.from({ length: 500 }, (_, i) => (i * 37) % 60));
    const order = (seed: number, epoch: number) => [...lengthBuckets(encoded, { batch: 8, seed, epoch })];
    expect(order(1, 0)).toEqual(order(1, 0));
    expect(order(1, 0)).not.toEqual(order(1, 1));
    expect(order(1, 0)).not.toEqual(order(2, 0));
  });
  it('puts texts of similar length together, in no order of length', () => {
    const encoded = offsetsOf(Array.from({ length: 2000 }, (_, i) => 1 + ((i * 613) % 400)));
    const padding = (pool: number) =>
      [...lengthBuckets(encoded, { batch: 20, seed: 1, epoch: 0, pool, multiple: 1 })].reduce(
        (sum, { indices, length }) => sum + indices.length * length,
        0,
      );
    const words = encoded.offsets.at(-1)!;
    expect(padding(100)).toBeLessThan(1.03 * words);
    expect(padding(1)).toBeGreaterThan(1.7 * words);
    const lengths = [...lengthBuckets(encoded, { batch: 20, seed: 1, epoch: 0 })].map(({ length }) => length);
    const rises = lengths.filter((length, i) => i > 0 && length > lengths[i - 1]!).length;
    expect(rises).toBeGreaterThan(30);
    expect(rises).toBeLessThan(70);
  });
  it('drops other texts each epoch', () => {
    const encoded = offsetsOf(Array.from({ length: 15 }, (_, i) => i));
    const missing = (epoch: number) => {
      const kept = [...lengthBuckets(encoded, { batch: 8, seed: 1, epoch, rest: 'drop' })].flatMap(
        ({ indices }) => [...indices],
      );
      return encoded.offsets.slice(1).filter((_, i) => !kept.includes(i)).length === 7
        ? kept.sort().join()
        : '';
    };
    expect(new Set([0, 1, 2, 3].map(missing)).size).toBe(4);
  });
  it('has one length when the multiple is the longest', () => {
    const encoded = offsetsOf([3, 200, 100, 0]);
    for (const { length } of lengthBuckets(encoded, {
      batch: 1,
      seed: 1,
      epoch: 0,
      multiple: 100,
      maxLength: 100,
    }))
      expect(length).toBe(100);
  });
  it('refuses sizes that are none', () => {
    const first = (options: object) => () =>
      lengthBuckets(offsetsOf([1]), { batch: 1, seed: 1, epoch: 0, ...options }).next();
    expect(first({ batch: 0 })).toThrow(/batch must be a whole number of 1 or more, but is 0/);
    expect(first({ multiple: 1.5 })).toThrow(/multiple/);
    expect(() => lengthBuckets(offsetsOf([]), { batch: 1, seed: 1, epoch: 0 }).next()).toThrow(
      /has no texts/,
    );
  });
});
