/** Steps that are asked for before the last has ended, on every runtime that needs no browser. */
import { expect, it } from 'vitest';
import type * as Web from '../../src/browser.ts';
import type * as OutlierExposure from '../../src/index.ts';
import { overlappingSteps } from './scenario.ts';

const load = async <T>(name: string) => (await import(name)) as T;
const oe = await load<typeof OutlierExposure>('outlier-exposure');
const web = await load<typeof Web>('outlier-exposure/web');

it.each([
  ['nodeRuntime, in a worker', () => oe.nodeRuntime({ threads: 1 })],
  ['nodeRuntime, here', () => oe.nodeRuntime({ threads: 1, place: 'here' })],
  ['webRuntime, here', () => web.webRuntime()],
])('%s: each step starts from what the last one left', async (_, start) => {
  const runtime = await start();
  const [overlapping, oneByOne] = await overlappingSteps(oe, runtime);
  await runtime.dispose();
  expect(overlapping).toHaveLength(5);
  expect(overlapping).toEqual(oneByOne);
});
