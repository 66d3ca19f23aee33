/** The package in a browser: the same numbers as in Node, and a page that stays alive. */
import { copyFileSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type * as OutlierExposure from '../src/index.ts';
import {
  launch,
  open,
  type Site,
  scratchFolder,
  serve,
  skipBrowser,
  type Watched,
} from './browser/harness.ts';
import { scenario } from './browser/scenario.ts';

/** Whether the page has WebGPU. */
const ADAPTER = 'navigator.gpu?.requestAdapter().then((adapter) => adapter !== null)';

type Results = Awaited<ReturnType<typeof scenario>>;

describe.skipIf(skipBrowser)('in a browser', { timeout: 120_000 }, () => {
  let folder: Awaited<ReturnType<typeof scratchFolder>>;
  let [isolatedSite, plainSite]: Site[] = [];
  let browser: Browser;
  let isolated: Watched;
  let plain: Watched;
  let oe: typeof OutlierExposure;
  let expected: Results;

  beforeAll(async () => {
    folder = await scratchFolder();
    // As a user's project would be built: no options but where to.
    await build({
      configFile: false,
      root: join(import.meta.dirname, 'browser', 'page'),
      logLevel: 'error',
      build: { outDir: folder.path, emptyOutDir: true },
    });
    browser = await launch();
    isolatedSite = await serve(folder.path, { isolated: true });
    plainSite = await serve(folder.path, { isolated: false });
    isolated = await open(browser, `${isolatedSite.origin}/`);
    plain = await open(browser, `${plainSite.origin}/`);
    const name = 'outlier-exposure';
    oe = (await import(name)) as typeof OutlierExposure;
    const runtime = await oe.nodeRuntime({ threads: 2 });
    expected = await scenario(oe, runtime);
    await runtime.dispose();
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    await isolatedSite?.close();
    await plainSite?.close();
    await folder?.remove();
  });

  const run = <T>({ page }: Watched, call: string): Promise<T> => page.evaluate(call) as Promise<T>;
  type Ran<T> = { device: string; threads: number; place: string; value: T };

  it('gets what Node gets, with webRuntime for nodeRuntime', async () => {
    const { main, same } = await run<{ main: string[]; same: boolean }>(isolated, 'window.entries');
    expect(main.toSorted()).toEqual(
      [...Object.keys(oe).filter((name) => name !== 'nodeRuntime'), 'webRuntime'].toSorted(),
    );
    expect(same).toBe(true);
    for (const file of readdirSync(join(folder.path, 'assets')).filter((name) => name.endsWith('.js'))) {
      const code = readFileSync(join(folder.path, 'assets', file), 'utf8');
      expect(code).not.toMatch(/(from|import\(?)\s*["'`](node:|onnxruntime-node)/);
      expect(code).not.toContain('__vite-browser-external:node:');
    }
  });

  describe.each([
    ['isolated, in a worker with two threads', () => isolated, { threads: 2 }, 2, 'worker'],
    ['isolated, here', () => isolated, { threads: 2, place: 'here' }, 1, 'here'],
    ['not isolated, in a worker', () => plain, { threads: 2, place: 'worker' }, 1, 'worker'],
    ['not isolated, here', () => plain, { place: 'here' }, 1, 'here'],
  ] as const)('%s', (_, where, options, threads, place) => {
    let ran: Ran<Results>;
    beforeAll(async () => {
      ran = await run(where(), `scenario(${JSON.stringify(options)})`);
    }, 60_000);

    it('runs where and how it was asked to, as far as the page allows', () => {
      expect(ran).toMatchObject({ device: 'wasm', threads, place });
    });
    it('computes the logits that Node computes', () => {
      expect(ran.value.logits).toHaveLength(160);
      expect(largestDifference(ran.value.logits, expected.logits)).toBeLessThan(1e-4);
    });
    it('trains as Node trains', () => {
      expect(ran.value.losses).toHaveLength(40);
      expect(largestDifference(ran.value.losses, expected.losses)).toBeLessThan(1e-3);
      expect(Object.keys(ran.value.parameters)).toEqual(Object.keys(expected.parameters));
      for (const [name, values] of Object.entries(expected.parameters)) {
        const scale = Math.max(...values.map(Math.abs));
        expect(largestDifference(ran.value.parameters[name]!, values) / scale, name).toBeLessThan(1e-3);
      }
      // Ten steps have moved the weights by more than what is allowed to differ.
      const before = oe.convNet({ seed: 3 }).graph.initializers.get('fc2.weight')!.data as Float32Array;
      expect(largestDifference([...before], expected.parameters['fc2.weight']!)).toBeGreaterThan(0.01);
    });
    it('computes the metrics that Node computes, exactly', () => {
      expect(ran.value.metrics).toEqual(expected.metrics);
    });
  });

  it('takes the files from where wasmPaths says, and then has threads here too', async () => {
    const module = 'ort-wasm-simd-threaded.mjs';
    copyFileSync(
      join(import.meta.dirname, '..', 'node_modules', 'onnxruntime-web', 'dist', module),
      join(folder.path, module),
    );
    const wasm = readdirSync(join(folder.path, 'assets')).find((name) => /threaded-[^.]*\.wasm$/.test(name));
    for (const place of ['worker', 'here']) {
      const watched = await open(browser, `${isolatedSite!.origin}/`);
      const options = { place, threads: 2, wasmPaths: { mjs: module, wasm: `assets/${wasm}` } };
      const ran = await run<Ran<number[]>>(watched, `logits(${JSON.stringify(options)})`);
      expect(ran).toMatchObject({ threads: 2, place });
      expect(largestDifference(ran.value, expected.logits)).toBeLessThan(1e-4);
      expect(watched.trouble).toEqual([]);
      await watched.page.close();
    }
  });

  it('keeps the page alive while a worker trains', async () => {
    const batch = { inliers: 50, outliers: 100, steps: 12 };
    const { value } = await run<Ran<{ step: number; total: number; ticks: number; longestGap: number }>>(
      isolated,
      `train({ threads: 1, place: 'worker' }, ${JSON.stringify(batch)})`,
    );
    // A page that waited for each step would tick once a step at most.
    expect(value.ticks).toBeGreaterThan(3 * batch.steps);
    expect(value.longestGap).toBeLessThan(value.total / 2);
  });

  describe('says what is wrong', () => {
    const failure = (options: object, model?: number[]) =>
      run<{ code: string; known: boolean; message: string } | undefined>(
        isolated,
        `failure(${JSON.stringify(options)}, ${JSON.stringify(model)})`,
      );

    it('about WebGPU, where there is none', async () => {
      const there = await run(isolated, ADAPTER);
      const error = await failure({ device: 'webgpu' });
      expect(error === undefined).toBe(there === true);
      if (!error) return;
      expect(error).toMatchObject({ code: 'unsupported', known: true });
      expect(error.message).toMatch(/no WebGPU.*choose device: 'wasm'/);
    });
    it('about options', async () => {
      expect(await failure({ device: 'cuda' })).toMatchObject({ code: 'invalid-argument', known: true });
      expect(await failure({ threads: 0 })).toMatchObject({ code: 'invalid-argument', known: true });
    });
    it('about a model', async () => {
      expect(await failure({}, [1, 2, 3])).toMatchObject({ code: 'unsupported', known: true });
    });
    it('about files that are not where wasmPaths says', async () => {
      const watched = await open(browser, `${isolatedSite!.origin}/`);
      const error = await run<{ code: string; message: string }>(
        watched,
        `failure({ wasmPaths: { wasm: 'nowhere.wasm' } })`,
      );
      expect(error).toMatchObject({ code: 'unsupported', known: true });
      expect(error.message).toMatch(/wasmPaths/);
      await watched.page.close();
    });
    it('about workers, or does without where that was left open', async () => {
      const watched = await open(browser, `${isolatedSite!.origin}/`);
      await run(watched, 'window.Worker = undefined');
      const error = await run<{ message: string }>(watched, `failure({ place: 'worker' })`);
      expect(error).toMatchObject({ code: 'unsupported', known: true });
      expect(error.message).toMatch(/No worker.*place: 'here'/);
      const { place, threads, value } = await run<Ran<Results>>(watched, 'scenario({})');
      expect({ place, threads }).toEqual({ place: 'here', threads: 1 });
      expect(value.metrics).toEqual(expected.metrics);
      await watched.page.close();
    });
  });

  it('runs and trains models on WebGPU, where there is one', async ({ skip }) => {
    const other = await launch(
      '--enable-unsafe-webgpu',
      '--use-webgpu-adapter=swiftshader',
      '--enable-features=Vulkan',
      '--use-vulkan=swiftshader',
    );
    try {
      const watched = await open(other, `${isolatedSite!.origin}/`);
      if (!(await run(watched, ADAPTER))) skip('This Chromium has no software WebGPU.');
      const { device, value } = await run<Ran<Results>>(watched, `scenario({ device: 'webgpu' })`);
      expect(device).toBe('webgpu');
      expect(largestDifference(value.logits, expected.logits)).toBeLessThan(1e-3);
      expect(largestDifference(value.losses, expected.losses)).toBeLessThan(1e-3);
      for (const name of ['conv1.weight', 'conv2.weight', 'fc1.weight', 'fc2.bias'])
        expect(largestDifference(value.parameters[name]!, expected.parameters[name]!), name).toBeLessThan(
          1e-3,
        );
      expect(watched.trouble).toEqual([]);
    } finally {
      await other.close();
    }
  });

  it('made no noise, and asked no other site', () => {
    // Chromium says this when it is asked for WebGPU.
    expect(isolated.trouble.filter((line) => line !== 'console warning: No available adapters.')).toEqual([]);
    expect(plain.trouble).toEqual([]);
  });
});

function largestDifference(a: readonly number[], b: readonly number[]): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  return a.reduce((largest, value, i) => {
    return Math.max(largest, Math.abs(value - b[i]!));
  }, 0);
}
