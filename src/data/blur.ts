/** The Gaussian blur that the Blobs noise is made with, as `skimage.filters.gaussian` computes it. */

/** The kernel of standard deviation `sigma`, cut off at `truncate` standard deviations; its sum is 1. */
export function gaussianKernel(sigma: number, truncate = 4): Float64Array {
  const radius = Math.floor(truncate * sigma + 0.5);
  const kernel = Float64Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.exp((-0.5 * (i - radius) ** 2) / sigma ** 2),
  );
  const sum = kernel.reduce((total, weight) => total + weight, 0);
  return kernel.map((weight) => weight / sum);
}

/**
 * Blurs a row-major array along each of its axes in turn, in place; beyond the border the outermost value goes
 * on (mode "nearest").
 */
export function gaussianBlur(values: Float32Array, shape: readonly number[], kernel: Float64Array): void {
  const radius = (kernel.length - 1) / 2;
  let stride = values.length;
  for (const length of shape) {
    const outer = stride;
    stride /= length;
    // Along an axis of one value every neighbour is that value.
    if (length === 1) continue;
    const line = new Float64Array(length + 2 * radius);
    for (let block = 0; block < values.length; block += outer) {
      for (let start = block; start < block + stride; start++) {
        line.fill(values[start]!, 0, radius);
        for (let i = 0; i < length; i++) line[radius + i] = values[start + i * stride]!;
        line.fill(line[radius + length - 1]!, radius + length);
        for (let i = 0; i < length; i++) {
          let sum = line[i + radius]! * kernel[radius]!;
          for (let k = 1; k <= radius; k++)
            sum += (line[i + radius - k]! + line[i + radius + k]!) * kernel[radius + k]!;
          values[start + i * stride] = sum;
        }
      }
    }
  }
}
