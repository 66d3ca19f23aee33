/** What all classifiers begin and end with: pixels in, normalized if need be, logits out. */
import { OutlierExposureError } from '../errors.ts';
import { createModel, Graph, type Model } from '../onnx/index.ts';
import { Random } from '../random.ts';
import type { LayerScope } from './layers.ts';
import { type Normalization, normalizationMetadata, normalizePixels } from './normalization.ts';

/** What every network can be built with. */
export interface NetworkOptions {
  /** Decides the parameters' start. */
  seed: number;
  /** How many logits. Default 10. */
  classes?: number | undefined;
  /** Height and width of the images, in pixels. */
  side?: number | undefined;
  /** Channels of the images: 1 for gray, 3 for colour. */
  channels?: number | undefined;
  /** Put in front of the network, so that the model takes pixels in [0, 1]. Default: none. */
  normalize?: Normalization | undefined;
}

/** A classifier in the making. */
export interface ClassifierScope extends LayerScope {
  /** The value that the first layer takes. */
  pixels: string;
  classes: number;
  metadata: [string, string][];
}

/**
 * Opens a graph with the input `pixels` [batch, channels, side, side].
 *
 * @throws OutlierExposureError `invalid-argument` for sizes that are not whole numbers of at least 1 (`leastSide` for the side)
 */
export function beginClassifier(
  name: string,
  options: NetworkOptions & { side: number; channels: number; leastSide?: number },
): ClassifierScope {
  const { seed, classes = 10, side, channels, normalize, leastSide = 1 } = options;
  for (const [what, value, least] of [
    ['classes', classes, 1],
    ['channels', channels, 1],
    ['pixels a side', side, leastSide],
  ] as const) {
    if (Number.isSafeInteger(value) && value >= least) continue;
    throw new OutlierExposureError(
      'invalid-argument',
      `The network ${name} cannot have ${value} ${what}: give a whole number of at least ${least}.`,
    );
  }
  const graph = new Graph(name);
  const scope: LayerScope = { graph, random: Random.from(seed, name) };
  const metadata: [string, string][] = [['architecture', name]];
  let pixels = graph.addInput('pixels', 'float32', ['batch', channels, side, side]);
  if (normalize) {
    pixels = normalizePixels(scope, pixels, { ...normalize, channels });
    metadata.push(...normalizationMetadata(normalize));
  }
  return { ...scope, pixels, classes, metadata };
}

/** Closes the graph: the output of its last node becomes `logits` [batch, classes]. */
export function endClassifier({ graph, classes, metadata }: ClassifierScope): Model {
  graph.nodes.at(-1)!.outputs[0] = 'logits';
  graph.addOutput('logits', { elementType: 'float32', shape: ['batch', classes] });
  return createModel(graph, metadata);
}
