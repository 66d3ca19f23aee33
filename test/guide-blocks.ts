/** The code blocks of the guides. For tests only. */
import { readFileSync } from 'node:fs';

export interface Block {
  language: string;
  code: string;
}

/** @param page its name in docs/, without .md */
export function blocksOf(page: string): Block[] {
  const text = readFileSync(new URL(`../docs/${page}.md`, import.meta.url), 'utf8');
  return [...text.matchAll(/```(\w*)\n([\s\S]*?)```/g)].map(([, language, code]) => ({
    language: language!,
    code: code!,
  }));
}

/** The first block of a language. */
export function guideOf(page: string, language: string): string {
  const block = blocksOf(page).find((each) => each.language === language);
  if (!block) throw new Error(`docs/${page}.md has no block of ${language}.`);
  return block.code;
}
