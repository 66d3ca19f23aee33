/**
 * A generator of images and a discriminator that tells them from real ones (DCGAN; Radford, Metz & Chintala 2016), in the
 * widths that Lee et al. (2018) make near-distribution outliers with. Parameters are named as those of their PyTorch
 * modules (`main.0.weight`), and start as theirs: kernels from N(0, 0.02²), scales of normalization from N(1, 0.02²).
 */
import { OutlierExposureError } from '../errors.ts';
import { createModel, float, Graph, type Model } from '../onnx/index.ts';
import { Random } from '../random.ts';
import { batchNorm, type LayerScope, normal } from './layers.ts';

export interface DiscriminatorOptions {
  /** Decides the parameters' start. */
  seed: number;
  /**
   * Height and width of the images: halved as long as that gives whole numbers of at least 4, at least once, it must come
   * to 4, 5, 6 or 7. So 28, 32 and 64 can be, and 30 cannot. Default 32.
   */
  side?: number | undefined;
  /** 1 for gray, 3 for colour. Default 3. */
  channels?: number | undefined;
  /** Half the channels beside the image; each halving of the side doubles them. Default 64, the papers'. */
  features?: number | undefined;
}

export interface GeneratorOptions extends DiscriminatorOptions {
  /** Numbers of a latent vector. Default 100, the papers'. */
  latent?: number | undefined;
}

const DEVIATION = 0.02;
const SLOPE = 0.2;
const [SMALLEST, LARGEST] = [4, 7];
/** Doubles a side, or halves it. */
const DOUBLING = { kernel: 4, stride: 2, padding: 1 };

/**
 * The generator: z ~ N(0, 1) → transposed convolutions, all but the last with batch normalization and ReLU → sigmoid.
 * The first makes 4 × 4 to 7 × 7 values of many channels from a vector; each further one doubles the side and halves the
 * channels.
 *
 * @returns a model from `latent` [batch, latent] to `pixels` [batch, channels, side, side] in (0, 1)
 * @throws OutlierExposureError `invalid-argument` for sizes that are impossible
 */
export function dcganGenerator({ latent = 100, ...options }: GeneratorOptions): Model {
  const { side, channels, features, base, doublings } = planOf(options, { latent });
  const graph = new Graph('dcgan-generator');
  const scope = { graph, random: Random.from(options.seed, 'dcgan-generator') };
  const z = graph.addInput('latent', 'float32', ['batch', latent]);
  let x = graph.add('Unsqueeze', [z, graph.ints([2, 3])]);
  let inputs = latent;
  for (let level = 0; level <= doublings; level++) {
    const last = level === doublings;
    const out = last ? channels : features * 2 ** (doublings - level);
    const window = level === 0 ? { kernel: base, stride: 1, padding: 0 } : DOUBLING;
    x = convolution(scope, 'ConvTranspose', x, {
      name: `main.${3 * level}`,
      shape: [inputs, out],
      ...window,
    });
    if (!last) x = graph.add('Relu', [normalized(scope, x, `main.${3 * level + 1}`, out)]);
    inputs = out;
  }
  return ending(graph, graph.add('Sigmoid', [x]), 'pixels', [channels, side, side]);
}

/**
 * The discriminator: convolutions that halve the side and double the channels, with leaky ReLU of slope 0.2 and, from the
 * second one on, batch normalization; then one that sees the whole image.
 *
 * @returns a model from `pixels` [batch, channels, side, side] in [0, 1] to `realness` [batch, 1]: logits, above 0 for
 *   images that are more likely real than made
 * @throws OutlierExposureError `invalid-argument` for sizes that are impossible
 */
export function dcganDiscriminator(options: DiscriminatorOptions): Model {
  const { side, channels, features, base, doublings } = planOf(options, {});
  const graph = new Graph('dcgan-discriminator');
  const scope = { graph, random: Random.from(options.seed, 'dcgan-discriminator') };
  let x = graph.addInput('pixels', 'float32', ['batch', channels, side, side]);
  let inputs = channels;
  for (let level = 0; level < doublings; level++) {
    const out = features * 2 ** (level + 1);
    const name = `main.${Math.max(0, 3 * level - 1)}`;
    x = convolution(scope, 'Conv', x, { name, shape: [out, inputs], ...DOUBLING });
    if (level > 0) x = normalized(scope, x, `main.${3 * level}`, out);
    x = graph.add('LeakyRelu', [x], { alpha: float(SLOPE) });
    inputs = out;
  }
  const whole = { kernel: base, stride: 1, padding: 0 };
  x = convolution(scope, 'Conv', x, { name: `main.${3 * doublings - 1}`, shape: [1, inputs], ...whole });
  return ending(graph, graph.add('Flatten', [x], { axis: 1 }), 'realness', [1]);
}

function planOf(
  { side = 32, channels = 3, features = 64 }: DiscriminatorOptions,
  further: Record<string, number>,
) {
  for (const [what, value] of Object.entries({ channels, features, ...further })) {
    if (Number.isSafeInteger(value) && value >= 1) continue;
    throw new OutlierExposureError(
      'invalid-argument',
      `A DCGAN cannot have ${what}: ${value}; give a whole number of at least 1.`,
    );
  }
  let [base, doublings] = [side, 0];
  while (base % 2 === 0 && base / 2 >= SMALLEST) [base, doublings] = [base / 2, doublings + 1];
  if (!(doublings > 0 && base <= LARGEST)) {
    throw new OutlierExposureError(
      'invalid-argument',
      `A DCGAN cannot make images of ${side} × ${side} pixels: give a side of ${SMALLEST} to ${LARGEST} times a power of 2, such as 28, 32 or 64.`,
    );
  }
  return { side, channels, features, base, doublings };
}

interface ConvolutionOptions {
  name: string;
  /** The kernel's first two dimensions. */
  shape: readonly [number, number];
  kernel: number;
  stride: number;
  padding: number;
}

function convolution(
  { graph, random }: LayerScope,
  op: 'Conv' | 'ConvTranspose',
  x: string,
  { name, shape, kernel, stride, padding }: ConvolutionOptions,
): string {
  const weight = graph.addInitializer(
    `${name}.weight`,
    normal(random, [...shape, kernel, kernel], DEVIATION),
  );
  return graph.add(
    op,
    [x, weight],
    { kernel_shape: [kernel, kernel], strides: [stride, stride], pads: [padding, padding, padding, padding] },
    { name },
  );
}

function normalized(scope: LayerScope, x: string, name: string, channels: number): string {
  const y = batchNorm(scope, x, { name, channels });
  const scale = normal(scope.random, [channels], DEVIATION);
  scope.graph.initializers.set(`${name}.weight`, {
    ...scale,
    data: (scale.data as Float32Array).map((value) => 1 + value),
  });
  return y;
}

/** The value that the last node makes, named and typed as the model's output. */
function ending(graph: Graph, value: string, name: string, shape: readonly number[]): Model {
  const last = graph.nodes.at(-1)!;
  last.outputs = last.outputs.map((output) => (output === value ? name : output));
  graph.reserve(name);
  graph.addOutput(name, { elementType: 'float32', shape: ['batch', ...shape] });
  return createModel(graph, [['architecture', graph.name]]);
}

/** The numbers of a latent vector that a generator takes. */
export function latentSize({ graph }: Model): number {
  const [input, ...others] = graph.inputs.values();
  const [batch, latent, ...rest] = input?.shape ?? [];
  if (others.length === 0 && rest.length === 0 && typeof latent === 'number' && typeof batch === 'string')
    return latent;
  throw new OutlierExposureError(
    'unsupported',
    'A generator has one input, latent vectors [batch, numbers] with a named batch dimension; build one with dcganGenerator.',
  );
}
