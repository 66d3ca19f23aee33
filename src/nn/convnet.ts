/** The small convolutional network of the paper's MNIST experiments. */
import { createModel, Graph, type Model } from '../onnx/index.ts';
import { Random } from '../random.ts';
import { conv2d, dropout, type LayerScope, linear, maxPool2d, quickGelu } from './layers.ts';

/**
 * Two 5×5 convolutions (10 and 20 channels), each followed by 2×2 max pooling and GELU, then 50 hidden units;
 * whole channels of the second convolution are dropped while training. 21,840 parameters.
 *
 * @returns a model from `pixels` [batch, 1, 28, 28] in [0, 1] to `logits` [batch, classes]
 */
export function convNet({ seed, classes = 10 }: { seed: number; classes?: number }): Model {
  const graph = new Graph('convnet');
  const scope: LayerScope = { graph, random: Random.from(seed, 'convnet') };
  let x = graph.addInput('pixels', 'float32', ['batch', 1, 28, 28]);
  x = conv2d(scope, x, { name: 'conv1', in: 1, out: 10, kernel: 5 });
  x = quickGelu(scope, maxPool2d(scope, x, 2));
  x = conv2d(scope, x, { name: 'conv2', in: 10, out: 20, kernel: 5 });
  // The paper's network drops channels before pooling; a whole channel's factor may as well come after, on a
  // quarter of the values.
  x = dropout(scope, maxPool2d(scope, x, 2), { name: 'conv2_drop', unit: 'channels' });
  x = quickGelu(scope, x);
  x = graph.add('Flatten', [x], { axis: 1 });
  x = quickGelu(scope, linear(scope, x, { name: 'fc1', in: 320, out: 50 }));
  x = linear(scope, x, { name: 'fc2', in: 50, out: classes });
  graph.nodes.at(-1)!.outputs[0] = 'logits';
  graph.addOutput('logits', { elementType: 'float32', shape: ['batch', classes] });
  return createModel(graph, [['architecture', 'convnet']]);
}
