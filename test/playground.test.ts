/** The playground in a browser: draw, pick, type, move the threshold, train; by mouse, finger and keys. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseNpy } from '../src/data/index.ts';
import type * as Experiments from '../src/experiments/index.ts';
import type * as ExportNode from '../src/export/node/index.ts';
import type * as Report from '../src/report/index.ts';
import { chooseThreshold, flaggedShare } from '../src/thresholds/index.ts';
import { paleParts, tabThrough, violations } from './browser/accessibility.ts';
import { launch, open, skipBrowser, type Watched } from './browser/harness.ts';

/** As users have it: runtimes start workers from the built files. */
async function built<T>(entry: string): Promise<T> {
  return (await import(`outlier-exposure/${entry}`)) as T;
}

describe.skipIf(skipBrowser)('the playground', { timeout: 180_000 }, () => {
  let folder: string;
  let browser: Browser;
  let made: typeof ExportNode;
  const sites: ExportNode.ServedPage[] = [];
  const urls: Record<'mnist' | 'text', string> = { mnist: '', text: '' };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'oe-playground-'));
    const root = join(import.meta.dirname, '..', 'web');
    const page = join(folder, 'page');
    await build({
      root,
      configFile: join(root, 'vite.config.ts'),
      logLevel: 'error',
      build: { outDir: page },
    });
    made = await built<typeof ExportNode>('export/node');
    const { reproduce } = await built<typeof Experiments>('experiments');
    const { writeExperiment } = await built<typeof Report>('report');
    // Long enough for digits to be known, and no longer.
    for (const [name, length] of [
      ['mnist', { trainSize: 6000, epochs: 3 }],
      ['text', { trainSize: 600, epochs: 1 }],
    ] as const) {
      const run = join(folder, name);
      const { results, models, sheets } = await reproduce(name, {
        ...length,
        size: 'quick',
        tuneEpochs: 1,
        threads: 2,
      });
      mkdirSync(run);
      await writeExperiment(run, results, models, sheets);
      const files = await made.playgroundFiles(run, { page, examples: 60, training: 200 });
      const site = await made.servePage(files, { port: 0 });
      sites.push(site);
      urls[name] = site.url;
    }
    browser = await launch();
  }, 600_000);
  afterAll(async () => {
    await browser?.close();
    for (const site of sites) await site.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function ready(which: 'mnist' | 'text' = 'mnist'): Promise<Watched> {
    const watched = await open(browser, urls[which]);
    await watched.page.locator('#works').waitFor({ timeout: 60_000 });
    return watched;
  }
  const said = (page: Page, pattern: RegExp) =>
    page.waitForFunction(`${pattern}.test(document.querySelector('#status').textContent)`, undefined, {
      timeout: 20_000,
    });
  const ANSWERS = /baseline: .* sure\. oe-tune: .* sure\./;
  const rates = (page: Page, plot = 0) => page.locator('.threshold .rates').nth(plot).textContent();
  const percents = async (page: Page) =>
    [...(await rates(page))!.matchAll(/(?:FPR|TPR) ([\d.]+)/g)].map(([, value]) => Number(value)) as [
      number,
      number,
    ];

  async function drawSeven(page: Page): Promise<void> {
    const box = (await page.locator('#drawing').boundingBox())!;
    const at = (x: number, y: number) => [box.x + box.width * x, box.y + box.height * y] as const;
    await page.mouse.move(...at(0.3, 0.2));
    await page.mouse.down();
    await page.mouse.move(...at(0.7, 0.2), { steps: 6 });
    await page.mouse.move(...at(0.45, 0.85), { steps: 6 });
    await page.mouse.up();
  }

  it('lets both models answer to a drawing, and forgets it when cleared', async () => {
    const { page, trouble } = await ready();
    await drawSeven(page);
    await said(page, ANSWERS);
    const cards = page.locator('.card');
    expect(await cards.count()).toBe(2);
    for (const card of await cards.all()) {
      const shares = (await card.locator('.share').allTextContents()).map(Number.parseFloat);
      expect(shares).toHaveLength(10);
      expect(Math.abs(shares.reduce((a, b) => a + b) - 100)).toBeLessThan(6);
      expect(await card.getAttribute('data-verdict')).toMatch(/^(in|out)$/);
    }
    // What they see is the drawing in MNIST's size, its mass in the middle.
    const [x, y, ink] = (await page.evaluate(`(() => {
      const seen = document.querySelector('#seen');
      const { data } = seen.getContext('2d').getImageData(0, 0, 28, 28);
      let [x, y, mass] = [0, 0, 0];
      for (let i = 0; i < 784; i++) { mass += data[4 * i]; x += data[4 * i] * (i % 28); y += data[4 * i] * Math.floor(i / 28); }
      return [x / mass, y / mass, mass / 255];
    })()`)) as [number, number, number];
    expect(Math.abs(x - 13.5)).toBeLessThan(1);
    expect(Math.abs(y - 13.5)).toBeLessThan(1);
    expect(ink).toBeGreaterThan(30);
    await page.getByRole('button', { name: 'Clear' }).click();
    expect(await page.locator('.verdict').allTextContents()).toEqual(['–', '–']);
    expect(trouble).toEqual([]);
    await page.close();
  });

  it('can be drawn on with keys', async () => {
    const { page, trouble } = await ready();
    const pad = page.locator('#pad');
    await pad.press('Space');
    for (let i = 0; i < 8; i++) await pad.press('ArrowDown');
    await pad.press('Space');
    await said(page, ANSWERS);
    await pad.press('Delete');
    expect(await page.locator('.verdict').first().textContent()).toBe('–');
    expect(trouble).toEqual([]);
    await page.close();
  });

  it('takes pictures, and says so when a file is none', async () => {
    const { page, trouble } = await ready();
    const buffer = await sharp({ create: { width: 90, height: 60, channels: 3, background: '#f80' } })
      .png()
      .toBuffer();
    const file = page.locator('#picture');
    await file.setInputFiles({ name: 'orange.png', mimeType: 'image/png', buffer });
    await said(page, ANSWERS);
    await file.setInputFiles({
      name: 'broken.png',
      mimeType: 'image/png',
      buffer: Buffer.from('no picture'),
    });
    await said(page, /broken\.png is no picture/);
    expect(trouble).toEqual([]);
    await page.close();
  });

  it('shows the rates that the run’s scores have, and moves them with the line', async () => {
    const { page, trouble } = await ready();
    const scores = (set: string) =>
      parseNpy(new Uint8Array(readFileSync(join(folder, 'mnist', 'scores', 'baseline', 'msp', `${set}.npy`))))
        .data as Float32Array;
    const { threshold, fpr } = chooseThreshold(scores('in'), { fpr: 0.05 });
    await page.locator('#threshold-set').selectOption('glyphs');
    const found = flaggedShare(scores('glyphs'), threshold).rate;
    expect(await percents(page)).toEqual([
      Number((100 * fpr.rate).toFixed(1)),
      Number((100 * found).toFixed(1)),
    ]);

    const slider = page.getByRole('slider', { name: 'Threshold of baseline' });
    const [fprBefore, tprBefore] = await percents(page);
    await slider.press('PageDown');
    const [fprLower, tprLower] = await percents(page);
    expect(fprLower).toBeGreaterThan(fprBefore);
    expect(tprLower).toBeGreaterThan(tprBefore);
    expect(await slider.getAttribute('aria-valuetext')).toContain(`found ${tprLower.toFixed(1)}`);
    await slider.press('End');
    expect(await percents(page)).toEqual([0, 0].map(() => expect.any(Number)));
    const end = Number(await slider.getAttribute('aria-valuenow'));
    expect(end).toBe(Number(await slider.getAttribute('aria-valuemax')));

    // By mouse: to the left, more is flagged.
    const box = (await page.locator('.threshold svg').first().boundingBox())!;
    const y = box.y + box.height / 3;
    await page.mouse.move(box.x + box.width * 0.9, y);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.3, y, { steps: 4 });
    await page.mouse.up();
    const [fprLeft, tprLeft] = await percents(page);
    expect(fprLeft).toBeGreaterThan(fprLower);
    expect(tprLeft).toBeGreaterThan(tprBefore);
    // The other model's line stays where it was.
    expect(await rates(page, 1)).toMatch(/FPR 5\.0/);
    expect(trouble).toEqual([]);
    await page.close();
  });

  it('moves the line under a finger', async () => {
    const context = await browser.newContext({ hasTouch: true, viewport: { width: 360, height: 800 } });
    const page = await context.newPage();
    await page.goto(urls.mnist);
    await page.locator('#works').waitFor({ timeout: 60_000 });
    const svg = page.locator('.threshold svg').first();
    await svg.scrollIntoViewIfNeeded();
    const [before] = await percents(page);
    const box = (await svg.boundingBox())!;
    await page.touchscreen.tap(box.x + box.width * 0.2, box.y + box.height / 3);
    expect((await percents(page))[0]).toBeGreaterThan(before);
    await context.close();
  });

  it('answers to the examples that keys go through', async () => {
    const { page, trouble } = await ready();
    await page.locator('#gallery-set').selectOption('glyphs');
    await page.locator('#gallery [role=option]').first().waitFor();
    const gallery = page.locator('#gallery');
    await gallery.press('ArrowRight');
    await said(page, ANSWERS);
    const first = await page.locator('#status').textContent();
    await gallery.press('End');
    await page.waitForFunction(`document.querySelector('#status').textContent !== ${JSON.stringify(first)}`);
    expect(await gallery.getAttribute('aria-activedescendant')).toBe('example-59');
    expect(await page.locator('[aria-selected=true]').count()).toBe(1);
    expect(trouble).toEqual([]);
    await page.close();
  });

  it('trains, draws how it goes, and puts the model beside the others; stops when told to', async () => {
    const { page, trouble } = await ready();
    await page.locator('#epochs').fill('50');
    await page.getByRole('button', { name: 'Train' }).press('Enter');
    await page.waitForFunction("document.querySelector('progress').value > 0", undefined, {
      timeout: 60_000,
    });
    await page.getByRole('button', { name: 'Stop' }).press('Enter');
    await page.waitForFunction("/^Stopped/.test(document.querySelector('#training-status').textContent)");
    expect(await page.locator('.card').count()).toBe(2);
    for (let round = 0; round < 2; round++) {
      await page.locator('#epochs').fill('2');
      await page.getByRole('button', { name: 'Train' }).click();
      await page.waitForFunction(
        "/^Done: AUROC [\\d.]+\\s% before, [\\d.]+\\s% after/.test(document.querySelector('#training-status').textContent)",
        undefined,
        { timeout: 120_000 },
      );
      expect(await page.locator('.card h3').allTextContents()).toEqual([
        'baseline',
        'oe-tune',
        'trained here',
      ]);
      expect(await page.getByRole('slider').count()).toBe(3);
    }
    const points = (kind: string) =>
      page.evaluate(`document.querySelector('.run.${kind}').getAttribute('points').split(' ').length`);
    expect(await points('in')).toBe(16);
    expect(await points('out')).toBeGreaterThanOrEqual(2);
    const [loss] = await page.locator('#training-plots svg').all();
    expect(await loss!.getAttribute('aria-label')).toMatch(
      /^Training loss: loss from \d+\.\d\d to \d+\.\d\d$/,
    );
    expect(trouble).toEqual([]);
    await page.close();
  });

  it('answers to texts as they are typed', async () => {
    const { page, trouble } = await ready('text');
    await page.locator('#text').fill('an animal with four legs');
    await said(page, ANSWERS);
    await page.locator('#gallery [role=option]').nth(1).click();
    expect(await page.locator('#text').inputValue()).toMatch(/^\S.{10,}/);
    expect(await page.locator('#training').isVisible()).toBe(false);
    expect(await page.locator('#image-input').isVisible()).toBe(false);
    expect(trouble).toEqual([]);
    await page.close();
  });

  describe.each(['mnist', 'text'] as const)('of %s', (which) => {
    it('breaks no rule in any view, and keys reach all of it', async () => {
      const context = await browser.newContext({ reducedMotion: 'reduce' });
      const page = await context.newPage();
      await page.goto(urls[which]);
      await page.locator('#works').waitFor({ timeout: 60_000 });
      await page.locator('#gallery [role=option]').first().click();
      await said(page, ANSWERS);
      for (const [width, colorScheme] of [
        [360, 'light'],
        [360, 'dark'],
        [1280, 'light'],
        [1280, 'dark'],
      ] as const) {
        await page.setViewportSize({ width, height: 800 });
        await page.emulateMedia({ colorScheme });
        expect(await violations(page), `${width}, ${colorScheme}`).toEqual([]);
        const { pale, checked } = await paleParts(page, 'svg .in, svg .out, svg .line, svg .you');
        expect(pale).toEqual([]);
        expect(checked).toBeGreaterThan(10);
      }
      const { expected, reached, unseen } = await tabThrough(page);
      expect(expected.length).toBeGreaterThanOrEqual(6);
      expect(reached.filter((name) => expected.includes(name))).toEqual(expected);
      expect(unseen).toEqual([]);
      await context.close();
    });

    it.each([320, 1024])('fits a window %i pixels wide', async (width) => {
      const { page } = await ready(which);
      await page.setViewportSize({ width, height: 800 });
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
      await page.close();
    });
  });

  it('says what is missing', async () => {
    const site = await made.servePage(
      new Map(
        [...(await made.playgroundFiles(join(folder, 'mnist'), { page: join(folder, 'page') }))].filter(
          ([path]) => !path.startsWith('models/'),
        ),
      ),
      { port: 0 },
    );
    const page = await browser.newPage();
    await page.goto(site.url);
    await page.waitForFunction("'trouble' in document.querySelector('#status').dataset");
    expect(await page.locator('#status').textContent()).toBe(
      'models/baseline.onnx could not be loaded (404).',
    );
    expect(await page.locator('#works').isVisible()).toBe(false);
    await page.close();
    await site.close();
    const built = { page: join(folder, 'page') };
    await expect(made.playgroundFiles(join(folder, 'page'), built)).rejects.toThrow(
      /not the folder of a run/,
    );
    await expect(made.playgroundFiles(join(folder, 'mnist'), { page: folder })).rejects.toThrow(/build:page/);
  });
});
