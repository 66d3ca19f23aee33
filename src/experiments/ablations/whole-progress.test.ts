import { describe, expect, it } from 'vitest';
import type { ExperimentProgress } from '../progress.ts';
import { wholeProgress } from './whole-progress.ts';

describe('wholeProgress', () => {
  it('adds stages up by their cost, and says what is left', () => {
    let time = 0;
    const seen: string[] = [];
    const next = wholeProgress(
      400,
      ({ details }: ExperimentProgress) => seen.push(details!['of all']!),
      () => time,
    );
    const first = next(100);
    first({ stage: 'a', done: 0, total: 10 });
    time = 30_000;
    first({ stage: 'a', done: 5, total: 10 });
    const second = next(300);
    time = 60_000;
    second({ stage: 'b', done: 0, total: 3 });
    second({ stage: 'b', done: 3, total: 3, remainingSeconds: 7 });
    expect(seen).toEqual(['0 %', '12 %, 3 min 30 s left', '25 %, 3 min 0 s left', '100 %']);
  });

  it('does not take for speed what a checkpoint had done', () => {
    let time = 0;
    const seen: ExperimentProgress[] = [];
    const report = wholeProgress(
      100,
      (progress) => seen.push(progress),
      () => time,
    )(100);
    report({ stage: 'a', done: 50, total: 100 });
    time = 1000;
    report({ stage: 'a', done: 60, total: 100, remainingSeconds: 9, details: { loss: '1' } });
    expect(seen[1]!.details).toEqual({ 'of all': '60 %, 4 s left', loss: '1' });
    expect(seen[1]!.remainingSeconds).toBeUndefined();
  });
});
