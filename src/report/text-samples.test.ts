import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTokenizer, createVocabulary } from '../data/index.ts';
import { readTextSamples, readTextSheets, writeTextSamples, writeTextSheets } from './text-samples.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'oe-text-samples-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const tokenizer = createTokenizer({ vocabulary: createVocabulary(['the', 'cat']) });
const example = (text: string, label?: number) => ({
  index: 3,
  scores: { msp: -0.5 },
  predicted: 1,
  ...(label === undefined ? {} : { label }),
  text,
});

describe('texts beside the results', () => {
  it('come back with their words, labels and scores', async () => {
    const extremes = { in: { score: 'msp', most: [example('The dog', 0)], least: [example('the cat')] } };
    await writeTextSamples(join(folder, 'a'), extremes, tokenizer);
    const back = (await readTextSamples(join(folder, 'a'))).get('in')!;
    expect(back).toEqual({
      score: 'msp',
      most: [
        {
          index: 3,
          scores: { msp: -0.5 },
          predicted: 1,
          label: 0,
          words: ['The', 'dog'],
          unknown: [1],
          cut: false,
        },
      ],
      least: [
        { index: 3, scores: { msp: -0.5 }, predicted: 1, words: ['the', 'cat'], unknown: [], cut: false },
      ],
    });
  });

  it('leaves images alone, and writes nothing for nothing', async () => {
    const images = { in: { shape: [1, 1, 1] as const, score: 'msp', most: [], least: [] } };
    await writeTextSamples(join(folder, 'b'), images as never, tokenizer);
    await writeTextSheets(join(folder, 'b'), []);
    expect([...(await readTextSamples(join(folder, 'b')))]).toEqual([]);
    expect(await readTextSheets(join(folder, 'b'))).toEqual([]);
  });

  it('keeps sheets', async () => {
    const texts = [{ words: ['a', 'cat'], unknown: [0], cut: true }];
    const sheet = { name: 'cats', role: 'outliers for test' as const, count: 9, texts };
    await writeTextSheets(join(folder, 'c'), [sheet]);
    expect(await readTextSheets(join(folder, 'c'))).toEqual([sheet]);
  });

  it('says which file is damaged', async () => {
    const path = join(folder, 'c', 'texts.json');
    const whole = readFileSync(path, 'utf8');
    for (const damaged of [whole.slice(0, 40), '{}', whole.replace('"cat"', '7'), '']) {
      writeFileSync(path, damaged);
      await expect(readTextSheets(join(folder, 'c'))).rejects.toThrowError(/texts\.json is damaged; remove/);
    }
  });
});
