import { expect, it } from 'vitest';
import { detectors, findDetector, unsuitedSettings } from './index.ts';

it('says which settings do not suit the examples to learn from, and only those', () => {
  const few = { examples: 100, smallestClass: 8, width: 128 };
  const said = (name: string, learned = few) => unsuitedSettings(findDetector(name), learned);
  expect(said('knn')).toMatch(/^The detector knn looks at neighbour 50, .* has 8 examples, .*k well below 8/);
  expect(said('knn:k=8')).toMatch(/detector knn:k=8 /);
  expect(said('knn:k=7')).toBeUndefined();
  expect(said('nnguide')).toMatch(/averages over 100 neighbours, which is all .* of 100 examples/);
  expect(said('nnguide:k=9,bank=0.1')).toBeUndefined();
  expect(said('openmax')).toMatch(/20 greatest distances of a class, .* 8 examples/);
  expect(said('openmax:tail=5')).toBeUndefined();
  for (const name of ['mahalanobis', 'relative-mahalanobis']) {
    expect(said(name)).toMatch(/covariance of 128 features, but learns from 100 examples/);
    expect(said(`${name}:shrinkage=0.1`)).toBeUndefined();
  }
  const plenty = { examples: 50_000, smallestClass: 5000, width: 512 };
  for (const { name } of detectors) expect(said(name, plenty)).toBeUndefined();
  // Of what is not known nothing is said.
  expect(unsuitedSettings(findDetector('knn'), { examples: 60 })).toBeUndefined();
});
