/** report.html: built from a small made-up run, read as text, and opened in a browser. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseHTML } from 'linkedom';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ExperimentResults } from '../src/experiments/index.ts';
import { answerOf } from '../src/report/html/answer.ts';
import { commandOf } from '../src/report/html/sections/settings.ts';
import { html } from '../src/report/html/template.ts';
import { writeComparison, writeExperiment, writeReport } from '../src/report/index.ts';
import { findChromium, launch } from './browser/harness.ts';
import { HOSTILE, HOSTILE_PATH, madeUpRun } from './fixtures/made-up-run.ts';

let folder: string;
let run: string;
let page: string;
let results: ExperimentResults;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'oe-report-'));
  run = join(folder, 'run');
  mkdirSync(run);
  const made = madeUpRun();
  results = made.results;
  await writeExperiment(run, made.results, made.models, made.sheets);
  page = readFileSync(join(run, 'report.html'), 'utf8');
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const documentOf = (text: string) => parseHTML(text).document;

describe('the template', () => {
  it('escapes what is not HTML, in text and attributes, and leaves out nothing-values', () => {
    const name = `<b>&"'`;
    expect(
      html`<a title="${name}">${name}${[html`<i>${1}</i>`, undefined, false, null]}</a>`.toString(),
    ).toBe('<a title="&lt;b&gt;&amp;&quot;&#39;">&lt;b&gt;&amp;&quot;&#39;<i>1</i></a>');
  });
});

describe('the answer', () => {
  /** The results with other numbers in the mean row and of the test. */
  const answer = (fpr: [number, number], error: [number, number]) => {
    const copy = structuredClone(results);
    copy.models = copy.models.slice(0, 2);
    for (const [i, model] of copy.models.entries()) {
      model.testError = error[i]!;
      for (const row of copy.rows) if (row.model === model.name && row.set === 'mean') row.fpr = fpr[i]!;
    }
    return answerOf(copy).sentence.replaceAll('\u00a0', ' ');
  };

  it('says what became better', () => {
    expect(answer([0.063, 0.021], [0.0094, 0.0094])).toBe(
      'Shown outliers of one kind (Fashion-MNIST: pictures of clothes, shoes and bags) while training, the classifier mistakes 2.10 % of digits for strangers instead of 6.30 % when 95 % of the strangers are to be found, and misreads as few digits as before (0.94 % → 0.94 %).',
    );
  });

  it('says when it became worse', () => {
    expect(answer([0.02, 0.08], [0.01, 0.03])).toMatch(
      /mistakes 8\.00 % of digits for strangers, which is more than the 2\.00 % before, .* misreads more digits than before \(1\.00 % → 3\.00 %\)/,
    );
  });

  it('calls a difference that chance makes no difference', () => {
    // Of 10,000 digits 94 and 105: the standard error of the difference is 14.
    expect(answer([0.02, 0.02], [0.0094, 0.0105])).toMatch(
      /still mistakes 2\.00 % .* about as many digits as before \(0\.94 % → 1\.05 %\), a difference that chance makes among 10,000/,
    );
  });
});

describe('report.html', () => {
  it('has its sections in the order in which readers stop', () => {
    const document = documentOf(page);
    expect([...document.querySelectorAll('main > section')].map(({ id }) => id)).toEqual([
      'answer',
      'numbers',
      'curves',
      'scores',
      'training',
      'pictures',
      'sets',
      'settings',
    ]);
  });

  it('is one file that loads nothing', () => {
    expect(Buffer.byteLength(page)).toBeLessThan(2_000_000);
    expect(page).not.toMatch(/@import|@font-face|url\(/);
    const document = documentOf(page);
    expect(document.querySelectorAll('script[src], iframe, object, embed').length).toBe(0);
    for (const element of document.querySelectorAll('[src]'))
      expect(element.getAttribute('src')).toMatch(/^data:image\/(png|webp);base64,/);
    for (const link of document.querySelectorAll('link')) expect(link.getAttribute('href')).toBe('data:,');
    for (const link of document.querySelectorAll('a'))
      expect(link.getAttribute('href')).toMatch(/^#|^https:\/\/arxiv\.org\//);
  });

  it('lets no name out of its place', () => {
    const document = documentOf(page);
    expect(document.querySelectorAll('script').length).toBe(1);
    expect(document.querySelectorAll('[onerror], img[src="x"]').length).toBe(0);
    expect(page).not.toContain(HOSTILE);
    expect(page).not.toContain(HOSTILE_PATH);
    expect(document.querySelector('#numbers')!.textContent).toContain(HOSTILE);
    expect(document.querySelector('#numbers')!.textContent).toContain(HOSTILE_PATH);
    expect(document.querySelector('#curves')!.textContent).toContain(HOSTILE);
  });

  it('can be read without seeing', () => {
    const document = documentOf(page);
    expect(document.documentElement.getAttribute('lang')).toBe('en');
    for (const name of ['header', 'nav[aria-label]', 'main', 'footer', 'a.skip[href="#main"]', 'h1'])
      expect(document.querySelectorAll(name).length, name).toBe(1);
    const levels = [...document.querySelectorAll('h1, h2, h3, h4')].map(({ tagName }) => Number(tagName[1]));
    levels.forEach((level, i) => {
      if (i > 0) expect(level - levels[i - 1]!).toBeLessThanOrEqual(1);
    });
    const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const image of document.querySelectorAll('img')) expect(image.getAttribute('alt')).toBeTruthy();
    for (const plot of document.querySelectorAll('svg.plot')) {
      expect(plot.getAttribute('role')).toBe('img');
      expect(plot.getAttribute('aria-label')!.length).toBeGreaterThan(20);
    }
    for (const table of document.querySelectorAll('table')) {
      expect(table.querySelector('caption')!.textContent).toBeTruthy();
      for (const cell of table.querySelectorAll('th')) expect(cell.getAttribute('scope')).toBeTruthy();
    }
  });

  it('has a table behind every plot', () => {
    const document = documentOf(page);
    const plots = [...document.querySelectorAll('svg.plot')];
    expect(plots.length).toBeGreaterThan(3 * 2 + 3 * 3);
    for (const plot of plots) {
      const rows = plot.closest('figure')!.querySelectorAll('details > .scroll > table > tbody > tr');
      expect(rows.length).toBeGreaterThan(2);
    }
  });

  it('shows the published numbers beside ours, and both scores', () => {
    const text = documentOf(page).querySelector('#numbers')!.textContent!;
    for (const part of ['published', 'MSP', '−H(U; p)', '99.81', 'FPR95', 'AUROC', 'AUPR', 'Own mistakes'])
      expect(text).toContain(part);
  });

  it('shows eight pictures from either end, and what the digits are', () => {
    const section = documentOf(page).querySelector('#pictures')!;
    const lists = [...section.querySelectorAll('ul.pictures')];
    expect(lists.map((list) => list.querySelectorAll('img').length)).toEqual([8, 8, 8, 8, 8, 8]);
    expect(lists[0]!.textContent).toContain('is 8');
    // An outlier's label is no class of the model.
    expect(lists[2]!.textContent).not.toContain('is 8');
  });

  it('shows some pictures of each set, by the part that it plays', () => {
    const section = documentOf(page).querySelector('#sets')!;
    expect([...section.querySelectorAll('h3')].map(({ textContent }) => textContent)).toEqual([
      'Judged by: digits',
      'Shown as outliers while training',
      'Strangers that it is judged by',
    ]);
    const images = [...section.querySelectorAll('img')];
    expect(images.map((image) => image.getAttribute('alt'))).toEqual([
      '8 pictures of MNIST test',
      '8 pictures of Fashion-MNIST',
      '8 pictures of Gaussian noise',
      `8 pictures of ${HOSTILE}`,
    ]);
    // Two rows of six, twice as large.
    for (const image of images) {
      expect(image.getAttribute('width')).toBe('192');
      expect(image.getAttribute('height')).toBe('64');
    }
    expect(section.textContent).toContain('8 of 1,000 pictures');
  });

  it('says what to know before comparing', () => {
    expect(documentOf(page).querySelector('#answer')!.textContent).toContain(`A note on ${HOSTILE}.`);
    expect(readFileSync(join(run, 'results.md'), 'utf8')).toContain('- A note on');
  });

  it('gives the command that makes it again', () => {
    expect(documentOf(page).querySelector('#settings pre')!.textContent).toBe(
      "oe reproduce mnist --quick --scratch --outliers fashion-mnist --data 'it'\\''s here' --seed 1 --seeds 1 --draws 1",
    );
  });

  it('gives the words of the command where the run kept them', () => {
    const flags = ['--model', 'resnet-20', '--ood', 'my set=a b/'];
    expect(commandOf({ ...results, experiment: 'cifar10', flags })).toBe(
      "oe reproduce cifar10 --model resnet-20 --ood 'my set=a b/' --seed 1 --seeds 1 --draws 1",
    );
  });

  it('comes out of the folder alone, the same', async () => {
    const again = await writeReport(run, undefined, join(folder, 'again.html'));
    expect(readFileSync(again, 'utf8')).toBe(page);
  });

  it('makes do without scores and pictures', async () => {
    const bare = join(folder, 'bare');
    mkdirSync(bare);
    cpSync(join(run, 'results.json'), join(bare, 'results.json'));
    const text = readFileSync(await writeReport(bare), 'utf8');
    expect(text).toContain('holds no scores');
    expect(text).toContain('holds no pictures,');
    expect(text).toContain('holds no pictures of the sets');
  });
});

describe('a comparison', () => {
  it('puts runs side by side and says what differs', async () => {
    const other = join(folder, 'other');
    cpSync(run, other, { recursive: true });
    const changed = structuredClone(results);
    changed.config.outliers = 'icons';
    writeFileSync(join(other, 'results.json'), JSON.stringify(changed));
    const text = readFileSync(await writeComparison([run, other], join(folder, 'comparison.html')), 'utf8');
    const document = documentOf(text);
    expect(document.querySelectorAll('svg.plot').length).toBe(2);
    const differing = [...document.querySelectorAll('#settings > .scroll tbody tr')].map((row) =>
      [...row.children].map(({ textContent }) => textContent),
    );
    expect(differing).toEqual([['outliers', 'fashion-mnist', 'icons']]);
    expect(document.querySelectorAll('script, [onerror]').length).toBe(1);
  });
});

describe('oe report', () => {
  const oe = (...args: string[]) =>
    spawnSync(
      process.execPath,
      [fileURLToPath(new URL('../bin/oe.js', import.meta.url)), 'report', ...args],
      {
        encoding: 'utf8',
      },
    );
  const refused = (...args: string[]) => {
    const { status, stdout, stderr } = oe(...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr.trim().split('\n')).toHaveLength(1);
    return stderr;
  };
  /** A folder with nothing but this results.json. */
  const withResults = (name: string, text: string) => {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, 'results.json'), text);
    return join(folder, name);
  };

  it('shows two examples', () => {
    expect(oe('--help').stdout.match(/\$ oe report/g)).toHaveLength(2);
  });

  it('makes the report again', () => {
    const out = join(folder, 'sub', 'page.html');
    const { status, stdout } = oe(run, '--out', out);
    expect({ status, stdout }).toEqual({ status: 0, stdout: `Written to ${out}\n` });
    expect(readFileSync(out, 'utf8')).toBe(page);
  });

  it('says what is wrong with a run', () => {
    expect(refused(join(folder, 'nowhere'))).toMatch('does not exist');
    expect(refused(join(run, 'results.json'))).toMatch('is a file');
    expect(refused(join(run, 'scores'))).toMatch('holds no results.json');
    expect(refused(withResults('cut', JSON.stringify(results).slice(0, 5000)))).toMatch('is not JSON');
    expect(refused(withResults('list', '[]'))).toMatch(/damaged: its top level/);
    const { rows, ...without } = results;
    expect(refused(withResults('rowless', JSON.stringify(without)))).toMatch(/damaged: "rows"/);
    const foreign = { ...without, versions: { 'outlier-exposure': '9.0.0' } };
    expect(refused(withResults('foreign', JSON.stringify(foreign)))).toMatch('written by version 9.0.0');
    expect(rows.length).toBeGreaterThan(0);
  });

  it('says which file is damaged', () => {
    const damaged = join(folder, 'damaged');
    cpSync(run, damaged, { recursive: true });
    const list = join(damaged, 'samples', 'oe-tune', 'samples.json');
    const index = JSON.parse(readFileSync(list, 'utf8')) as Record<string, { file: string }>;
    writeFileSync(join(damaged, 'samples', 'oe-tune', index.in!.file), 'no picture');
    expect(refused(damaged)).toMatch(/in\.png is damaged/);
    index.in!.file = '../../results.json';
    writeFileSync(list, JSON.stringify(index));
    expect(oe(damaged).status).toBe(0);
    const sheets = join(damaged, 'sheets', 'sheets.json');
    const sheetIndex = JSON.parse(readFileSync(sheets, 'utf8')) as { file: string }[];
    sheetIndex[0]!.file = '../../results.json';
    writeFileSync(sheets, JSON.stringify(sheetIndex));
    expect(oe(damaged).status).toBe(0);
    writeFileSync(sheets, '[{"file": 7}]');
    expect(refused(damaged)).toMatch(/sheets\.json is damaged/);
    rmSync(join(damaged, 'sheets'), { recursive: true });
    writeFileSync(join(damaged, 'scores', 'baseline', 'msp', 'in.npy'), 'no scores');
    expect(refused(damaged)).toMatch(/in\.npy is not a readable \.npy file/);
    expect(readdirSync(damaged).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});

let missing = '';
try {
  findChromium();
} catch (error) {
  missing = (error as Error).message;
}

describe.skipIf(missing)(`report.html in a browser${missing && ` (left out: ${missing})`}`, () => {
  let browser: Browser;
  const trouble: string[] = [];
  const open = async (width: number, colorScheme: 'light' | 'dark' = 'light'): Promise<Page> => {
    const tab = await browser.newPage({ viewport: { width, height: 800 }, colorScheme });
    tab.on('console', (message) => trouble.push(message.text()));
    tab.on('pageerror', (error) => trouble.push(error.message));
    tab.on('request', (request) => {
      if (!/^(data|file):/.test(request.url())) trouble.push(`request: ${request.url()}`);
    });
    await tab.goto(pathToFileURL(join(run, 'report.html')).href);
    return tab;
  };
  const background = (tab: Page) => tab.evaluate('getComputedStyle(document.body).backgroundColor');

  beforeAll(async () => {
    browser = await launch();
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
  });

  it.each([320, 360, 1280])('fits into %i pixels', async (width) => {
    const tab = await open(width);
    expect(await tab.evaluate('document.documentElement.scrollWidth')).toBe(width);
    // Opened tables scroll by themselves.
    await tab.evaluate('for (const each of document.querySelectorAll("details")) each.open = true');
    expect(await tab.evaluate('document.documentElement.scrollWidth')).toBe(width);
    await tab.close();
  });

  it('shows plots, in a size that can be read on a phone', async () => {
    const tab = await open(360);
    const sizes = (await tab.evaluate(
      `[...document.querySelectorAll('svg.plot')].map((plot) => ({
        shown: plot.getBoundingClientRect().width,
        font: parseFloat(getComputedStyle(plot).fontSize) * plot.getBoundingClientRect().width / plot.viewBox.baseVal.width,
      })).filter(({ shown }) => shown > 0)`,
    )) as { shown: number; font: number }[];
    expect(sizes.length).toBeGreaterThan(10);
    for (const { font } of sizes) expect(font).toBeGreaterThan(11);
    await tab.close();
  });

  it('follows the system to light and dark, and its button, which keys reach', async () => {
    const [light, dark] = [await open(800, 'light'), await open(800, 'dark')];
    const bright = await background(light);
    expect(await background(dark)).not.toBe(bright);
    let focused = '';
    for (let i = 0; i < 10 && focused !== 'theme'; i++) {
      await light.keyboard.press('Tab');
      focused = (await light.evaluate('document.activeElement.id')) as string;
    }
    expect(focused).toBe('theme');
    expect(await light.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid');
    await light.keyboard.press('Enter');
    expect(await background(light)).toBe(await background(dark));
    await light.emulateMedia({ media: 'print' });
    expect(await background(light)).toBe(bright);
    await light.close();
    await dark.close();
  });

  it('lets keys scroll the tables that do not fit, and no others', async () => {
    const tab = await open(360);
    const boxes = (await tab.evaluate(
      `[...document.querySelectorAll('.scroll')].map((box) => [box.scrollWidth > box.clientWidth + 1, box.tabIndex === 0])`,
    )) as [boolean, boolean][];
    expect(boxes.some(([wide]) => wide)).toBe(true);
    for (const [wide, reached] of boxes) expect(reached).toBe(wide);
    await tab.close();
  });

  it('runs nothing from its data, and says nothing on the console', async () => {
    const tab = await open(1280);
    expect(await tab.evaluate('window.hacked')).toBeUndefined();
    await tab.close();
    expect(trouble).toEqual([]);
  });
});
