/** `oe reproduce ablation-…` as a process, and the page it leaves, in a browser. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AblationResults } from '../src/experiments/index.ts';
import { writeAblation, writeExperiment } from '../src/report/index.ts';
import { paleParts, violations } from './browser/accessibility.ts';
import { launch, skipBrowser } from './browser/harness.ts';
import { runOe } from './command.ts';
import { madeUpAblation } from './fixtures/made-up-ablation.ts';
import { madeUpRun } from './fixtures/made-up-run.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'oe-ablation-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (...args: string[]) => runOe(args);

describe('oe reproduce ablation-…', { timeout: 240_000 }, () => {
  it('varies one factor, prints a table and writes a page', async () => {
    const out = join(folder, 'order');
    const few = ['--train-size', '500', '--epochs', '1', '--tune-epochs', '1', '--threads', '1'];
    const { code, stdout, stderr } = await run('reproduce', 'ablation-order', ...few, '--out', out);
    expect(stderr).toMatch(/Train 2\/3, in the set’s own order.*of all \d+ %/);
    expect(code).toBe(0);
    expect(stdout).toContain('Does it matter whether neighbouring outliers come together');
    expect(stdout).toMatch(/one class after the other +│ +60,000 │ +\d+\.\d\d │/);
    const results = JSON.parse(readFileSync(join(out, 'results.json'), 'utf8')) as AblationResults;
    expect(results.levels.map(({ name }) => name)).toEqual(['baseline', 'shuffled', 'local', 'by-class']);
    expect(results.config.threads).toBe(1);
    expect(readFileSync(join(out, 'results.csv'), 'utf8').split('\n')).toHaveLength(1 + 4 * 7 + 1);
    expect(readFileSync(join(out, 'report.html'), 'utf8')).toContain(
      '<h1>The order of the outliers: digits</h1>',
    );
    expect(existsSync(join(out, 'checkpoints'))).toBe(false);
    expect(await run('report', out)).toMatchObject({ code: 0 });
  });

  it.each([
    [['ablation-sise'], 'did you mean "size"'],
    [['ablation-size', '--scratch'], 'An ablation has no --scratch'],
    [['ablation-size', '--of', 'trec'], 'No ablation can be made of the experiment "trec"'],
    [['ablation-size', '--resume'], 'There is nothing to resume'],
    [['ablation-lambda', '--levels', '0.5,-1'], '"-1" is no level of the ablation lambda'],
    [['ablation-closeness', '--levels', 'nothing'], 'There is no outlier set "nothing"'],
    [['ablation-diversity', '--outliers', 'icons'], '"icons" has no classes to choose among'],
    [['mnist', '--levels', '1'], '--of and --levels belong to ablations'],
  ])('says what is wrong with %j', async (args, sentence) => {
    const { code, stderr } = await run(
      'reproduce',
      ...args,
      '--quick',
      '--quiet',
      '--out',
      join(folder, 'no'),
    );
    expect(stderr).toContain(sentence);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(code).toBe(2);
  });

  it('is not compared with a run, which a sentence says', async () => {
    const [plain, ablation, page] = ['plain', 'made-up', 'both.html'].map((name) => join(folder, name));
    const { results } = madeUpRun();
    await writeExperiment(plain!, results, []);
    await writeAblation(ablation!, madeUpAblation());
    const { code, stdout, stderr } = await run('report', plain!, ablation!, '--out', page!);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toBe(
      `oe: ${ablation} holds an ablation, whose page compares its levels already: make it again by itself (oe report ${ablation}).\n`,
    );
    expect(existsSync(page!)).toBe(false);
  });

  it('is in the help', async () => {
    const { stdout } = await run('reproduce', '--help');
    expect(stdout).toContain('ablation-closeness');
    expect(stdout).toContain('oe reproduce ablation-size --quick');
  });
});

describe.skipIf(skipBrowser)('the page of an ablation', { timeout: 120_000 }, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
    await writeAblation(join(folder, 'numbers'), madeUpAblation());
    await writeAblation(join(folder, 'kinds'), madeUpAblation('kinds', [1]));
  }, 60_000);
  afterAll(() => browser?.close());

  it.each([
    ['numbers', 360, 'light'],
    ['numbers', 1280, 'dark'],
    ['kinds', 360, 'dark'],
    ['kinds', 1280, 'light'],
  ] as const)('of %s breaks no rule, %i pixels wide, in %s colours', async (kind, width, colorScheme) => {
    const context = await browser.newContext({
      viewport: { width, height: 800 },
      colorScheme,
      reducedMotion: 'reduce',
    });
    const page = await context.newPage();
    await page.goto(pathToFileURL(join(folder, kind, 'report.html')).href);
    await page.evaluate('for (const each of document.querySelectorAll("details")) each.open = true');
    expect(await violations(page)).toEqual([]);
    const { pale, checked } = await paleParts(page, '.legend svg [stroke], svg.plot circle[stroke]');
    expect(checked).toBeGreaterThan(4);
    expect(pale).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    expect(await page.evaluate('window.hacked')).toBeUndefined();
    const plots = (await page.evaluate(`[...document.querySelectorAll('svg.plot')].map((plot) => ({
      name: (plot.getAttribute('aria-label') || '').length > 20,
      cells: plot.closest('figure').querySelectorAll('details td').length > 2,
    }))`)) as object[];
    expect(plots).toEqual(Array.from({ length: 4 }, () => ({ name: true, cells: true })));
    await context.close();
  });
});
