/** Wide residual networks (Zagoruyko & Komodakis 2016) for 32×32 images: WRN-depth-widen. */
import { OutlierExposureError } from '../errors.ts';
import { createModel, Graph, type Model } from '../onnx/index.ts';
import { Random } from '../random.ts';
import { batchNorm, conv2d, dropout, type LayerScope, linear, relu } from './layers.ts';

export interface WideResNetOptions {
  seed: number;
  /** 6n + 4 layers, n blocks in each of the three groups. */
  depth?: number;
  widen?: number;
  /** Dropout ratio inside the blocks. */
  dropRate?: number;
  classes?: number;
  side?: number;
}

/**
 * Pre-activation residual blocks in three groups of 16, 32 and 64 × widen channels. Defaults: the paper's WRN-40-2.
 *
 * @returns a model from `pixels` [batch, 3, side, side] to `logits` [batch, classes]
 * @throws OutlierExposureError `invalid-argument` when depth is not 6n + 4
 */
export function wideResNet({
  seed,
  depth = 40,
  widen = 2,
  dropRate = 0.3,
  classes = 10,
  side = 32,
}: WideResNetOptions): Model {
  const blocks = (depth - 4) / 6;
  if (!Number.isInteger(blocks) || blocks < 1) {
    throw new OutlierExposureError(
      'invalid-argument',
      `A wide residual network's depth is 6n + 4 (10, 16, 28, 40, …), not ${depth}.`,
    );
  }
  const graph = new Graph(`wrn-${depth}-${widen}`);
  const scope: LayerScope = { graph, random: Random.from(seed, graph.name) };
  let x = graph.addInput('pixels', 'float32', ['batch', 3, side, side]);
  x = conv2d(scope, x, {
    name: 'conv1',
    in: 3,
    out: 16,
    kernel: 3,
    padding: 1,
    bias: false,
    start: 'he-fan-out',
  });
  let channels = 16;
  for (const [group, width] of [16, 32, 64].entries()) {
    for (let block = 0; block < blocks; block++) {
      const stride = block === 0 && group > 0 ? 2 : 1;
      x = basicBlock(scope, x, `block${group + 1}.layer.${block}`, channels, width * widen, stride, dropRate);
      channels = width * widen;
    }
  }
  x = relu(scope, batchNorm(scope, x, { name: 'bn1', channels }));
  x = graph.add('Flatten', [graph.add('GlobalAveragePool', [x])], { axis: 1 });
  x = linear(scope, x, { name: 'fc', in: channels, out: classes });
  graph.initializers.get('fc.bias')!.data = new Float32Array(classes);
  graph.nodes.at(-1)!.outputs[0] = 'logits';
  graph.addOutput('logits', { elementType: 'float32', shape: ['batch', classes] });
  return createModel(graph, [['architecture', graph.name]]);
}

function basicBlock(
  scope: LayerScope,
  x: string,
  name: string,
  input: number,
  output: number,
  stride: number,
  dropRate: number,
): string {
  const conv = (value: string, layer: string, from: number, kernel: number, step: number) =>
    conv2d(scope, value, {
      name: `${name}.${layer}`,
      in: from,
      out: output,
      kernel,
      stride: step,
      padding: kernel === 3 ? 1 : 0,
      bias: false,
      start: 'he-fan-out',
    });
  const activated = relu(scope, batchNorm(scope, x, { name: `${name}.bn1`, channels: input }));
  let y = conv(activated, 'conv1', input, 3, stride);
  y = relu(scope, batchNorm(scope, y, { name: `${name}.bn2`, channels: output }));
  if (dropRate > 0) y = dropout(scope, y, { name: `${name}.dropout`, ratio: dropRate });
  y = conv(y, 'conv2', output, 3, 1);
  // Where the width changes, the shortcut starts from the activated input and is projected.
  const shortcut = input === output ? x : conv(activated, 'convShortcut', input, 1, stride);
  return scope.graph.add('Add', [shortcut, y]);
}
