/** The mean and the spread of each channel over a set, for networks to normalize by. */
import type { ImageSource } from './source.ts';

/** Enough for three digits; more images would move the fourth. */
const MOST_IMAGES = 10_000;
const BATCH = 100;

/**
 * Mean and standard deviation of each channel over all pixels, rounded to six decimals, from at most `most` images that
 * lie evenly over the set (all of a smaller one).
 *
 * @returns one number a channel, in the units of the pixels; a channel of one value has the deviation 1, so that dividing
 * by it changes nothing
 */
export async function channelStatistics(
  source: ImageSource,
  {
    most = MOST_IMAGES,
    signal,
    onProgress,
  }: {
    most?: number;
    signal?: AbortSignal | undefined;
    onProgress?: (done: number, total: number) => void;
  } = {},
): Promise<{ mean: number[]; std: number[] }> {
  const [channels, height, width] = source.shape;
  const plane = height * width;
  const count = Math.min(most, source.length);
  const chosen = Uint32Array.from({ length: count }, (_, i) => Math.floor((i * source.length) / count));
  const sums = new Float64Array(channels);
  const squares = new Float64Array(channels);
  const pixels = new Float32Array(Math.min(BATCH, count) * channels * plane);
  for (let start = 0; start < count; start += BATCH) {
    signal?.throwIfAborted();
    const window = chosen.subarray(start, start + BATCH);
    await source.read(window, pixels);
    for (let i = 0; i < window.length * channels; i++) {
      let [sum, square] = [0, 0];
      for (let j = i * plane; j < (i + 1) * plane; j++) {
        const value = pixels[j]!;
        sum += value;
        square += value * value;
      }
      sums[i % channels]! += sum;
      squares[i % channels]! += square;
    }
    onProgress?.(start + window.length, count);
  }
  const rounded = (value: number) => Number(value.toFixed(6));
  const mean = Array.from(sums, (sum) => rounded(sum / (count * plane)));
  const std = Array.from(squares, (square, i) => {
    const variance = square / (count * plane) - (sums[i]! / (count * plane)) ** 2;
    return rounded(Math.sqrt(Math.max(0, variance))) || 1;
  });
  return { mean, std };
}
