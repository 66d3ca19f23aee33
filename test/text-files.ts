/** Small texts that tests write, and what reads the answers about them. For tests only. */
import { readFileSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { expect } from 'vitest';
import { readModel } from '../src/onnx/index.ts';
import { Random } from '../src/random.ts';
import { type Ended, file } from './user-files.ts';

export const CLASSES = ['colour', 'number', 'taste'];
const TELLING: Record<string, string[]> = {
  colour: ['Red', 'green', 'blue'],
  number: ['seven', 'twelve', 'nine'],
  taste: ['sweet', 'sour', 'bitter'],
};
const FILLERS = 'the a of and to in is it that was'.split(' ');
const STRANGE = 'ship rope sail wind mast deck'.split(' ');

/** Lines of 2 to 20 words, one of which tells the class. */
export function questions(count: number, seed: number): [label: string, text: string][] {
  const random = Random.from(seed, 'questions');
  const of = (words: readonly string[]) => words[random.integer(words.length)]!;
  return Array.from({ length: count }, (_, i) => {
    const label = CLASSES[i % 3]!;
    const words = Array.from({ length: 2 + random.integer(19) }, () => of(FILLERS));
    words[random.integer(words.length)] = of(TELLING[label]!);
    return [label, words.join(' ')];
  });
}

export function sailors(count: number, seed: number): string {
  const random = Random.from(seed, 'sailors');
  const words = [...STRANGE, ...FILLERS];
  const line = () =>
    Array.from({ length: 3 + random.integer(20) }, () => words[random.integer(words.length)]!).join(' ');
  return `${Array.from({ length: count }, line).join('\n')}\n`;
}

/** A table with a column of labels and one of texts. */
export const table = (rows: readonly (readonly string[])[]) =>
  rows.map((row) => `${row.join('\t')}\n`).join('');
export const model = (name: string) => readModel(readFileSync(file(name)));
export const small = ['--batch', '20', '--outlier-batch', '20', '--threads', '1', '--quiet'];
/** What a command that went well printed. */
export const json = <T>({ code, stdout, stderr }: Ended): T => {
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout) as T;
};

/** Writes the files that the tests of texts are about. */
export function writeTexts(): void {
  writeFileSync(file('train.tsv'), table(questions(300, 1)));
  writeFileSync(file('test.tsv'), table(questions(90, 2)));
  writeFileSync(file('sailors.txt.gz'), gzipSync(sailors(200, 3)));
  writeFileSync(file('other.txt'), sailors(60, 4));
  writeFileSync(file('comments.txt'), 'Is it red\n\nthe ship, and "the rope"\n');
}
