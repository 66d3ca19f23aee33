/** The live page: starts, trains, shows what Outlier Exposure changed, and stops. */
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launch, open, type Site, scratchFolder, serve, skipBrowser } from './harness.ts';

describe.skipIf(skipBrowser)('the live page', { timeout: 180_000 }, () => {
  let folder: Awaited<ReturnType<typeof scratchFolder>>;
  let site: Site;
  let browser: Browser;

  beforeAll(async () => {
    folder = await scratchFolder();
    const root = join(import.meta.dirname, '..', '..', 'docs', 'live');
    await build({
      root,
      configFile: join(root, 'vite.config.ts'),
      logLevel: 'error',
      build: { outDir: folder.path },
    });
    site = await serve(folder.path, { isolated: true });
    browser = await launch();
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    await site?.close();
    await folder?.remove();
  });

  const text = (page: Page, id: string) => page.locator(`#${id}`).textContent();

  it('trains, and finds outliers better afterwards', async () => {
    const { page, trouble } = await open(browser, `${site.origin}/`);
    await page.getByRole('button', { name: 'Start' }).press('Enter');
    await page.waitForFunction("document.querySelector('progress').value > 0.1", undefined, {
      timeout: 60_000,
    });
    expect(Number(await text(page, 'loss'))).toBeGreaterThan(0);
    expect(await text(page, 'phase')).toMatch(/^Step 1 of 2/);
    expect(await page.getByRole('button', { name: 'Start' }).isDisabled()).toBe(true);
    await page.locator('#results').waitFor({ timeout: 150_000 });
    const rows = await page.locator('tbody tr').all();
    expect(rows).toHaveLength(2);
    for (const row of rows) {
      const [aurocBefore, aurocAfter, fprBefore, fprAfter] = (await row.locator('td').allTextContents()).map(
        Number.parseFloat,
      ) as [number, number, number, number];
      expect(aurocAfter).toBeGreaterThan(aurocBefore);
      expect(aurocAfter).toBeGreaterThan(80);
      expect(fprAfter).toBeLessThan(fprBefore);
    }
    expect(Number.parseFloat((await text(page, 'accuracy'))!)).toBeGreaterThan(80);
    expect(await page.locator('#charts svg[role=img]').count()).toBe(4);
    expect(await text(page, 'status')).toMatch(/Letters: AUROC .* before, .* after/);
    expect(trouble).toEqual([]);
    await page.close();
  });

  it('stops when told to, and can begin anew', async () => {
    const { page, trouble } = await open(browser, `${site.origin}/`);
    await page.getByRole('combobox', { name: 'Outliers to learn from' }).selectOption('noise');
    for (let round = 0; round < 2; round++) {
      await page.getByRole('button', { name: 'Start' }).click();
      await page.waitForFunction("Number(document.querySelector('#loss').textContent) > 0", undefined, {
        timeout: 60_000,
      });
      await page.getByRole('button', { name: 'Stop' }).press('Space');
      await page.waitForFunction("!document.querySelector('#start').disabled", undefined, {
        timeout: 10_000,
      });
      expect(await text(page, 'phase')).toBe('Stopped');
      expect(await page.getByRole('button', { name: 'Stop' }).isDisabled()).toBe(true);
    }
    expect(await page.locator('#results').isVisible()).toBe(false);
    expect(trouble).toEqual([]);
    await page.close();
  });

  it.each([320, 1024])('fits a window %i pixels wide', async (width) => {
    const { page } = await open(browser, `${site.origin}/`);
    await page.setViewportSize({ width, height: 800 });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    await page.close();
  });
});
