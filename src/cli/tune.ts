/** `oe tune`: exposes a trained classifier to outliers. */
import { Command } from 'commander';
import type { ResolvedSettings } from '../config/index.ts';
import type { ImageSource } from '../data/index.ts';
import { readClassifier } from './models.ts';
import { openTrainingData } from './training/data.ts';
import { fitWithinBudget } from './training/fit-within-budget.ts';
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
      '\nExamples:\n  $ oe tune --model model.onnx --in images.npy --labels labels.npy --outliers tiny.npy --out tuned.onnx\n  $ oe tune --model model.onnx --in photos/ --outliers others/ --epochs 3 --validation-split 0.1 --out tuned.onnx --json\n  $ oe tune --model model.onnx --in photos/ --outliers others/ --max-error-increase 0.5 --out tuned.onnx\n\nEvery setting may come from a file (--config run.yaml); docs/configuration.md lists them.',
    )
    .action(async (options: RunFlags) => {
      const settings = await settingsFrom('tune', options);
      const classifier = await readClassifier(settings.model);
      await runTraining('tune', settings, options, async ({ opener }) => {
        const budget = settings.maxErrorIncrease;
        const wanted = budget === undefined ? settings : withHeldOut(settings);
        const data = await openTrainingData(wanted, opener(classifier.shape));
        const model = forImages(classifier.logits, data.inliers.shape, settings.model);
        return {
          model,
          data,
          classes: classifier.classes ?? classesIn(data.inliers),
          finish: (trained) => withWeightsOf(classifier.model, trained),
          startedFrom: classifier.sha256,
          ...(budget === undefined ? {} : { fit: fitWithinBudget(budget) }),
        };
      });
    });
}

/** A budget is kept on images that are held out: a tenth of the training images, unless told otherwise. */
function withHeldOut(settings: ResolvedSettings<'tune'>): ResolvedSettings<'tune'> {
  const told = settings.validation !== undefined || settings.validationSplit > 0;
  return told ? settings : { ...settings, validationSplit: 0.1 };
}

/** How many classes the labels speak of. */
function classesIn({ labels, classNames }: ImageSource & { labels: Int32Array }): number {
  return Math.max(classNames?.length ?? 0, labels.reduce((most, label) => Math.max(most, label), 0) + 1);
}
