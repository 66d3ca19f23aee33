/** `oe tune`: exposes a trained classifier to outliers. */
import { Command } from 'commander';
import type { ImageSource } from '../data/index.ts';
import { readClassifier } from './models.ts';
import { openTrainingData } from './training/data.ts';
import { addFlags, type RunFlags, settingsFrom } from './training/flags.ts';
import { forImages, withWeightsOf } from './training/prepare.ts';
import { runTraining } from './training/run.ts';

export function tuneCommand(): Command {
  return addFlags(
    new Command('tune').description('Fine-tune a trained classifier by Outlier Exposure, as the paper does.'),
    'tune',
  )
    .addHelpText(
      'after',
      '\nExamples:\n  $ oe tune --model model.onnx --in images.npy --labels labels.npy --outliers tiny.npy --out tuned.onnx\n  $ oe tune --model model.onnx --in photos/ --outliers others/ --epochs 3 --validation-split 0.1 --out tuned.onnx --json\n\nEvery setting may come from a file (--config run.yaml); docs/configuration.md lists them.',
    )
    .action(async (options: RunFlags) => {
      const settings = await settingsFrom('tune', options);
      const classifier = await readClassifier(settings.model);
      await runTraining('tune', settings, options, async ({ opener }) => {
        const data = await openTrainingData(settings, opener(classifier.shape));
        const model = forImages(classifier.logits, data.inliers.shape, settings.model);
        return {
          model,
          data,
          classes: classifier.classes ?? classesIn(data.inliers),
          finish: (trained) => withWeightsOf(classifier.model, trained),
          startedFrom: classifier.sha256,
        };
      });
    });
}

/** How many classes the labels speak of. */
function classesIn({ labels, classNames }: ImageSource & { labels: Int32Array }): number {
  return Math.max(classNames?.length ?? 0, labels.reduce((most, label) => Math.max(most, label), 0) + 1);
}
