import { parseHTML } from 'linkedom';
import { describe, expect, it } from 'vitest';
import type { Advice } from '../../advice/index.ts';
import { advicePage } from './advice.ts';

const candidate = (name: string, gain: number) => ({
  name,
  count: 1200,
  fingerprint: name,
  gain,
  spread: 0.004,
  score: 20 * gain,
  scoreSpread: 0.1,
  gains: { Jigsaw: gain + 0.01, Uniform: gain - 0.01 },
  errorChange: -0.001,
  errorStandardError: 0.002,
  seconds: 75,
  separability: 0.93,
  overlap: 0.125,
});
const advice: Advice = {
  settings: {
    steps: 100,
    tunings: 2,
    lambda: 0.5,
    learningRate: 0.001,
    batch: { inliers: 128, outliers: 256 },
    normalization: 'frozen',
    seed: 1,
  },
  heldOut: { name: 'photos', count: 2000, fingerprint: 'p' },
  validation: [
    { name: 'Jigsaw', count: 2000, fingerprint: 'j' },
    { name: 'Uniform', count: 2000, fingerprint: 'u' },
  ],
  baseline: { error: 0.05, meanAuroc: 0.8, aurocs: { Jigsaw: 0.7, Uniform: 0.9 } },
  candidates: [candidate('<b>art</b>', 0.05), candidate('maps', -0.01)],
  curve: {
    candidate: 'art',
    points: [
      { count: 75, gain: 0.02, spread: 0.01, errorChange: 0 },
      { count: 300, gain: 0.05, spread: 0.004, errorChange: -0.001 },
    ],
    enough: 300,
  },
  recommended: 'art',
  sentences: ['Take art.', 'It is varied.'],
  notes: ['A note.'],
  seconds: 900,
};

describe('the page of advice', () => {
  const { document } = parseHTML(advicePage(advice, { version: '1' }));
  const text = (selector: string) => document.querySelector(selector)!.textContent;

  it('answers first, and shows every number in a table', () => {
    expect(text('.answer')).toBe('Take art.');
    expect(text('#gains details')).toMatch(/Jigsaw70\.00\+6\.00\s*0\.00|Jigsaw70\.00\+6\.00\+0\.00/);
    expect(text('#gains details')).toMatch(/Mean80\.00\+5\.00 ± 0\.40−1\.00 ± 0\.40/);
    expect(text('#gains details')).toMatch(/Score\+1\.00−0\.20/);
    expect(text('#closeness table')).toMatch(/93\.00.*12\.50.*−0\.10/);
    expect(text('#number')).toMatch(/Nine tenths of the full gain are there at 300/);
    expect(text('#how')).toMatch(/100 steps of 128 \+ 256 examples/);
  });

  it('draws what it says, once for wide and once for narrow screens', () => {
    const labels = [...document.querySelectorAll('svg[role=img]')].map((svg) =>
      svg.getAttribute('aria-label'),
    );
    expect(labels.length).toBe(4);
    expect(labels[0]).toMatch(/art<\/b> \+5\.00, maps −1\.00 percentage points on average/);
    // Two sets and a mean for each candidate.
    expect(document.querySelectorAll('#gains .wide svg circle').length).toBe(6);
  });

  it('lets no name become markup, and leaves out a curve that there is not', () => {
    expect(document.querySelector('main b')).toBeNull();
    const { curve: _, ...rest } = advice;
    expect(advicePage(rest, { version: '1' })).not.toContain('id="number"');
  });
});
