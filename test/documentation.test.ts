/**
 * Type-checks every code block of the README and the guides, and runs those marked ts; what is marked js needs a browser
 * or an hour.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const scratch = join(root, 'test', '.blocks');
const pages = [
  'README.md',
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];
const blocks = pages.flatMap((page) =>
  [...readFileSync(join(root, page), 'utf8').matchAll(/```(ts|js)\n([\s\S]*?)```/g)].map((match, i) => ({
    name: `${page}, block ${i + 1}`,
    language: match[1]!,
    file: join(scratch, `${page.replaceAll(/\W/g, '-')}-${i + 1}.ts`),
    // A module even where it imports nothing.
    code: `${match[2]!}\nexport {};\n`,
  })),
);

describe('documentation', () => {
  beforeAll(() => {
    mkdirSync(scratch, { recursive: true });
    for (const { file, code } of blocks) writeFileSync(file, code);
  });
  afterAll(() => {
    rmSync(scratch, { recursive: true, force: true });
  });

  it('shows code', () => {
    expect(blocks.length).toBeGreaterThan(2);
  });

  it.each(pages)('%s links to what is there', (page) => {
    const text = readFileSync(join(root, page), 'utf8').replaceAll(/```[\s\S]*?```/g, '');
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1]!.split('#')[0]!);
    for (const link of links.filter((target) => target !== '' && !/^https?:/.test(target))) {
      expect(existsSync(join(root, dirname(page), link)), `${page} → ${link}`).toBe(true);
    }
  });

  it('shows code that type-checks', { timeout: 120_000 }, () => {
    const config = {
      extends: '../../tsconfig.json',
      compilerOptions: { types: ['node', 'vite/client'] },
      include: ['*.ts'],
    };
    writeFileSync(join(scratch, 'tsconfig.json'), JSON.stringify(config));
    let complaints = '';
    try {
      execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', scratch], {
        encoding: 'utf8',
      });
    } catch (error) {
      complaints = (error as { stdout: string }).stdout;
    }
    expect(complaints).toBe('');
  });

  it.each(blocks.filter(({ language }) => language === 'ts'))(
    '$name runs',
    { timeout: 120_000 },
    async ({ name, file }) => {
      const printed: unknown[][] = [];
      const log = vi.spyOn(console, 'log').mockImplementation((...values) => void printed.push(values));
      try {
        await import(/* @vite-ignore */ file);
      } finally {
        log.mockRestore();
      }
      // The README's examples print what they found.
      if (name.startsWith('README')) expect(printed.length).toBeGreaterThan(0);
    },
  );
});
