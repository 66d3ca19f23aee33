import { describe, expect, it } from 'vitest';
import { nearestName, OutlierExposureError } from './errors.ts';

describe('nearestName', () => {
  const names = ['fashion-mnist', 'mnist', 'glyphs', 'icons'];
  it.each([
    ['minst', 'mnist'],
    ['MNIST', 'mnist'],
    ['glyph', 'glyphs'],
    ['fashion', 'fashion-mnist'],
    ['icno', 'icons'],
    ['cifar100', undefined],
    ['', undefined],
  ])('%j is nearest to %j', (typed, expected) => {
    expect(nearestName(typed, names)).toBe(expected);
    expect(nearestName(typed, new Set(names).values())).toBe(expected);
  });
});

it('OutlierExposureError has a code and a cause', () => {
  const cause = new Error('below');
  const error = new OutlierExposureError('io', 'A sentence.', { cause });
  expect(error).toMatchObject({ name: 'OutlierExposureError', code: 'io', message: 'A sentence.', cause });
});
