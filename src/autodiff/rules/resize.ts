/** Gradient of resizing: each axis is a matrix of interpolation weights, which the way back transposes. */
import type { GradientRule, RuleContext } from '../rule.ts';
import { mappedBack, type Taps } from './along-axis.ts';

export const resizeRules: Record<string, GradientRule> = {
  Resize: (c) => {
    refuseWhatIsNotInterpolated(c);
    const shape = c.shape(c.input(0));
    const resized = c.shape(c.output());
    const scales = scalesOf(c, shape, resized);
    let gradient = c.gradient;
    for (const [axis, size] of shape.entries()) {
      const outputSize = resized[axis]!;
      if (size === outputSize && scales[axis] === 1) continue;
      const taps = tapsOf(c, { size, outputSize, scale: scales[axis]! });
      gradient = mappedBack(c, gradient, { axis, rank: shape.length, taps, size });
    }
    return [gradient];
  },
};

function refuseWhatIsNotInterpolated(c: RuleContext): void {
  const coordinates = c.string('coordinate_transformation_mode', 'half_pixel');
  if (c.int('antialias', 0) === 1) throw c.unsupported('it filters against aliasing (antialias = 1)');
  if (c.int('exclude_outside', 0) === 1)
    throw c.unsupported('it leaves out what lies outside (exclude_outside = 1)');
  if (coordinates === 'tf_crop_and_resize') throw c.unsupported('it crops, too (tf_crop_and_resize)');
  if (c.string('keep_aspect_ratio_policy', 'stretch') !== 'stretch')
    throw c.unsupported('it keeps the aspect ratio by itself; give sizes as they are to be');
}

function scalesOf(c: RuleContext, shape: readonly number[], resized: readonly number[]): number[] {
  const ratios = shape.map((size, axis) => Math.fround(resized[axis]! / size));
  const given = c.fixed(2);
  if (!given || given.length === 0) return ratios;
  const axes = c.intList('axes') ?? shape.map((_, axis) => axis);
  for (const [i, axis] of axes.entries()) ratios[axis < 0 ? axis + shape.length : axis] = given[i]!;
  return ratios;
}

interface Axis {
  size: number;
  outputSize: number;
  scale: number;
}

function tapsOf(c: RuleContext, axis: Axis): Taps[] {
  const inside = (position: number) => Math.max(0, Math.min(position, axis.size - 1));
  const mode = c.string('mode', 'nearest');
  return Array.from({ length: axis.outputSize }, (_, to): Taps => {
    const source = sourceOf(c, to, axis);
    if (mode === 'nearest') return [[inside(nearest(c, source)), 1]];
    if (mode === 'linear') {
      const place = inside(source);
      const from = Math.floor(place);
      return [
        [from, 1 - (place - from)],
        [inside(from + 1), place - from],
      ];
    }
    const from = Math.floor(source);
    const weights = cubicWeights(source - from, c.float('cubic_coeff_a', -0.75));
    return weights.map((weight, i) => [inside(from - 1 + i), weight]);
  });
}

/** Where an output position lies in the input. In float32, as ONNX Runtime computes it: ties are told by the last bit. */
function sourceOf(c: RuleContext, to: number, { size, outputSize, scale }: Axis): number {
  const divided = (value: number) => Math.fround(value / scale);
  switch (c.string('coordinate_transformation_mode', 'half_pixel')) {
    case 'asymmetric':
      return divided(to);
    case 'align_corners':
      return outputSize === 1 ? 0 : Math.fround((to * (size - 1)) / (outputSize - 1));
    case 'pytorch_half_pixel':
      return outputSize === 1 ? 0 : Math.fround(divided(to + 0.5) - 0.5);
    case 'half_pixel_symmetric': {
      const adjustment = outputSize / (scale * size);
      return Math.fround((size / 2) * (1 - adjustment) + divided(to + 0.5) - 0.5);
    }
    default:
      return Math.fround(divided(to + 0.5) - 0.5);
  }
}

function nearest(c: RuleContext, source: number): number {
  switch (c.string('nearest_mode', 'round_prefer_floor')) {
    case 'floor':
      return Math.floor(source);
    case 'ceil':
      return Math.ceil(source);
    case 'round_prefer_ceil':
      return Math.floor(source + 0.5);
    default:
      return Math.ceil(source - 0.5);
  }
}

/** Keys' cubic convolution: the weights of the four inputs around a place between the middle two. */
function cubicWeights(beyond: number, a: number): number[] {
  const near = (d: number) => ((a + 2) * d - (a + 3)) * d * d + 1;
  const far = (d: number) => ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
  return [far(1 + beyond), near(beyond), near(1 - beyond), far(2 - beyond)];
}
