import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OutlierExposureError } from '../../../errors.ts';
import { contentFingerprint, SELECTION_FORMAT, type Selection } from '../../duplicates/index.ts';
import { encodeNpy } from '../../npy.ts';
import { openImages } from '../open-images.ts';
import { openText } from '../text/index.ts';
import { parseNouns, readNouns, relatedClasses } from './related-classes.ts';
import { readExclusion, selectionAt, writeSelection } from './selection-file.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'oe-cleaned-'));
  writeFileSync(
    join(folder, 'images.npy'),
    encodeNpy(
      Uint8Array.from({ length: 5 * 4 }, (_, i) => 50 * Math.floor(i / 4)),
      [5, 2, 2, 1],
    ),
  );
  writeFileSync(join(folder, 'texts.txt'), 'one\ntwo\nthree\n');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const at = (name: string) => join(folder, name);

async function selectionOf(
  path: string,
  kind: 'images' | 'texts',
  removed: Selection['removed'],
): Promise<Selection> {
  const source = kind === 'images' ? await openImages(path) : await openText(path, { labels: 'none' });
  const { length } = source;
  return {
    format: SELECTION_FORMAT,
    version: 1,
    kind,
    sets: [{ path, length, fingerprint: contentFingerprint(source.fingerprint) }],
    reading: {},
    removed,
    against: [],
    settings: { within: 'keep' },
  };
}

describe('cleaned sets', () => {
  it('open as images, in any shape, without what goes', async () => {
    await writeSelection(
      at('cleaned.json'),
      await selectionOf(at('images.npy'), 'images', { near: [1], exact: [4] }),
    );
    // The path is as seen from the file, so that both can be moved together.
    expect(readFileSync(at('cleaned.json'), 'utf8')).toContain('"path":"images.npy"');
    const source = await openImages(at('cleaned.json'));
    expect(source).toMatchObject({ name: 'cleaned.json', length: 3, shape: [1, 2, 2] });
    const out = new Float32Array(12);
    await source.read([0, 1, 2], out);
    expect([0, 4, 8].map((i) => Math.round(255 * out[i]!))).toEqual([0, 100, 150]);
    expect(await openImages([at('cleaned.json'), at('images.npy')], { shape: [3, 4, 4] })).toMatchObject({
      length: 8,
      shape: [3, 4, 4],
    });
  });

  it('open as texts, however many words are kept', async () => {
    await writeSelection(
      at('cleaned-texts.json'),
      await selectionOf(at('texts.txt'), 'texts', { repeated: [1] }),
    );
    const source = await openText(at('cleaned-texts.json'), { maxTokens: 3 });
    expect([source.length, source.text(0), source.text(1)]).toEqual([2, 'one', 'three']);
    await expect(openImages(at('cleaned-texts.json'))).rejects.toThrowError(/set of texts, but images/);
    await expect(openText(at('cleaned.json'))).rejects.toThrowError(/set of images, but texts/);
  });

  it('are refused when their set is another one, gone, or all of it goes', async () => {
    const whole = await selectionOf(at('images.npy'), 'images', {});
    const write = (change: Partial<Selection>) => writeSelection(at('wrong.json'), { ...whole, ...change });
    await write({ sets: [{ ...whole.sets[0]!, fingerprint: 'other' }] });
    await expect(openImages(at('wrong.json'))).rejects.toThrowError(/another set now: run/);
    await write({ sets: [{ ...whole.sets[0]!, length: 6 }] });
    await expect(openImages(at('wrong.json'))).rejects.toThrowError(/another set now with 5/);
    await write({ sets: [{ ...whole.sets[0]!, path: at('none.npy') }] });
    await expect(openImages(at('wrong.json'))).rejects.toThrowError(/no such file/);
    await write({ removed: { near: [0, 1, 2, 3, 4] } });
    await expect(openImages(at('wrong.json'))).rejects.toThrowError(/leaves nothing/);
    await write({ removed: { near: [5] } });
    await expect(openImages(at('wrong.json'))).rejects.toThrowError(/beyond the 5/);
    await write({ sets: [{ ...whole.sets[0]!, path: at('wrong.json') }] });
    await expect(openImages(at('wrong.json'))).rejects.toThrowError(/cleaned set itself/);
  });

  it('are what --exclude takes, beside lists of classes', async () => {
    expect(await readExclusion(at('cleaned.json'), 'cifar10')).toMatchObject({
      what: 'examples',
      selection: { removed: { near: [1], exact: [4] } },
    });
    writeFileSync(at('classes.json'), '{"cifar10": [3]}');
    expect(await readExclusion(at('classes.json'), 'cifar10')).toEqual({ what: 'classes', classes: [3] });
  });

  it('are read, or refused in a sentence, whatever their bytes', async () => {
    const good = readFileSync(at('cleaned.json'));
    const mutated = fc
      .tuple(fc.nat(good.length), fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 4 }))
      .map(([cut, changes]) => {
        const bytes = Uint8Array.from(good);
        for (const [place, value] of changes) bytes[place] = value;
        return bytes.subarray(0, cut % 3 === 0 ? cut : good.length);
      });
    await fc.assert(
      fc.asyncProperty(mutated, async (bytes) => {
        writeFileSync(at('mutated.json'), bytes);
        try {
          const selection = await selectionAt(at('mutated.json'));
          if (selection) expect(selection.sets.length).toBeGreaterThan(0);
          await openImages(at('mutated.json'));
        } catch (error) {
          expect(error).toBeInstanceOf(OutlierExposureError);
        }
      }),
      { numRuns: 150 },
    );
  });
});

describe('relatedClasses', () => {
  it('knows kinds by WordNet, and several names of one thing', async () => {
    const nouns = await readNouns();
    const matches = relatedClasses(
      [
        'Egyptian cat',
        'reel',
        'bullfrog, Rana catesbeiana',
        'lemon',
        'sports car, sport car',
        'Cats',
        'animal',
      ],
      ['cat', 'frog', 'automobile', 'airplane'],
      nouns,
    );
    expect(matches.map(({ index, like, relation }) => [index, like, relation])).toEqual([
      [0, 'cat', 'kind of'],
      [2, 'frog', 'kind of'],
      [4, 'automobile', 'kind of'],
      [5, 'cat', 'kind of'],
      [6, 'cat', 'kind is'],
    ]);
  });

  it('reads WordNet’s lines', () => {
    const data =
      '00000010 05 n 01 beast 0 000 | an animal\n00000020 05 n 01 cat 0 001 @ 00000010 n 0000 | a feline';
    const nouns = parseNouns('  1 licence\nbeast n 1 0 1 0 00000010\ncat n 1 1 @ 1 0 00000020', data);
    expect([...nouns.kindsOf(nouns.meaningsOf('CATS')[0]!)]).toEqual([20, 10]);
    expect(() => parseNouns('', '')).toThrowError(OutlierExposureError);
  });
});
