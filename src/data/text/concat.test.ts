/** Sets of texts joined and taken apart. */
import { describe, expect, it } from 'vitest';
import { concatTexts, selectTexts } from './concat.ts';
import { memoryTexts } from './source.ts';
import { allTexts, textsOf } from './testing.ts';

const named = (texts: string[], labels: number[], classNames: string[]) =>
  memoryTexts({
    name: classNames.join(''),
    texts,
    labels: Int32Array.from(labels),
    classNames,
    fingerprint: 'f',
  });

describe('concatTexts', () => {
  it('joins texts and classes by name', () => {
    const joined = concatTexts([
      named(['a', 'b'], [0, 1], ['x', 'y']),
      named([], [], ['z']),
      named(['c'], [0], ['y']),
    ]);
    expect(allTexts(joined)).toEqual(['a', 'b', 'c']);
    expect([...joined.labels!]).toEqual([0, 1, 1]);
    expect(joined).toMatchObject({
      classNames: ['x', 'y', 'z'],
      name: 'xy + z + y',
      fingerprint: 'f + f + f',
      length: 3,
    });
    expect(() => joined.text(3)).toThrow(/there is no text 3/);
  });
  it('has labels when all have', () => {
    expect([...concatTexts([textsOf(['a'], [4]), textsOf(['b'], [2])]).labels!]).toEqual([4, 2]);
    expect(concatTexts([textsOf(['a'], [4]), textsOf(['b'])]).labels).toBeUndefined();
  });
  it('adds up what was left out', () => {
    const a = { ...textsOf(['a']), dropped: { empty: 1, long: 2 } };
    expect(concatTexts([a, textsOf(['b']), { ...textsOf([]), dropped: { empty: 3 } }]).dropped).toEqual({
      empty: 4,
      long: 2,
    });
  });
  it('refuses no sets, and names beside numbers', () => {
    expect(() => concatTexts([])).toThrow(/No sets/);
    expect(() => concatTexts([named(['a'], [0], ['x']), textsOf(['b'], [0])])).toThrow(
      /"x" names its classes, but "made" numbers/,
    );
  });
});

describe('selectTexts', () => {
  it('takes texts with their labels', () => {
    const set = named(['a', 'b', 'c'], [0, 1, 0], ['x', 'y']);
    const some = selectTexts(set, [2, 1]);
    expect(allTexts(some)).toEqual(['c', 'b']);
    expect([...some.labels!]).toEqual([0, 1]);
    expect(some.classNames).toEqual(['x', 'y']);
    expect(some.fingerprint).not.toBe(selectTexts(set, [1, 2]).fingerprint);
    expect(() => selectTexts(set, [3])).toThrow(/"xy" has the texts 0 to 2; there is no text 3/);
    expect(() => some.text(2)).toThrow(/there is no text 2/);
  });
});

it('memoryTexts needs a label a text', () => {
  expect(() => textsOf(['a', 'b'], [1])).toThrow(/"made" has 2 texts, but 1 labels/);
  expect(() => textsOf([]).text(0)).toThrow(/has no texts/);
});
