import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { gradientRules } from './index.ts';

const folder = new URL('./', import.meta.url);
const files = readdirSync(folder);

/** The families of rules, as their files export them. */
async function families(): Promise<Map<string, { name: string; rules: Record<string, unknown> }>> {
  const found = new Map<string, { name: string; rules: Record<string, unknown> }>();
  for (const file of files.filter((file) => !file.endsWith('.test.ts') && file !== 'index.ts')) {
    for (const [name, rules] of Object.entries(await import(new URL(file, folder).href))) {
      if (name.endsWith('Rules')) found.set(file, { name, rules: rules as Record<string, unknown> });
    }
  }
  return found;
}

// `describeRules` fails where a family has a rule that none of its tests runs; here, no family may go without it.
it('holds every family, each with a test beside it that goes through its rules', async () => {
  const all: string[] = [];
  for (const [file, { name, rules }] of await families()) {
    all.push(...Object.keys(rules));
    const test = file.replace('.ts', '.test.ts');
    expect(files, `a test of ${file}`).toContain(test);
    expect(readFileSync(new URL(test, folder), 'utf8')).toContain(`describeRules(${name},`);
  }
  expect(all.sort()).toEqual(Object.keys(gradientRules).sort());
});
