/** The runtime in its worker, as built and as users get it. */
import { spawn } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { createModel, float32, Graph, writeModel } from '../src/onnx/index.ts';
import type { Runtime, Tensors } from '../src/runtime/index.ts';

// The worker is a built file, so that this suite takes the built package.
const built = '../dist/runtime/index.js';
const { nodeRuntime } = (await import(built)) as typeof import('../src/runtime/index.ts');

/** y = x · w, repeated; and w ← w + x as a loop. */
function product(size: number, times: number): Uint8Array {
  const graph = new Graph();
  const x = graph.addInput('x', 'float32', [size, size]);
  let y = x;
  for (let i = 0; i < times; i++) y = graph.add('MatMul', [y, x]);
  graph.addOutput(graph.add('Identity', [y], {}, { name: 'y' }));
  return writeModel(createModel(graph));
}
function counter(): Uint8Array {
  const graph = new Graph();
  const w = graph.addInput('w', 'float32', [4]);
  const x = graph.addInput('x', 'float32', [4]);
  graph.addOutput(graph.add('Add', [w, x], {}, { name: 'next' }));
  graph.addOutput(graph.add('ReduceSum', [w], { keepdims: 0 }, { name: 'sum' }));
  return writeModel(createModel(graph));
}
/** Another program over the counter's variable: w ← w · (1 + Σ x), for any length of x. */
function multiplier(variable = 'w'): Uint8Array {
  const graph = new Graph();
  const w = graph.addInput(variable, 'float32', [4]);
  const x = graph.addInput('x', 'float32', ['length']);
  const factor = graph.add('Add', [graph.add('ReduceSum', [x], { keepdims: 0 }), graph.scalar(1)]);
  graph.addOutput(graph.add('Mul', [w, factor], {}, { name: 'next' }));
  graph.addOutput(graph.add('Identity', [factor], {}, { name: 'factor' }));
  return writeModel(createModel(graph));
}
const square = (size: number) =>
  float32(
    Float32Array.from({ length: size * size }, (_, i) => Math.sin(i) / size),
    [size, size],
  );

async function within<T>(place: 'worker' | 'here', use: (runtime: Runtime) => Promise<T>): Promise<T> {
  const runtime = await nodeRuntime({ threads: 1, place });
  try {
    return await use(runtime);
  } finally {
    await runtime.dispose();
  }
}

describe('the worker', () => {
  it("keeps the caller's event loop alive while a model runs", async () => {
    await within('worker', async (runtime) => {
      const session = await runtime.createSession(product(512, 40));
      let ticks = 0;
      const timer = setInterval(() => ticks++, 5);
      const began = performance.now();
      await session.run({ x: square(512) });
      const milliseconds = performance.now() - began;
      clearInterval(timer);
      expect(milliseconds).toBeGreaterThan(30);
      expect(ticks).toBeGreaterThan(milliseconds / 50);
    });
  });

  it('computes what is computed here, bit for bit', async () => {
    const run = async (runtime: Runtime) =>
      (await (await runtime.createSession(product(64, 5))).run({ x: square(64) })).y!.data;
    expect(await within('worker', run)).toEqual(await within('here', run));
  });

  it('tells types, and answers several sessions in between', async () => {
    await within('worker', async (runtime) => {
      const [a, b] = [
        await runtime.createSession(product(8, 1)),
        await runtime.createSession(product(16, 1)),
      ];
      expect(a.inputs.get('x')).toEqual({ elementType: 'float32', shape: [8, 8] });
      const results = await Promise.all([
        a.run({ x: square(8) }),
        b.run({ x: square(16) }),
        a.run({ x: square(8) }),
      ]);
      expect(results.map(({ y }) => y!.shape)).toEqual([
        [8, 8],
        [16, 16],
        [8, 8],
      ]);
      expect(results[2]!.y!.data).toEqual(results[0]!.y!.data);
    });
  });

  it('says what ONNX Runtime refuses', async () => {
    await within('worker', async (runtime) => {
      await expect(runtime.createSession(new Uint8Array([1, 2, 3]))).rejects.toMatchObject({
        name: 'OutlierExposureError',
        code: 'unsupported',
      });
      const session = await runtime.createSession(product(8, 1));
      await expect(session.run({ x: square(9) })).rejects.toThrowError(
        /ONNX Runtime could not run the model/,
      );
      await expect(session.run({})).rejects.toThrowError(/ONNX Runtime could not run the model/);
    });
  });

  it('refuses what was released, and releases after what was asked before', async () => {
    for (const place of ['worker', 'here'] as const) {
      await within(place, async (runtime) => {
        const session = await runtime.createSession(product(8, 1));
        const asked = session.run({ x: square(8) });
        const released = session.release();
        await expect(session.run({ x: square(8) })).rejects.toMatchObject({ code: 'invalid-argument' });
        expect((await asked).y!.shape).toEqual([8, 8]);
        await released;
        await session.release();
        const loop = await runtime.createLoop(counter(), [
          { input: 'w', output: 'next', initial: float32([0, 0, 0, 0], [4]) },
        ]);
        await loop.release();
        await expect(loop.step({ x: float32([1, 1, 1, 1], [4]) })).rejects.toThrowError(/was released/);
        await expect(loop.read()).rejects.toThrowError(/was released/);
      });
    }
  });

  it('sends a window on a large buffer, not the buffer', async () => {
    await within('worker', async (runtime) => {
      const session = await runtime.createSession(product(2, 1));
      const run = async (data: Float32Array) => (await session.run({ x: float32(data, [2, 2]) })).y!.data;
      const large = new Float32Array(2 ** 27);
      large.set([1, 2, 3, 4], 1000);
      // Warm, before the clock runs.
      expect(await run(large.subarray(1000, 1004))).toEqual(Float32Array.of(7, 10, 15, 22));
      const began = performance.now();
      for (let i = 0; i < 5; i++) await run(large.subarray(1000, 1004));
      // Five copies of half a gigabyte take more than a second.
      expect(performance.now() - began).toBeLessThan(400);
      expect(large.length).toBe(2 ** 27);
    });
  });

  it('rejects what is asked after its end, and what was still under way', async () => {
    const runtime = await nodeRuntime({ threads: 1 });
    const session = await runtime.createSession(product(512, 60));
    const running = session.run({ x: square(512) });
    const waiting = session.run({ x: square(512) });
    const rejected = Promise.all(
      [running, waiting].map((call) => expect(call).rejects.toThrowError(/was disposed of/)),
    );
    await runtime.dispose();
    await rejected;
    await expect(session.run({ x: square(512) })).rejects.toThrowError(/was disposed of/);
    await expect(runtime.createSession(product(8, 1))).rejects.toThrowError(/was disposed of/);
    // Ending and releasing twice does no harm.
    await session.release();
    await runtime.dispose();
  });
});

/** What becomes of a process that runs a large product in the worker, and then does something else. */
function childProcess(then: string, products = 40): Promise<{ code: number | null; output: string }> {
  const url = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
  const script = `
    import { nodeRuntime } from ${url('../dist/runtime/index.js')};
    const runtime = await nodeRuntime({ threads: 1 });
    const session = await runtime.createSession(Buffer.from('${Buffer.from(product(512, products)).toString('base64')}', 'base64'));
    const x = { elementType: 'float32', shape: [512, 512], data: new Float32Array(512 * 512) };
    const running = session.run({ x });
    ${then}`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { timeout: 20_000 });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, output })));
}

describe('the process', () => {
  it('ends once the runtime is disposed of', async () => {
    const { code, output } = await childProcess(
      'await running; await runtime.dispose(); console.log("end");',
    );
    expect({ code, output }).toEqual({ code: 0, output: 'end\n' });
  });

  it('outlives an end in the middle of a run', async () => {
    // About a second of work, so that the end comes in the middle of it on a busy machine, too.
    const { code, output } = await childProcess(
      `
      const why = running.catch((error) => error.code);
      await new Promise((resolve) => setTimeout(resolve, 20));
      await runtime.dispose();
      console.log(await why);`,
      400,
    );
    expect({ code, output }).toEqual({ code: 0, output: 'invalid-argument\n' });
  });
});

describe.each(['worker', 'here'] as const)('a loop, %s', (place) => {
  it('carries its variables from step to step, and gives back what it was fed', async () => {
    await within(place, async (runtime) => {
      const initial = float32([1, 2, 3, 4], [4]);
      const loop = await runtime.createLoop(counter(), [{ input: 'w', output: 'next', initial }]);
      let feeds: Tensors = { x: float32([1, 1, 1, 1], [4]) };
      for (let step = 0; step < 5; step++) {
        const fed = feeds.x!.data;
        const result = await loop.step(feeds);
        expect(Object.keys(result.outputs)).toEqual(['sum']);
        expect(result.outputs.sum!.data[0]).toBe(10 + 4 * step);
        // Moved to the worker, a buffer is gone until it comes back.
        if (place === 'worker') expect(fed.length).toBe(0);
        feeds = result.feeds;
        expect(feeds.x!.data).toEqual(Float32Array.of(1, 1, 1, 1));
      }
      const { w } = await loop.read();
      expect(w!.data).toEqual(Float32Array.of(6, 7, 8, 9));
      // What was read is a copy, and the initial values are the caller's.
      await loop.step(feeds);
      expect(w!.data).toEqual(Float32Array.of(6, 7, 8, 9));
      expect(initial.data).toEqual(Float32Array.of(1, 2, 3, 4));
      await loop.release();
    });
  });

  it('runs several programs over one set of variables', async () => {
    await within(place, async (runtime) => {
      const loop = await runtime.createLoop(counter(), [
        { input: 'w', output: 'next', initial: float32([1, 2, 3, 4], [4]) },
      ]);
      await loop.add('multiply', multiplier());
      const sums = await loop.step({ x: float32([1, 1, 1, 1], [4]) });
      expect(Object.keys(sums.outputs)).toEqual(['sum']);
      for (const x of [[1], [0.5, 0.5, 1]]) {
        const { outputs } = await loop.step({ x: float32(x, [x.length]) }, 'multiply');
        expect(Object.keys(outputs)).toEqual(['factor']);
      }
      await loop.step({ x: float32([1, 0, 0, 0], [4]) });
      expect((await loop.read()).w!.data).toEqual(Float32Array.of(13, 18, 24, 30));
      await loop.release();
      await expect(loop.step({ x: float32([1], [1]) }, 'multiply')).rejects.toThrowError(/was released/);
      await expect(loop.add('more', multiplier())).rejects.toThrowError(/was released/);
    });
  });

  it('loads a program when it is stepped, and refuses what does not carry the variables', async () => {
    await within(place, async (runtime) => {
      const loop = await runtime.createLoop(counter(), [
        { input: 'w', output: 'next', initial: float32([1, 2, 3, 4], [4]) },
      ]);
      const step = (program: string) => loop.step({ x: float32([1], [1]) }, program);
      await loop.add('multiply', multiplier());
      // Neither is looked at before its turn.
      await loop.add('broken', new Uint8Array([1, 2, 3]));
      await loop.add('other', multiplier('v'));
      await expect(loop.add('multiply', multiplier())).rejects.toMatchObject({ code: 'invalid-argument' });
      await expect(step('multiplies')).rejects.toThrowError(
        /no program "multiplies" \(perhaps "multiply"\): add it first/,
      );
      await expect(step('broken')).rejects.toMatchObject({ code: 'unsupported' });
      await expect(step('other')).rejects.toThrowError(
        /"other" does not carry the loop's variable "w": it needs an input of that name, and an output "next"/,
      );
      await step('multiply');
      expect((await loop.read()).w!.data).toEqual(Float32Array.of(2, 4, 6, 8));
    });
  });

  it('stays where it was when a step fails', async () => {
    await within(place, async (runtime) => {
      const loop = await runtime.createLoop(counter(), [
        { input: 'w', output: 'next', initial: float32([1, 2, 3, 4], [4]) },
      ]);
      await loop.step({ x: float32([1, 1, 1, 1], [4]) });
      await expect(loop.step({ x: float32([1, 1, 1], [3]) })).rejects.toMatchObject({ code: 'unsupported' });
      await expect(loop.step({})).rejects.toMatchObject({ code: 'unsupported' });
      await loop.step({ x: float32([1, 1, 1, 1], [4]) });
      expect((await loop.read()).w!.data).toEqual(Float32Array.of(3, 4, 5, 6));
    });
  });

  it('takes steps in turn when several are asked for at once', async () => {
    await within(place, async (runtime) => {
      const loop = await runtime.createLoop(counter(), [
        { input: 'w', output: 'next', initial: float32([0, 0, 0, 0], [4]) },
      ]);
      const results = await Promise.all(
        Array.from({ length: 6 }, () => loop.step({ x: float32([1, 0, 0, 0], [4]) })),
      );
      expect(results.map(({ outputs }) => outputs.sum!.data[0])).toEqual([0, 1, 2, 3, 4, 5]);
    });
  });
});

it('a loop in the worker refuses buffers that are still with it', async () => {
  await within('worker', async (runtime) => {
    const loop = await runtime.createLoop(counter(), [
      { input: 'w', output: 'next', initial: float32([0, 0, 0, 0], [4]) },
    ]);
    const feeds = { x: float32([1, 1, 1, 1], [4]) };
    const step = loop.step(feeds);
    await expect(loop.step(feeds)).rejects.toThrowError(/belong to the loop until it gives them back/);
    expect((await step).feeds.x!.data).toEqual(Float32Array.of(1, 1, 1, 1));
    expect((await loop.read()).w!.data).toEqual(Float32Array.of(1, 1, 1, 1));
  });
});

it('a runtime here refuses new sessions after its end', async () => {
  const runtime = await nodeRuntime({ threads: 1, place: 'here' });
  const session = await runtime.createSession(product(8, 1));
  await runtime.dispose();
  await expect(session.run({ x: square(8) })).rejects.toThrowError(/was released/);
  await expect(runtime.createSession(product(8, 1))).rejects.toThrowError(/was disposed of/);
});
