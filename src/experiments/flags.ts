/** The words of the command line that a run's options are written with. */
import type { ExperimentOptions } from './options.ts';

/** Without seeds and draws, which stand in the results by themselves, and without the experiment's name. */
export function flagsOf(options: ExperimentOptions, outliers: string | undefined): string[] {
  const { size, scratch, models, detectors, network, from, normalization, trainSize, epochs, tuneEpochs } =
    options;
  const { batch, exclude, folder, files } = options;
  const words: string[] = [];
  const add = (flag: string, value: string | number | undefined) => {
    if (value !== undefined) words.push(flag, String(value));
  };
  if (size === 'quick') words.push('--quick');
  if (scratch === 'with') words.push('--scratch');
  add('--models', models?.join(','));
  add('--detectors', detectors?.join(' '));
  add('--model', network);
  add('--from', from);
  add('--mean', normalization?.mean.join(','));
  add('--std', normalization?.std.join(','));
  add('--train-size', trainSize);
  add('--epochs', epochs);
  add('--tune-epochs', tuneEpochs);
  add('--batch', batch && `${batch.inliers},${batch.outliers}`);
  add('--in', files?.train?.path);
  add('--in-labels', files?.train?.labels);
  add('--test', files?.test?.path);
  add('--test-labels', files?.test?.labels);
  add('--outliers', options.outliers ?? outliers);
  add('--exclude', exclude);
  for (const [name, path] of Object.entries(files?.ood ?? {})) add('--ood', `${name}=${path}`);
  add('--data', folder);
  return words;
}
