/** The page of the browser tests: imports the package as a user's bundler does, and hands it to the test. */
import * as oe from 'outlier-exposure';
import { loadGuard } from 'outlier-exposure/guard';
import * as runtimes from 'outlier-exposure/runtime';
import { webRuntime } from 'outlier-exposure/web';
import { logits, scenario, stepTime } from '../scenario.ts';

/** The first arguments are the options of `webRuntime`; functions are called with the runtime, which is then disposed. */
async function withRuntime(options, use) {
  const runtime = await webRuntime(options);
  try {
    const { device, threads, place } = runtime;
    return { device, threads, place, value: await use(runtime) };
  } finally {
    await runtime.dispose();
  }
}

Object.assign(window, {
  entries: {
    main: Object.keys(oe),
    same: oe.webRuntime === webRuntime && runtimes.webRuntime === webRuntime,
  },
  scenario: (options) => withRuntime(options, (runtime) => scenario(oe, runtime)),
  logits: (options) => withRuntime(options, (runtime) => logits(oe, runtime)),
  /** Milliseconds a step, and what the page's timers did meanwhile. */
  train: (options, batch) =>
    withRuntime(options, async (runtime) => {
      await stepTime(oe, runtime, { ...batch, steps: 2 });
      const gaps = [];
      let last = performance.now();
      const timer = setInterval(() => {
        gaps.push(performance.now() - last);
        last = performance.now();
      }, 5);
      const start = performance.now();
      const step = await stepTime(oe, runtime, batch);
      const total = performance.now() - start;
      clearInterval(timer);
      return { step, total, ticks: gaps.length, longestGap: Math.max(0, ...gaps) };
    }),
  /** What the guard of the site's model says: images one by one, tensors together. */
  guard: async (images, tensors) => {
    const bytes = async (name) => new Uint8Array(await (await fetch(name)).arrayBuffer());
    const runtime = await webRuntime({ threads: 1 });
    try {
      const threshold = await bytes('guard.json');
      const guard = await loadGuard(await bytes('model.onnx'), { runtime, threshold });
      const found = [];
      for (const { data, width, height } of images)
        found.push(await guard.check(new ImageData(Uint8ClampedArray.from(data), width, height)));
      const list = tensors.map((data) => ({ data: Float32Array.from(data), shape: [1, 28, 28] }));
      return { images: found, tensors: await guard.check(list) };
    } finally {
      await runtime.dispose();
    }
  },
  guide: () => import('guide:browser').then(() => true),
  /** The error that options or requests lead to. */
  failure: async (options, model) => {
    try {
      const runtime = await webRuntime(options);
      try {
        if (model) await runtime.createSession(Uint8Array.from(model));
      } finally {
        await runtime.dispose();
      }
      return undefined;
    } catch (error) {
      return { code: error.code, known: error instanceof oe.OutlierExposureError, message: error.message };
    }
  },
  ready: true,
});
