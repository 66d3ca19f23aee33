/** The package in a browser: the same numbers as in Node, and a page that stays alive. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeNpy } from '../src/data/npy.ts';
import { loadGuard, type Verdict } from '../src/guard/index.ts';
import type * as OutlierExposure from '../src/index.ts';
import { Random } from '../src/random.ts';
import { nodeRuntime } from '../src/runtime/index.ts';
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
import { oe as command } from './command.ts';
import { guideOf } from './guide-blocks.ts';

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
      // The code of docs/guide-browser.md, to be loaded where a test asks for it.
      plugins: [
        {
          name: 'guide',
          resolveId: (id) => (id === 'guide:browser' ? join(import.meta.dirname, 'guide-browser.ts') : null),
          load: (id) => (id.endsWith('guide-browser.ts') ? guideOf('guide-browser', 'js') : null),
        },
      ],
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

  describe('guards', () => {
    const site = () => join(folder.path, 'site');
    let guard: Awaited<ReturnType<typeof loadGuard>>;
    let runtime: Awaited<ReturnType<typeof nodeRuntime>>;

    beforeAll(async () => {
      const random = Random.from(11, 'calibration');
      const pixels = Uint8Array.from({ length: 40 * 784 }, () => random.integer(256));
      const at = (name: string) => join(folder.path, name);
      writeFileSync(at('in.npy'), encodeNpy(pixels, [40, 28, 28]));
      const model = join(import.meta.dirname, 'fixtures', 'guides', 'classifier.onnx');
      const chosen = [
        'threshold',
        '--model',
        model,
        '--in',
        at('in.npy'),
        '--fpr',
        '50',
        '--out',
        at('g.json'),
      ];
      const exported = ['export', '--model', model, '--threshold', at('g.json'), '--out', site()];
      for (const words of [chosen, exported])
        execFileSync(process.execPath, [command, ...words, '--quiet'], { stdio: 'pipe' });
      for (const name of ['model.onnx', 'guard.json']) copyFileSync(join(site(), name), at(name));
      runtime = await nodeRuntime({ threads: 1, place: 'here' });
      const bytes = (name: string) => new Uint8Array(readFileSync(join(site(), name)));
      guard = await loadGuard(bytes('model.onnx'), { runtime, threshold: bytes('guard.json') });
    });
    afterAll(async () => {
      await guard?.dispose();
      await runtime?.dispose();
    });

    it('say of images and tensors what they say in Node', async () => {
      const random = Random.from(12, 'images');
      const rgba = (width: number, height: number) => ({
        width,
        height,
        data: Array.from({ length: 4 * width * height }, (_, i) => (i % 4 === 3 ? 255 : random.integer(256))),
      });
      const images = [rgba(28, 28), rgba(40, 56)];
      const tensors = Array.from({ length: 12 }, () =>
        Array.from({ length: 784 }, () => Math.fround(random.uniform())),
      );
      const found = await run<{ images: Verdict[]; tensors: Verdict[] }>(
        isolated,
        `guard(${JSON.stringify(images)}, ${JSON.stringify(tensors)})`,
      );
      const wanted = [
        ...(await Promise.all(
          images.map(({ data, ...size }) => guard.check({ ...size, data: Uint8ClampedArray.from(data) })),
        )),
        ...((await guard.check(
          tensors.map((data) => ({ data: Float32Array.from(data), shape: [1, 28, 28] })),
        )) as Verdict[]),
      ];
      expect(new Set(wanted.map(({ isOutlier }) => isOutlier)).size).toBe(2);
      for (const [i, verdict] of [...found.images, ...found.tensors].entries()) {
        const { label, isOutlier, anomalyScore, confidence } = wanted[i]!;
        expect(verdict).toMatchObject({ label, isOutlier });
        expect(Math.abs(verdict.anomalyScore - anomalyScore)).toBeLessThan(1e-4);
        expect(Math.abs(verdict.confidence - confidence)).toBeLessThan(1e-4);
      }
      expect(found.images.length + found.tensors.length).toBe(wanted.length);
    });

    it('work as the guide writes them', async () => {
      const watched = await open(browser, `${plainSite!.origin}/`);
      await run(
        watched,
        `document.body.insertAdjacentHTML('beforeend', ${JSON.stringify(guideOf('guide-browser', 'html'))})`,
      );
      await run(watched, 'window.guide()');
      // Something is drawn, and the pen is lifted.
      const drawn = await run<number[]>(
        watched,
        `(() => {
          const canvas = document.querySelector('canvas');
          const context = canvas.getContext('2d', { willReadFrequently: true });
          context.fillRect(0, 0, 28, 28);
          context.fillStyle = 'white';
          context.fillRect(12, 4, 4, 20);
          const { data } = context.getImageData(0, 0, 28, 28);
          canvas.dispatchEvent(new PointerEvent('pointerup'));
          return [...data];
        })()`,
      );
      const { label, confidence, isOutlier } = await guard.check({
        width: 28,
        height: 28,
        data: Uint8ClampedArray.from(drawn),
      });
      const said = isOutlier ? 'I do not know this.' : `${label}, ${(100 * confidence).toFixed(0)} % sure`;
      await watched.page.waitForFunction(`document.querySelector('output').value !== ''`);
      expect(await run(watched, `document.querySelector('output').value`)).toBe(said);
      expect(watched.trouble).toEqual([]);
      await watched.page.close();
    });
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
