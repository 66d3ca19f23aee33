import { parseHTML } from 'linkedom';
import { describe, expect, it } from 'vitest';
import { madeUpAblation } from '../../../test/fixtures/made-up-ablation.ts';
import { ablationPage } from './ablation.ts';
import { levelPlot } from './plots/ablation.ts';

const read = (...given: Parameters<typeof madeUpAblation>) =>
  // Numbers keep their units on the line by spaces that do not break.
  parseHTML(ablationPage(madeUpAblation(...given)).replaceAll('\u00a0', ' ')).document;

describe('the page of an ablation', () => {
  it('says which level came out best and worst, and how sure that is', () => {
    const document = read();
    const answer = document.querySelector('.answer')!.textContent;
    expect(answer).toContain('With “all outliers”, 8.00 ± 1.00 % of digits');
    expect(answer).toContain('with “100 outliers”, 18.00 ± 1.00 %');
    expect(answer).toContain('without exposure, 23.00 ± 1.00 %');
    expect(document.querySelector('#answer')!.textContent).toContain('means over 3 seeds');
    expect(read('ordered', [1]).querySelector('#answer')!.textContent).toContain('differences may be chance');
  });

  it('draws each measure, and has all values in a table', () => {
    const document = read();
    const plots = [...document.querySelectorAll('svg.plot')];
    expect(plots.map((plot) => plot.getAttribute('aria-label')!.replace(/ by .*/s, ''))).toEqual([
      'FPR95',
      'AUROC',
      'AUPR',
      'Test error',
    ]);
    const rows = [...document.querySelectorAll('#curves tbody tr')].map((row) =>
      [...row.querySelectorAll('th,td')].map(({ textContent }) => textContent),
    );
    expect(rows[3]).toEqual(['all outliers', '8.00 ± 1.00', '97.50 ± 0.40', '94.00 ± 2.00', '1.15 ± 0.10']);
    expect(rows).toHaveLength(4);
  });

  it('shows every set at every level, the best bold', () => {
    const document = read();
    const [first] = document.querySelectorAll('#sets table');
    expect([...first!.querySelectorAll('thead th')].map(({ textContent }) => textContent)).toEqual([
      'Strangers',
      'baseline',
      '100',
      '1000',
      'all',
    ]);
    expect([...first!.querySelectorAll('td.best')].map(({ textContent }) => textContent)).toEqual([
      '5.00 ± 1.00',
      '6.00 ± 1.00',
      '7.00 ± 1.00',
      '8.00 ± 1.00',
    ]);
  });

  it('has the command that makes it again, and no words of data but as text', () => {
    const document = read();
    expect(document.querySelector('#settings pre')!.textContent).toMatch(
      /^oe reproduce ablation-size --quick --outliers 'mine=<img .*>' --seed 1 --seeds 3 --draws 1$/,
    );
    expect(document.querySelectorAll('img')).toHaveLength(0);
  });
});

describe('levelPlot', () => {
  const points = [
    { name: 'few', value: 0.2, spread: 0.02 },
    { name: 'many', value: 0.1, spread: 0.01 },
  ];
  const drawn = (levelsAre: 'ordered' | 'kinds', spread?: number) =>
    parseHTML(
      `<html>${levelPlot(
        'made up',
        points.map((point) => ({ ...point, spread })),
        { name: 'baseline', value: 0.3 },
        { label: 'FPR95', factor: 'number', levelsAre },
      )}</html>`,
    ).document;
  const dots = (document: Document) =>
    [...document.querySelectorAll('circle')].map((circle) => ({
      x: Number(circle.getAttribute('cx')),
      y: Number(circle.getAttribute('cy')),
    }));

  it('puts levels in their order, higher values higher', () => {
    const [few, many] = dots(drawn('ordered') as unknown as Document);
    expect(many!.x).toBeGreaterThan(few!.x);
    expect(many!.y).toBeGreaterThan(few!.y);
  });

  it('joins levels that have an order, and no kinds', () => {
    const joined = (levelsAre: 'ordered' | 'kinds') =>
      [...drawn(levelsAre).querySelectorAll('path')].filter(
        (path) =>
          (path.getAttribute('stroke-width') ?? path.parentElement!.getAttribute('stroke-width')) === '2',
      ).length;
    expect(joined('ordered')).toBe(1);
    expect(joined('kinds')).toBe(0);
  });

  it('draws bands where there are several seeds', () => {
    const bands = (spread?: number) =>
      drawn('ordered', spread).querySelectorAll('[fill-opacity="0.2"]').length;
    expect(bands()).toBe(0);
    expect(bands(0.02)).toBe(1);
    expect(drawn('kinds', 0.02).querySelectorAll('[stroke-width="2"] line').length).toBe(
      drawn('kinds').querySelectorAll('[stroke-width="2"] line').length + 2,
    );
  });
});
