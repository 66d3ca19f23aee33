import { describe, expect, it } from 'vitest';
import { firstSettings, nextSettings } from './steering.ts';

const point = (share: number, withinBudget: boolean, meanAuroc = share) => ({
  share,
  withinBudget,
  meanAuroc,
});

describe('steering', () => {
  const first = firstSettings({});

  it('begins with what it is told, and with the baseline’s statistics', () => {
    expect(first).toEqual({ lambda: 0.5, learningRate: 0.001, distillation: 0, normalization: 'frozen' });
    expect(
      firstSettings({ lambda: 1, learningRate: 0.1, distillation: 2, normalization: 'stacked' }),
    ).toEqual({
      lambda: 1,
      learningRate: 0.1,
      distillation: 2,
      normalization: 'stacked',
    });
  });

  it.each([
    ['stronger where the budget allows half of the way', [point(1, false), point(0.5, true)], 0.0025],
    ['stronger where it allows all of it', [point(1, true)], 0.0025],
    ['gentler where it ends near the baseline', [point(1, false), point(0.25, true)], 0.0004],
    [
      'gentler where detection is best near the baseline',
      [point(1, true, 0.2), point(0.25, true, 0.3)],
      0.0004,
    ],
    ['gentler where it allows nothing', [point(1, false)], 0.0004],
  ])('tunes %s', (_, points, learningRate) => {
    const next = nextSettings(first, points);
    expect(next.learningRate).toBeCloseTo(learningRate, 10);
    expect({ ...next, learningRate: first.learningRate }).toEqual(first);
  });
});
