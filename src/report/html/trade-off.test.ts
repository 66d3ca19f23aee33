import { parseHTML } from 'linkedom';
import { describe, expect, it } from 'vitest';
import type { BudgetPoint, TradeOff } from '../../budget/index.ts';
import { tradeOffPlot } from './plots/trade-off.ts';
import { tradeOffPage } from './trade-off.ts';

const point = (run: number, share: number, error: number, meanAuroc: number): BudgetPoint => ({
  run,
  settings: { lambda: 0.5 * run, distillation: 0, normalization: 'frozen', learningRate: 0.001 },
  share,
  error,
  errorIncrease: error - 0.082,
  standardError: 0.002,
  meanAuroc,
  withinBudget: error - 0.082 <= 0.005,
});
const curve = [
  point(1, 1, 0.1, 0.89),
  point(1, 0.75, 0.09, 0.88),
  point(1, 0.5, 0.084, 0.87),
  point(2, 1, 0.11, 0.9),
  point(2, 0.5, 0.086, 0.875),
];
const tradeOff: TradeOff = {
  maxErrorIncrease: 0.005,
  heldOut: { name: '<b>held</b>', count: 5000, fingerprint: 'made up' },
  baseline: { error: 0.082, meanAuroc: 0.82, aurocs: {} },
  curve,
  chosen: { ...curve[4]!, aurocs: {} },
};
const read = (given: TradeOff) => parseHTML(tradeOffPage(given, { version: '0.0.0' })).document;

describe('the page of a tuning within a budget', () => {
  it('says what was chosen, and what it costs', () => {
    const answer = read(tradeOff).querySelector('.answer')!.textContent;
    expect(answer).toContain('from 82.00 % to 87.50 %');
    expect(answer).toContain('from 8.20 % to 8.60 %');
    expect(answer).toContain('0.50 percentage points');
    const { chosen: _, ...kept } = tradeOff;
    expect(read(kept).querySelector('.answer')!.textContent).toMatch(/^The baseline was kept/);
  });

  it('lists every model that was measured, the chosen one marked', () => {
    const rows = [...read(tradeOff).querySelectorAll('tbody tr')].map(({ textContent }) => textContent);
    expect(rows.length).toBe(1 + curve.length);
    expect(rows.filter((row) => row.includes('(chosen)')).length).toBe(1);
    expect(rows.at(-1)).toMatch(/\(chosen\).*8\.60.*0\.40.*0\.20.*87\.50.*yes/);
    expect(rows[1]).toMatch(/λ 0\.5.*100 % of the way.*10\.00.*no/);
  });

  it('draws a mark for each, and the budget', () => {
    // Drawn twice: for wide and for narrow screens.
    const drawn = read(tradeOff).querySelectorAll('svg.plot');
    expect(drawn.length).toBe(2);
    const svg = drawn[0]!;
    expect(svg.getAttribute('aria-label')).toContain('of 6 models');
    const marks = [...svg.querySelectorAll('title')].map(({ textContent }) => textContent);
    expect(marks.length).toBe(1 + curve.length);
    expect(svg.textContent).toContain('budget');
    expect(svg.querySelectorAll('[stroke-dasharray]').length).toBe(1);
  });

  it('has no words of data in it but as text', () => {
    const html = tradeOffPage(tradeOff, { version: '0.0.0', title: '<script>x</script>' });
    expect(html).not.toContain('<script>x');
  });

  it('puts better detectors higher, and models with more errors to the right', () => {
    const place = (points: Parameters<typeof tradeOffPlot>[1]) => {
      const { document } = parseHTML(`<html>${tradeOffPlot('made up', points, { limit: 0.1 })}</html>`);
      return [...document.querySelectorAll('[transform]')]
        .filter((mark) => mark.querySelector('title'))
        .map(
          (mark) =>
            mark
              .getAttribute('transform')!
              .match(/-?[\d.]+/g)!
              .map(Number) as [number, number],
        );
    };
    const [start, end] = place([
      { error: 0.08, meanAuroc: 0.8, title: 'start', kind: 'baseline' },
      { error: 0.12, meanAuroc: 0.9, title: 'end', kind: 'chosen' },
    ]);
    expect(end![0]).toBeGreaterThan(start![0]);
    expect(end![1]).toBeLessThan(start![1]);
  });
});
