import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { detectorTables } from './document.ts';
import { detectors, rectifiers } from './index.ts';

const page = new URL('../../docs/detectors.md', import.meta.url);
const [BEGIN, END] = [
  '<!-- from the registry: npx vitest run src/detectors/document.test.ts -u -->',
  '<!-- end -->',
];

it('the tables of docs/detectors.md are what the registry says', async () => {
  const [before, rest = ''] = readFileSync(page, 'utf8').split(BEGIN);
  const [, after] = rest.split(END);
  expect(after).toBeDefined();
  const whole = `${before}${BEGIN}\n\n${detectorTables()}\n\n${END}${after}`;
  // After a change: npx vitest run src/detectors/document.test.ts -u
  await expect(whole).toMatchFileSnapshot('../../docs/detectors.md');
});

it('every detector and parameter has its row, of as many cells as its table', () => {
  const lines = detectorTables().split('\n');
  for (const { name, parameters = {} } of [...detectors, ...rectifiers]) {
    expect(lines.filter((line) => line.startsWith(`| \`${name}\` | `))).toHaveLength(
      1 + Object.keys(parameters).length,
    );
    for (const key of Object.keys(parameters))
      expect(lines.some((line) => line.startsWith(`| \`${name}\` | \`${key}\` | `))).toBe(true);
  }
  for (const line of lines.filter((each) => each.startsWith('|')))
    expect(line.split(/(?<!\\)\|/)).toHaveLength(8);
});
