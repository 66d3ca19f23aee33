/** The pages that we make, by the rules of WCAG 2.1 A and AA as axe checks them, by contrast, and by keyboard. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTokenizer, createVocabulary, encodeNpy, PAD_ID, withTokenizer } from '../src/data/index.ts';
import { gruClassifier } from '../src/nn/index.ts';
import { createModel, float32, Graph, writeModel } from '../src/onnx/index.ts';
import { Random } from '../src/random.ts';
import { writeComparison, writeExperiment } from '../src/report/index.ts';
import { paleParts, tabThrough, violations } from './browser/accessibility.ts';
import { launch, type Site, scratchFolder, serve, skipBrowser } from './browser/harness.ts';
import { runOe } from './command.ts';
import { madeUpRun } from './fixtures/made-up-run.ts';

type Scheme = 'light' | 'dark';
const PHONE = 360;
const DESKTOP = 1280;
const VIEWS: readonly [device: string, width: number, scheme: Scheme][] = [
  ['phone', PHONE, 'light'],
  ['phone', PHONE, 'dark'],
  ['desktop', DESKTOP, 'light'],
  ['desktop', DESKTOP, 'dark'],
];

let browser: Browser;
beforeAll(async () => {
  if (!skipBrowser) browser = await launch();
}, 60_000);
afterAll(async () => {
  await browser?.close();
});

/** A page in a context of its own. */
async function open(url: string, width: number, colorScheme: Scheme): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width, height: 800 },
    colorScheme,
    // No smooth scrolling: what has the focus stands in the window at once.
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  await page.goto(url);
  return page;
}

/** @param least how many things there are to operate, at the least */
async function expectReachable(page: Page, least: number): Promise<void> {
  const { expected, reached, unseen } = await tabThrough(page);
  expect(expected.length).toBeGreaterThanOrEqual(least);
  // A browser may stop at more, such as boxes that scroll.
  expect(reached.filter((name) => expected.includes(name))).toEqual(expected);
  expect(unseen).toEqual([]);
}

describe.skipIf(skipBrowser)('a report', { timeout: 240_000 }, () => {
  let folder: string;
  const url = (file: string) => pathToFileURL(join(folder, file)).href;
  const openAll = (page: Page) =>
    page.evaluate('for (const each of document.querySelectorAll("details")) each.open = true');

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'oe-accessibility-'));
    const [run, other] = [join(folder, 'run'), join(folder, 'other')];
    mkdirSync(run);
    const { results, models, sheets } = madeUpRun();
    await writeExperiment(run, results, models, sheets);
    cpSync(run, other, { recursive: true });
    const changed = { ...results, config: { ...results.config, outliers: 'icons' } };
    writeFileSync(join(other, 'results.json'), JSON.stringify(changed));
    await writeComparison([run, other], join(folder, 'comparison.html'));
  }, 120_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  describe.each(['run/report.html', 'comparison.html'])('%s', (file) => {
    it.each(VIEWS)('breaks no rule on a %s (%i pixels) in %s colours', async (_, width, scheme) => {
      const page = await open(url(file), width, scheme);
      await openAll(page);
      expect(await violations(page)).toEqual([]);
      const { pale, checked } = await paleParts(page, '.legend svg [stroke], svg.plot circle[stroke]');
      expect(checked).toBeGreaterThan(20);
      expect(pale).toEqual([]);
      await page.context().close();
    });

    it.each([PHONE, DESKTOP])('can be gone through by keyboard, %i pixels wide', async (width) => {
      const page = await open(url(file), width, 'light');
      await openAll(page);
      await expectReachable(page, 8);
      await page.context().close();
    });

    it('names every plot, and has its values in a table', async () => {
      const page = await open(url(file), DESKTOP, 'light');
      const plots =
        (await page.evaluate(`[...document.querySelectorAll('svg:not([aria-hidden])')].map((plot) => ({
        role: plot.getAttribute('role'),
        name: (plot.getAttribute('aria-label') || '').length > 20,
        cells: plot.closest('figure').querySelectorAll('details td').length > 2,
      }))`)) as object[];
      expect(plots.length).toBeGreaterThan(1);
      for (const plot of plots) expect(plot).toEqual({ role: 'img', name: true, cells: true });
      await page.context().close();
    });
  });

  it('leads past its contents, and opens a table, by keyboard', async () => {
    const page = await open(url('run/report.html'), DESKTOP, 'light');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('main');
    await page.locator('summary').first().focus();
    await page.keyboard.press('Enter');
    expect(await page.locator('details').first().getByRole('table').isVisible()).toBe(true);
    await page.context().close();
  });

  it('of `oe data dedup` shows pictures and texts, and breaks no rule', async () => {
    const random = Random.from(1, 'pictures');
    const size = 16 * 16 * 3;
    // Six of noise, all of one mean colour; one of red noise, another colour; one black, which has none.
    const pictures = Uint8Array.from({ length: 8 * size }, (_, i) =>
      i >= 7 * size || (i >= 6 * size && i % 3 > 0) ? 0 : random.integer(256),
    );
    writeFileSync(join(folder, 'shown.npy'), encodeNpy(pictures, [8, 16, 16, 3]));
    writeFileSync(join(folder, 'test.npy'), encodeNpy(pictures.subarray(0, 4 * size), [4, 16, 16, 3]));
    writeFileSync(
      join(folder, 'shown.txt'),
      'A boat on the river.\nWhat is <b>a comet</b>?\nthe comet of Borrelly.\nPerihelion\n',
    );
    // The third is like it to who knows neither name; of the last no word is known.
    writeFileSync(join(folder, 'test.txt'), 'what is <b>a comet</b>\nthe comet of Oterma.\nAphelion\n');
    const colour = new Graph('mean colour');
    const mean = colour.add('GlobalAveragePool', [colour.addInput('pixels', 'float32', ['n', 3, 8, 8])]);
    const weight = colour.addInitializer('weight', float32([1, 0, 0, 0, 1, 1], [2, 3]));
    const flat = colour.add('Flatten', [mean], {}, { name: 'colour' });
    colour.addOutput(colour.add('Gemm', [flat, weight], { transB: 1 }, { name: 'logits' }));
    writeFileSync(join(folder, 'images.onnx'), writeModel(createModel(colour)));
    const words = ['A', 'boat', 'on', 'the', 'what', 'is', 'comet', 'of'];
    const tokenizer = createTokenizer({ vocabulary: createVocabulary(words) });
    const sizes = { vocabulary: tokenizer.vocabulary.size, classes: 2, embedding: 4, hidden: 8 };
    const gru = gruClassifier({ seed: 1, ...sizes, padding: PAD_ID });
    writeFileSync(join(folder, 'texts.onnx'), writeModel(withTokenizer(gru, tokenizer)));
    for (const [kind, end, removed, pairs] of [
      ['images', 'npy', { exact: [0, 1, 2, 3], embedding: [4, 5] }, 6],
      ['texts', 'txt', { exact: [1], embedding: [2] }, 2],
    ] as const) {
      const sets = ['--outliers', `shown.${end}`, '--against', `test.${end}`];
      const alike = kind === 'images' ? 0.98 : 0.9999;
      const model = ['--model', `${kind}.onnx`, '--alike', `${alike}`, '--out', `${kind}.json`];
      const report = ['--report', `${kind}.html`, '--quiet', '--json'];
      const { code, stdout, stderr } = await runOe(['data', 'dedup', ...sets, ...model, ...report], {
        cwd: folder,
      });
      expect([code, stderr]).toEqual([0, '']);
      const sha256 = expect.stringMatching(/^[0-9a-f]{64}$/);
      expect(JSON.parse(stdout)).toMatchObject({
        embedding: { sha256, alike, uncompared: { cleaned: 1, against: kind === 'images' ? 0 : 1 } },
      });
      const selection = JSON.parse(readFileSync(join(folder, `${kind}.json`), 'utf8'));
      expect(selection).toMatchObject({ removed, settings: { model: sha256, alike } });
      const page = await open(url(`${kind}.html`), DESKTOP, 'light');
      expect(await page.getByText(/^cosine [01]\.\d{4}$/).count()).toBe(removed.embedding.length);
      expect(await page.locator('#pairs li').count()).toBe(pairs);
      expect(await page.locator('#pairs li img').count()).toBe(kind === 'images' ? 2 * pairs : 0);
      for (const [device, width, colorScheme] of VIEWS) {
        await page.setViewportSize({ width, height: 800 });
        await page.emulateMedia({ colorScheme });
        expect(await violations(page), `${kind}, ${device}, ${colorScheme}`).toEqual([]);
        expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
      }
      await expectReachable(page, 3);
      await page.context().close();
    }
  });

  it('would not pass with faults', async () => {
    const page = await open(url('comparison.html'), PHONE, 'light');
    await page.evaluate(`
      document.documentElement.removeAttribute('lang');
      document.querySelector('h1').style.color = '#ccc';
      document.querySelector('svg.plot text').style.fill = '#ccc';
      document.querySelector('nav a').style.outline = 'none';
      document.querySelector('nav li:nth-child(2) a').tabIndex = -1;
    `);
    const found = await violations(page);
    expect(found.filter((line) => line.startsWith('html-has-lang'))).toHaveLength(1);
    expect(found.filter((line) => line.startsWith('color-contrast'))).toHaveLength(1);
    expect(found).toHaveLength(2);
    expect((await paleParts(page, 'circle[stroke]')).pale).toHaveLength(1);
    const { expected, reached, unseen } = await tabThrough(page);
    expect(expected.filter((name) => !reached.includes(name))).toEqual([
      expect.stringMatching(/^a .*Numbers/),
    ]);
    expect(unseen).toEqual([expect.stringMatching(/^a .*Answers/)]);
    await page.context().close();
  });
});

describe.skipIf(skipBrowser)('the live page', { timeout: 300_000 }, () => {
  let folder: Awaited<ReturnType<typeof scratchFolder>>;
  let site: Site;

  beforeAll(async () => {
    folder = await scratchFolder();
    const root = join(import.meta.dirname, '..', 'docs', 'live');
    await build({
      root,
      configFile: join(root, 'vite.config.ts'),
      logLevel: 'error',
      build: { outDir: folder.path },
    });
    site = await serve(folder.path, { isolated: true });
  }, 120_000);
  afterAll(async () => {
    await site?.close();
    await folder?.remove();
  });

  async function expectNoFaults(page: Page): Promise<void> {
    for (const [device, width, colorScheme] of VIEWS) {
      await page.setViewportSize({ width, height: 800 });
      await page.emulateMedia({ colorScheme });
      expect(await violations(page), `${device}, ${colorScheme}`).toEqual([]);
      expect((await paleParts(page, 'svg .in, svg .out')).pale).toEqual([]);
    }
  }

  it('breaks no rule, and keys reach it all: before, during and after training', async () => {
    const page = await open(`${site.origin}/`, DESKTOP, 'light');
    await expectNoFaults(page);
    await expectReachable(page, 2);
    await page.getByRole('button', { name: 'Start' }).press('Enter');
    await page.waitForFunction("Number(document.querySelector('#loss').textContent) > 0", undefined, {
      timeout: 60_000,
    });
    // The focus goes to what can be pressed now.
    expect(await page.evaluate('document.activeElement.id')).toBe('stop');
    await expectNoFaults(page);
    await page.locator('#results').waitFor({ timeout: 180_000 });
    expect(await page.evaluate('document.activeElement.id')).toBe('start');
    await expectNoFaults(page);
    await expectReachable(page, 3);
    expect((await paleParts(page, 'svg .in, svg .out')).checked).toBe(4 * 5);
    const names = (await page.evaluate(
      "[...document.querySelectorAll('#charts svg[role=img]')].map((plot) => plot.getAttribute('aria-label'))",
    )) as string[];
    expect(names).toHaveLength(4);
    for (const name of names) {
      expect(name).toMatch(
        /^(Letters|Textures) and digits, (before|after): half of the (letters|textures) score below −0\.\d{3}; half of the digits below −[01]\.\d{3}\.$/,
      );
    }
    await page.context().close();
  });
});
