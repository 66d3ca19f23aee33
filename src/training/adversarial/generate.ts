/** A generator's images as a set of images. */
import type { ImageShape, ImageSource } from '../../data/index.ts';
import { OutlierExposureError } from '../../errors.ts';
import { latentSize } from '../../nn/index.ts';
import { type Model, writeModel } from '../../onnx/index.ts';
import { hashSeed, Random } from '../../random.ts';
import type { Runtime, Session } from '../../runtime/runtime.ts';
import { latentVectors } from './feeder.ts';

export interface GenerateOptions {
  /** How many images. */
  count: number;
  /** Decides the latent vectors: image i of a seed is the same whatever the count. */
  seed: number;
  runtime: Runtime;
  /** Default `'synthetic'`. */
  name?: string;
}

/** Images that go through the generator at once. */
const CHUNK = 64;

/**
 * A set of made images, G(z) with z ~ N(0, 1): outliers to expose a classifier to, or to look at. They are made when they
 * are read, with the averages of batch normalization; nothing is kept but ONNX Runtime's session, until the set is closed.
 *
 * @param generator from latent vectors [batch, latent] to images [batch, channels, height, width]
 * @throws OutlierExposureError `unsupported` when it is another kind of model; `invalid-argument` for an impossible count
 */
export function generateOutliers(
  generator: Model,
  { count, seed, runtime, name = 'synthetic' }: GenerateOptions,
): ImageSource {
  if (!Number.isSafeInteger(count) || count < 1) {
    throw new OutlierExposureError(
      'invalid-argument',
      `A generator cannot make ${count} images: give a whole number of at least 1.`,
    );
  }
  const size = latentSize(generator);
  const [input] = generator.graph.inputs.keys();
  const [output, type] = [...generator.graph.outputs][0] ?? ['', undefined];
  const [, ...shape] = type?.shape ?? [];
  if (shape.length !== 3 || !shape.every((side) => typeof side === 'number')) {
    throw new OutlierExposureError(
      'unsupported',
      `A generator's output is images [batch, channels, height, width], but "${output}" is not: build one with dcganGenerator.`,
    );
  }
  let session: Promise<Session> | undefined;
  const area = shape.reduce((product, side) => product * side, 1);
  return {
    name,
    length: count,
    shape: shape as unknown as ImageShape,
    fingerprint: `synthetic outliers, seed ${seed}, generator ${weightsHash(generator)}`,
    async read(indices, out) {
      session ??= runtime.createSession(writeModel(generator));
      const loaded = await session;
      for (let start = 0; start < indices.length; start += CHUNK) {
        const length = Math.min(CHUNK, indices.length - start);
        const latent = new Float32Array(length * size);
        for (let i = 0; i < length; i++) {
          const random = Random.from(seed, 'synthetic', indices[start + i]!);
          latent.set(latentVectors(random, 1, size), i * size);
        }
        const feeds = { [input!]: { elementType: 'float32' as const, shape: [length, size], data: latent } };
        const { data } = (await loaded.run(feeds))[output]!;
        if (!(data instanceof Float32Array && data.length === length * area)) {
          throw new OutlierExposureError(
            'unsupported',
            `The generator does not make what it declares, an image of [${shape.join(', ')}] in float32 for each latent vector: build one with dcganGenerator.`,
          );
        }
        out.set(data, start * area);
      }
    },
    async close() {
      const open = session;
      session = undefined;
      await (await open)?.release();
    },
  };
}

/** 32 bits of all weights, in hexadecimal digits: tells one generator from another. */
function weightsHash({ graph }: Model): string {
  let hash = hashSeed(0, ...graph.initializers.keys());
  for (const { data } of graph.initializers.values()) {
    if (!(data instanceof Float32Array)) continue;
    const bits = new Int32Array(data.buffer, data.byteOffset, data.length);
    for (const word of bits) hash = Math.imul(hash ^ word ^ (hash >>> 15), 0x85ebca6b);
  }
  return (hash >>> 0).toString(16).padStart(8, '0');
}
