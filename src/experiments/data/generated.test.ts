import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { convNet, dcganGenerator } from '../../nn/index.ts';
import { createModel, Graph, writeModel } from '../../onnx/index.ts';
import { nodeRuntime, type Runtime } from '../../runtime/index.ts';
import { generateOutliers } from '../../training/index.ts';
import { bars } from '../../training/testing.ts';
import type { ExperimentProgress } from '../progress.ts';
import { generatedImages } from './generated.ts';

const folder = mkdtempSync(join(tmpdir(), 'oe-generated-'));
let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ threads: 1, place: 'here' });
});
afterAll(async () => {
  await runtime.dispose();
  rmSync(folder, { recursive: true, force: true });
});

function written(name: string, model: Parameters<typeof writeModel>[0]): string {
  const path = join(folder, name);
  writeFileSync(path, writeModel(model));
  return path;
}

const inliers = bars(300);
const [, side] = inliers.shape;
const generator = dcganGenerator({ seed: 1, side, channels: 1, features: 2, latent: 4 });
// As they are drawn, weights are so small that all images are of one gray.
for (const { data } of generator.graph.initializers.values())
  if (data instanceof Float32Array) for (let i = 0; i < data.length; i++) data[i]! *= 10;
const made = (path: string, options: Partial<Parameters<typeof generatedImages>[2]> = {}) =>
  generatedImages(path, inliers, { name: 'made:gan', seed: 3, runtime, ...options });

describe('images of a generator', () => {
  it("are as many as the in-distribution set's, rounded to bytes, and the seed's own", async () => {
    const path = written('generator.onnx', generator);
    const seen: ExperimentProgress[] = [];
    const source = await made(path, { onProgress: (event) => seen.push(event) });
    expect([source.name, source.length, source.shape]).toEqual(['made:gan', 300, inliers.shape]);
    expect([seen[0]!.done, seen.at(-1)!.done, seen.at(-1)!.total]).toEqual([0, 300, 300]);

    const direct = generateOutliers(generator, { count: 300, seed: 3, runtime });
    const [got, exact] = [new Float32Array(2 * side * side), new Float32Array(2 * side * side)];
    await source.read([299, 7], got);
    await direct.read([299, 7], exact);
    await direct.close!();
    const apart = Math.max(...got.map((value, i) => Math.abs(value - exact[i]!)));
    expect(apart).toBeLessThanOrEqual(0.5 / 255 + 1e-6);
    expect(new Set(got).size).toBeGreaterThan(5);

    const other = await made(path, { seed: 4 });
    expect(other.fingerprint).not.toBe(source.fingerprint);
    const others = new Float32Array(2 * side * side);
    await other.read([299, 7], others);
    expect(others).not.toEqual(got);
  });

  it('refuses other models and shapes, and ends when it is told to', async () => {
    const large = dcganGenerator({ seed: 1, side: 2 * side, channels: 1, features: 2, latent: 4 });
    await expect(made(written('large.onnx', large))).rejects.toThrowError(
      /large\.onnx: It makes images of shape \[1, \d+, \d+\], but those of "bars" have/,
    );
    await expect(made(written('net.onnx', convNet({ seed: 1 })))).rejects.toThrow(
      /net\.onnx: A generator has one input/,
    );
    await expect(made(join(folder, 'none.onnx'))).rejects.toThrow(/none\.onnx cannot be read/);
    const broken = dcganGenerator({ seed: 1, side, channels: 1, features: 2, latent: 4 });
    for (const { data } of broken.graph.initializers.values())
      if (data instanceof Float32Array) data.fill(Number.NaN);
    await expect(made(written('broken.onnx', broken))).rejects.toThrow(
      /broken\.onnx: It makes pixels that are no/,
    );
    const graph = new Graph('liar');
    const z = graph.addInput('z', 'float32', ['batch', 4]);
    const twice = graph.constant({
      elementType: 'float32',
      shape: [4, 2 * side * side],
      data: new Float32Array(8 * side * side),
    });
    const pixels = graph.add('Reshape', [graph.add('MatMul', [z, twice]), graph.ints([-1, 1, side, side])]);
    graph.addOutput(pixels, { elementType: 'float32', shape: ['batch', 1, side, side] });
    await expect(made(written('liar.onnx', createModel(graph)))).rejects.toThrow(
      /liar\.onnx: The generator does not make what it declares/,
    );
    const path = written('generator.onnx', generator);
    await expect(made(path, { signal: AbortSignal.abort() })).rejects.toThrow(/abort/);
  });
});
