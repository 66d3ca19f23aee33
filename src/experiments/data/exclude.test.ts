import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contentFingerprint, SELECTION_FORMAT } from '../../data/duplicates/index.ts';
import { memorySource } from '../../data/index.ts';
import { readExclusion } from '../../data/node/duplicates/selection-file.ts';
import { openText } from '../../data/node/text/index.ts';
import { OutlierExposureError } from '../../errors.ts';
import { withoutClasses, withoutExcluded } from './exclude.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'oe-exclude-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const path = () => join(folder, 'list.json');
const read = async (text: string) => {
  writeFileSync(path(), text);
  const exclusion = await readExclusion(path(), 'cifar10');
  return exclusion.what === 'classes' ? exclusion.classes : [];
};

describe('readExclusion', () => {
  it.each([
    ['[3, 5]'],
    ['{"exclude_index": [3, 5]}'],
    ['{"cifar10": [3, 5], "cifar100": [9]}'],
    ['{"cifar10": {"exclude_index": [3, 5]}, "cifar100": {"exclude_index": []}}'],
  ])('reads %s', async (text) => expect(await read(text)).toEqual([3, 5]));

  it.each([
    ['[3', /it is no JSON/],
    ['[3, "cat"]', /something else/],
    ['[-1]', /something else/],
    ['{"svhn": [1]}', /no entry "cifar10"/],
  ])('refuses %s', async (text, message) => expect(read(text)).rejects.toThrowError(message));

  it('gives numbers or a sentence for whatever is in the file', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.json(), fc.string()), async (text) => {
        try {
          for (const index of await read(text)) expect(Number.isInteger(index)).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(OutlierExposureError);
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe('withoutClasses', () => {
  const source = (labels?: Int32Array) =>
    memorySource({
      name: 'outliers',
      shape: [1, 1, 1],
      pixels: Float32Array.of(0, 0.1, 0.2, 0.3),
      ...(labels ? { labels } : {}),
      fingerprint: 'x',
    });

  it('keeps the pictures of the other classes, in their order', async () => {
    const kept = withoutClasses(source(Int32Array.of(7, 1, 7, 2)), [7], 'list');
    expect(kept.labels).toEqual(Int32Array.of(1, 2));
    const out = new Float32Array(2);
    await kept.read([0, 1], out);
    expect(out).toEqual(Float32Array.of(0.1, 0.3));
    expect(kept.fingerprint).not.toBe('x');
  });

  it('refuses outliers without labels, and to leave nothing', () => {
    expect(() => withoutClasses(source(), [1], 'list')).toThrowError(/have no labels/);
    expect(() => withoutClasses(source(new Int32Array(4)), [0], 'list')).toThrowError(/excludes all/);
  });
});

describe('withoutExcluded', () => {
  it('leaves out the texts that a cleaned set leaves out, however they are cut', async () => {
    const lines = join(folder, 'lines.txt');
    writeFileSync(lines, 'the first line\nanother one here\nthe third of them\n');
    const { length, fingerprint } = await openText(lines, { labels: 'none' });
    const selection = {
      format: SELECTION_FORMAT,
      version: 1,
      kind: 'texts',
      sets: [{ path: lines, length, fingerprint: contentFingerprint(fingerprint) }],
      removed: { near: [1] },
      reading: {},
      against: [],
      settings: {},
    };
    writeFileSync(path(), JSON.stringify(selection));
    const source = await openText(lines, { labels: 'none', name: 'lines', maxTokens: 2 });
    const { kept, note } = await withoutExcluded(source, path(), 'trec');
    expect([kept.length, kept.text(0), kept.text(1)]).toEqual([2, 'the first', 'the third']);
    expect(note).toMatch(/\(lines\), 1 of 3 were left out/);
    writeFileSync(lines, 'something else\n');
    const changed = await openText(lines, { labels: 'none' });
    await expect(withoutExcluded(changed, path(), 'trec')).rejects.toThrowError(/another set now with 1/);
  });
});
