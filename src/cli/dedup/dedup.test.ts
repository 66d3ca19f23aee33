import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ImageSource } from '../../data/index.ts';
import { Random } from '../../random.ts';
import { classesToGo } from './classes.ts';
import { clean } from './clean.ts';
import { openSets } from './open.ts';

let folder: string;
const at = (name: string) => join(folder, name);
const signal = new AbortController().signal;
const run = (opened: ImageSource[] = []) => ({
  options: {},
  wantLabels: 'yes' as const,
  signal,
  onProgress: () => {},
  opened,
});
const how = { within: 'keep' as const, signal, onProgress: () => {} };

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'oe-dedup-'));
  const random = Random.from(1, 'pictures');
  for (const [name, classes] of [
    ['outliers', ['cat', 'rocks']],
    ['test', ['cat', 'dog']],
  ] as const)
    for (const className of classes) {
      mkdirSync(at(`${name}/${className}`), { recursive: true });
      for (let i = 0; i < 3; i++) {
        const coarse = Buffer.from(Uint8Array.from({ length: 192 }, () => random.integer(256)));
        const image = sharp(coarse, { raw: { width: 8, height: 8, channels: 3 } }).resize(40 + i, 40);
        await image.png().toFile(at(`${name}/${className}/${i}.png`));
      }
    }
  await sharp(at('test/dog/0.png')).flop().jpeg().toFile(at('outliers/rocks/copied.jpg'));
  writeFileSync(at('outliers/rocks/0.png'), 'no picture');
  writeFileSync(at('texts.txt'), 'one\ntwo\n');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('oe data dedup', () => {
  it('leaves out shared classes, copies and what cannot be read', async () => {
    const sets = await openSets([at('outliers')], [at('test')], run());
    const others = sets.against.map(({ source }) => source);
    const classes = await classesToGo(sets.outliers.source, others, { sharedClasses: 'same' });
    expect(classes).toMatchObject([{ name: 'cat', like: 'cat' }]);
    const { cleaning, selection } = await clean(sets, classes, how);
    // In the order of names: three cats, then 0.png, 1.png, 2.png and copied.jpg of the rocks.
    expect(selection.removed).toEqual({ class: [0, 1, 2], near: [6], unreadable: [3] });
    expect(cleaning).toMatchObject({ count: 7, kept: 2, against: [{ removed: 1 }] });
    expect(cleaning.unreadable[0]!.reason).toMatch(/cannot be decoded/);
  });

  it('refuses to leave nothing, and sets of different kinds', async () => {
    const sets = await openSets([at('test')], [at('test')], run());
    await expect(clean(sets, [], how)).rejects.toThrowError(/Nothing is left .* 6 exactly in another set/);
    await expect(openSets([at('outliers')], [at('texts.txt')], run())).rejects.toThrowError(
      /outliers holds images, but .*texts\.txt holds texts/,
    );
  });

  it('says which class is not there', async () => {
    const { outliers } = await openSets([at('outliers')], [], run());
    const options = { sharedClasses: 'none' as const, excludeClasses: ['rock'] };
    await expect(classesToGo(outliers.source, [], options)).rejects.toThrowError(/did you mean "rocks"/);
  });
});
