/** Layers whose outputs, names or weights changed. */
import { OutlierExposureError } from '../../errors.ts';
import type { Node } from '../graph.ts';
import { nodeOf, type Rewrite, taken } from './rewrite.ts';

/** BatchNormalization (14): further outputs belong to training mode alone; a classifier as it stands predicts. */
export const normalizationOutputs: Rewrite = (node) => {
  if (taken(node, 'spatial') === 0) {
    throw new OutlierExposureError(
      'unsupported',
      `BatchNormalization "${node.name || node.outputs[0]}" normalizes each position by itself (spatial = 0), which newer operator sets cannot: export it anew.`,
    );
  }
  node.outputs = node.outputs.slice(0, 1);
  return undefined;
};

/** Scatter (11) got another name. */
export const scatterElements: Rewrite = (node) => {
  node.op = 'ScatterElements';
  return undefined;
};

/** GridSample (20): its modes got other names. */
export const gridSampleModes: Rewrite = (node) => {
  const mode = node.attributes.mode as string | undefined;
  const renamed: Record<string, string> = { bilinear: 'linear', bicubic: 'cubic' };
  if (mode && renamed[mode]) node.attributes = { ...node.attributes, mode: renamed[mode] };
  return undefined;
};

/** GroupNormalization (21): scale and bias were one a group; over groups as channels, that is InstanceNormalization. */
export const groupNormalization: Rewrite = (node, { root }): Node[] => {
  const [x, scale, bias] = node.inputs as [string, string, string];
  const output = node.outputs[0]!;
  const [grouped, normalized, shape] = ['grouped', 'normalized', 'shape'].map((part) =>
    root.unique(`${output}/${part}`),
  ) as [string, string, string];
  const { epsilon, num_groups } = node.attributes;
  return [
    nodeOf('Reshape', [x, root.ints([0, num_groups as number, -1])], grouped),
    nodeOf(
      'InstanceNormalization',
      [grouped, scale, bias],
      normalized,
      epsilon === undefined ? {} : { epsilon },
    ),
    nodeOf('Shape', [x], shape),
    nodeOf('Reshape', [normalized, shape], output),
  ];
};
