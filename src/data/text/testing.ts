/** Texts and files of them, for tests. */
import { readFileSync } from 'node:fs';
import { OutlierExposureError } from '../../errors.ts';
import { type ParseTextsOptions, parseTexts } from './parse-texts.ts';
import { memoryTexts, type TextSource } from './source.ts';

/** What Python makes of texts; see test/fixtures/text.py. */
export const fixture = JSON.parse(
  readFileSync(new URL('../../../test/fixtures/text.json', import.meta.url), 'utf8'),
) as {
  splits: { text: string; words: string[]; lower: string[] }[];
  corpus: string[];
  vocabularies: { size: number; lowerCase: boolean; minFrequency: number; words: string[] }[];
  padding: { words: string[]; length: number; first: boolean; rows: number[][] }[];
  tables: { text: string; rows: string[][] }[];
  utf8: { bytes: number[]; at: number }[];
};

export function textsOf(texts: readonly string[], labels?: readonly number[]): TextSource {
  return memoryTexts({
    name: 'made',
    texts,
    fingerprint: 'made here',
    ...(labels && { labels: Int32Array.from(labels) }),
  });
}

export function allTexts(source: TextSource): string[] {
  return Array.from({ length: source.length }, (_, i) => source.text(i));
}

/** What work gives, or nothing when it throws a sentence. Another error goes on. */
export function resultOr<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof OutlierExposureError && /[.?]$/.test(error.message)) return undefined;
    throw error;
  }
}

/** What the content of a file holds. */
export function parsed(content: string, options: Partial<ParseTextsOptions> = {}) {
  const source = parseTexts(content, { name: 'made.txt', fingerprint: 'made here', ...options });
  const { labels, classNames, dropped } = source;
  return { texts: allTexts(source), labels: labels && [...labels], classNames, dropped };
}
