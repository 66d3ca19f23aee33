/** Where the windows of convolutions and pools stand. */
import type { RuleContext } from '../rule.ts';

export interface Windows {
  kernel: readonly number[];
  strides: readonly number[];
  dilations: readonly number[];
  /** Begins, then ends. */
  pads: readonly number[];
  inputSize: readonly number[];
  outputSize: readonly number[];
}

/** Reads a node's windows, with defaults and automatic padding worked out. */
export function windowsOf(c: RuleContext, kernel: readonly number[]): Windows {
  const inputSize = c.shape(c.input(0)).slice(2);
  const outputSize = c.shape(c.output()).slice(2);
  const ones = kernel.map(() => 1);
  const strides = c.intList('strides') ?? ones;
  const dilations = c.intList('dilations') ?? ones;
  const automatic = c.string('auto_pad', 'NOTSET');
  let pads = [...ones, ...ones].map(() => 0);
  if (automatic === 'NOTSET') pads = [...(c.intList('pads') ?? pads)];
  else if (automatic !== 'VALID') {
    const totals = kernel.map((size, i) =>
      Math.max(0, (outputSize[i]! - 1) * strides[i]! + dilations[i]! * (size - 1) + 1 - inputSize[i]!),
    );
    const small = totals.map((total) => Math.floor(total / 2));
    const large = totals.map((total, i) => total - small[i]!);
    pads = automatic === 'SAME_LOWER' ? [...large, ...small] : [...small, ...large];
  }
  // ONNX's shape inference counts such a window, ONNX Runtime's kernels do not.
  const outside = outputSize.some((size, i) => (size - 1) * strides[i]! >= inputSize[i]! + pads[i]!);
  if (outside && c.int('ceil_mode', 0) === 1) {
    throw c.unsupported('with ceil_mode its last window stands outside the input; pad the input instead');
  }
  return { kernel, strides, dilations, pads, inputSize, outputSize };
}

/** What a transposed convolution needs to give back the input's size. */
export function outputPadding({
  kernel,
  strides,
  dilations,
  pads,
  inputSize,
  outputSize,
}: Windows): number[] {
  return kernel.map((size, i) => {
    // It makes (out − 1) · stride + reach + 1 − pads values; the rest is padded behind.
    const made = (outputSize[i]! - 1) * strides[i]! + dilations[i]! * (size - 1) + 1;
    return inputSize[i]! - (made - pads[i]! - pads[i + kernel.length]!);
  });
}
