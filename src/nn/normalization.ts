/** Input normalization inside the model, so that it takes pixels in [0, 1] whatever it was trained on. */
import { OutlierExposureError } from '../errors.ts';
import { float32, type Model } from '../onnx/index.ts';
import type { LayerScope } from './layers.ts';

/** What is taken from pixels in [0, 1], and what they are then divided by; one number a channel. */
export interface Normalization {
  mean: readonly number[];
  std: readonly number[];
}

const MEAN = 'normalization.mean';
const STD = 'normalization.std';

/**
 * (x − mean) / std, a channel apart: [N, C, H, W] → [N, C, H, W].
 *
 * The numbers are constant nodes, not initializers, so that training leaves them alone.
 *
 * @throws OutlierExposureError `invalid-argument` unless there are `channels` means and as many deviations above zero
 */
export function normalizePixels(
  { graph }: LayerScope,
  x: string,
  { mean, std, channels }: Normalization & { channels: number },
): string {
  checkNormalization({ mean, std }, channels);
  const vector = (name: string, values: readonly number[]) =>
    graph.add('Constant', [], { value: float32(values, [1, channels, 1, 1]) }, { name });
  const centred = graph.add('Sub', [x, vector(MEAN, mean)], {}, { name: 'normalization.centred' });
  return graph.add('Div', [centred, vector(STD, std)], {}, { name: 'normalization' });
}

function checkNormalization({ mean, std }: Normalization, channels: number): void {
  if (
    mean.length === channels &&
    std.length === channels &&
    mean.every(Number.isFinite) &&
    std.every((value) => value > 0 && Number.isFinite(value))
  )
    return;
  throw new OutlierExposureError(
    'invalid-argument',
    `Pixels of ${channels} channel${channels === 1 ? '' : 's'} are normalized by ${channels} mean${channels === 1 ? '' : 's'} and as many standard deviations above 0, ` +
      `but the mean is [${mean.join(', ')}] and the standard deviation [${std.join(', ')}].`,
  );
}

/** The normalization as a model's metadata keeps it: numbers with commas between. */
export function normalizationMetadata({ mean, std }: Normalization): [string, string][] {
  return [
    [MEAN, mean.join(',')],
    [STD, std.join(',')],
  ];
}

/**
 * The normalization that a model begins with, read from its metadata; `undefined` for a model whose network sees the
 * pixels as they are.
 *
 * @throws OutlierExposureError `invalid-file` when the metadata hold something else than numbers
 */
export function normalizationOf({ metadata }: Pick<Model, 'metadata'>): Normalization | undefined {
  const [mean, std] = [MEAN, STD].map((key) => metadata.get(key)?.split(',').map(Number));
  if (!mean && !std) return undefined;
  const proper =
    mean?.length === std?.length && mean?.every(Number.isFinite) && std?.every((value) => value > 0);
  if (mean && std && proper) return { mean, std };
  throw new OutlierExposureError(
    'invalid-file',
    `The model's metadata ${MEAN} and ${STD} should be as many numbers each, separated by commas, ` +
      `but are "${metadata.get(MEAN) ?? ''}" and "${metadata.get(STD) ?? ''}".`,
  );
}
