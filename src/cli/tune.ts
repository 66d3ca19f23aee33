/** `oe tune`: exposes a trained classifier to outliers. */
import { Command } from 'commander';
import type { ResolvedSettings } from '../config/index.ts';
import type { ExampleSet, Tokenizer } from '../data/index.ts';
import { OutlierExposureError } from '../errors.ts';
import { type Classifier, readClassifier } from './models.ts';
import { openTrainingData, type StartContext } from './training/data.ts';
import { fitWithinBudget } from './training/fit-within-budget.ts';
import { addFlags, type RunFlags, settingsFrom } from './training/flags.ts';
import { forImages, forObjective, forTexts, withWeightsOf } from './training/prepare.ts';
import { runTraining, type Start } from './training/run.ts';
import { encodedData, openTrainingTexts } from './training/texts.ts';

export function tuneCommand(): Command {
  return addFlags(
    new Command('tune').description('Fine-tune a trained classifier by Outlier Exposure, as the paper does.'),
    'tune',
  )
    .addHelpText(
      'after',
      '\nExamples:\n  $ oe tune --model model.onnx --in images.npy --labels labels.npy --outliers tiny.npy --out tuned.onnx\n  $ oe tune --model model.onnx --in photos/ --outliers others/ --epochs 3 --validation-split 0.1 --out tuned.onnx --json\n  $ oe tune --model model.onnx --in photos/ --outliers others/ --max-error-increase 0.5 --out tuned.onnx\n  $ oe tune --model model.onnx --in photos/ --outliers others/ --objective energy --in-margin -15 --out bounded.onnx\n\nEvery setting may come from a file (--config run.yaml); docs/configuration.md lists them.',
    )
    .action(async (options: RunFlags) => {
      let read: Classifier | undefined;
      const settings = await settingsFrom('tune', options, async ({ model }) => {
        if (model === undefined) return 'images';
        read = await readClassifier(model);
        return read.tokenizer ? 'texts' : 'images';
      });
      const classifier = branched(read!, settings);
      const branch = classifier === read ? 'trained' : 'new';
      const { tokenizer } = classifier;
      await runTraining('tune', settings, options, async (context) => {
        if (tokenizer)
          return { ...(await startOnTexts(settings, { ...classifier, tokenizer }, context)), branch };
        const budget = settings.maxErrorIncrease;
        if (budget !== undefined) checkBudgeted(settings);
        const wanted = budget === undefined ? settings : withHeldOut(settings);
        const data = await openTrainingData(wanted, { ...context, shape: classifier.shape });
        const model = forImages(classifier.logits, data.inliers.shape, settings.model);
        return {
          model,
          data,
          classes: classifier.classes ?? classesIn(data.inliers),
          finish: (trained) => withWeightsOf(classifier.model, trained),
          startedFrom: classifier.sha256,
          branch,
          ...(budget === undefined ? {} : { fit: fitWithinBudget(budget, data) }),
        };
      });
    });
}

async function startOnTexts(
  settings: ResolvedSettings<'tune'>,
  classifier: Classifier & { tokenizer: Tokenizer },
  context: StartContext,
): Promise<Start> {
  const { tokenizer, classNames, sha256, path } = classifier;
  const { maxTokens } = tokenizer;
  const texts = await openTrainingTexts(settings, { ...context, classes: classNames, maxTokens });
  const data = encodedData(texts, tokenizer, context);
  return {
    model: forTexts(classifier.logits, path),
    data,
    classes: classifier.classes ?? classesIn(data.inliers),
    finish: (trained) => withWeightsOf(classifier.model, trained),
    startedFrom: sha256,
  };
}

/** What training begins with and what is written in the end both have the output that the objective trains. */
function branched(classifier: Classifier, settings: ResolvedSettings<'tune'>): Classifier {
  const model = forObjective(classifier.logits, settings);
  return model === classifier.logits ? classifier : { ...classifier, model, logits: model };
}

function checkBudgeted({ objective }: ResolvedSettings<'tune'>): void {
  if (objective === 'outlier-exposure') return;
  throw new OutlierExposureError(
    'invalid-argument',
    `--max-error-increase looks for the best tuning by Outlier Exposure, not by ${objective}: leave the one or the other out.`,
  );
}

/** A budget is kept on images that are held out: a tenth of the training images, unless told otherwise. */
function withHeldOut(settings: ResolvedSettings<'tune'>): ResolvedSettings<'tune'> {
  const told = settings.validation !== undefined || settings.validationSplit > 0;
  return told ? settings : { ...settings, validationSplit: 0.1 };
}

/** How many classes the labels speak of. */
function classesIn({ labels, classNames }: Pick<ExampleSet, 'classNames'> & { labels: Int32Array }): number {
  return Math.max(classNames?.length ?? 0, labels.reduce((most, label) => Math.max(most, label), 0) + 1);
}
