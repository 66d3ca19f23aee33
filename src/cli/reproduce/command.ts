/** `oe reproduce`: runs one of the paper's experiments. */
import { Argument, Command, Option } from 'commander';
import {
  declarationOf,
  EXPERIMENTS,
  MNIST_OUTLIERS,
  MODELS,
  PACKAGED_OUTLIERS,
} from '../../experiments/index.ts';
import { ARCHITECTURE_NAMES } from '../../nn/index.ts';
import { ABLATION_ARGUMENTS, ABLATION_HELP } from '../ablation.ts';
import { numberList, wholeNumber } from '../parse.ts';
import { runReproduce } from './run.ts';
import { batchSizes, modelList, oodSet } from './values.ts';

export function reproduceCommand(): Command {
  const list = EXPERIMENTS.map((name) => `  ${name.padEnd(14)} ${declarationOf(name).description}`);
  return (
    new Command('reproduce')
      .description("Run one of the paper's experiments: train, expose to outliers, compare.")
      // Choices for the help and for completion; checkExperiment says which one was probably meant.
      .addArgument(
        new Argument('<experiment>', 'which one')
          .choices([...EXPERIMENTS, ...ABLATION_ARGUMENTS])
          .argParser((name) => name),
      )
      .option('--quick', 'less data, fewer epochs and a smaller network: see it work')
      .option('--scratch', 'also train from scratch with Outlier Exposure')
      .option(
        '--models <list>',
        `which models: ${MODELS.join(',')} (default: the first two; confidence-branch and synthetic-outliers have three of their own; cifar10 and cifar100 have all, tiny-imagenet all but gan)`,
        modelList,
      )
      .option('--detectors <name...>', 'measure these too: all, or names as oe eval takes them')
      .option(
        '--model <name>',
        `the network (default: the paper's): ${ARCHITECTURE_NAMES.join(', ')}; of texts gru`,
      )
      .option(
        '--from <file>',
        'take the baseline from a checkpoint or an .onnx file instead of training it; of cifar10, cifar100 and tiny-imagenet, branch and gan then go on from it too, instead of training from the beginning',
      )
      .option('--mean <r,g,b>', 'what the network subtracts from pixels in [0, 1] first', numberList)
      .option('--std <r,g,b>', 'what it then divides them by', numberList)
      .option('--train-size <count>', 'train on so many examples only', wholeNumber(1))
      .option(
        '--epochs <count>',
        'of the baseline, of training from scratch, of branch and gan',
        wholeNumber(1),
      )
      .option('--tune-epochs <count>', 'of fine-tuning with Outlier Exposure', wholeNumber(1))
      .option('--batch <in,out>', 'how many examples and outliers a step takes', batchSizes)
      .option(
        '--data <folder>',
        'a folder with files of the data sets (also looked for: what `oe data fetch` has fetched)',
      )
      .option(
        '--in <file>',
        'your own training set in place of the paper’s: any file or folder of images, or of texts',
      )
      .option(
        '--in-labels <file>',
        'its labels (default: X-labels.npy beside X-images.npy, or class folders)',
      )
      .option('--test <file>', 'your own test set')
      .option('--test-labels <file>', 'its labels')
      .option(
        '--outliers <name>',
        `what the model is exposed to: a data set's name, or NAME=PATH (mnist: ${MNIST_OUTLIERS.join(', ')}, or a set of --data; text: ${PACKAGED_OUTLIERS.join(', ')}; other texts: ${declarationOfTexts().join(', ')}, or a file; all: made:KIND, made of the training set, as made:jigsaw, made:words=FILE or made:gan=GENERATOR.onnx)`,
      )
      .option(
        '--exclude <file>',
        'what to leave out of the outliers: a JSON list of classes, or what `oe data dedup` wrote',
      )
      .option('--strict', 'refuse outliers that hold examples of a test set, in place of a note')
      .option('--ood <name=path>', 'a further set of test outliers; may be given several times', oodSet)
      .option('--seed <number>', 'the first seed', wholeNumber(0), 1)
      .option(
        '--seeds <count>',
        'train this many models and show mean ± standard deviation over them',
        wholeNumber(1),
        1,
      )
      .option(
        '--draws <count>',
        'draw the outliers this often for each model (the paper: 10)',
        wholeNumber(1),
        1,
      )
      .option('--of <experiment>', 'of an ablation: the experiment that it varies (default: mnist)')
      .option('--levels <list>', 'of an ablation: the levels to compare, as in 100,1000,all', (text) =>
        text.split(',').map((level) => level.trim()),
      )
      .addOption(
        new Option('--threads <count>', 'processor threads (default: all)').argParser(wholeNumber(1)),
      )
      .option('--out <folder>', 'where results, models and scores go (default: runs/EXPERIMENT)')
      .option('--resume', 'go on with a run that was interrupted, from its last checkpoint')
      .addOption(new Option('--quiet', 'show no progress').conflicts('verbose'))
      .option('--verbose', 'keep a line for every epoch, and say where data came from')
      .option('--json', 'print the results as JSON on standard output, and nothing else')
      .addHelpText(
        'after',
        `\nExperiments:\n${list.join('\n')}\n\n${ABLATION_HELP}\n\nExamples:\n  $ oe reproduce mnist --quick\n  $ oe reproduce mnist --seeds 3 --scratch --out runs/three-seeds --resume\n  $ oe reproduce cifar10 --data FOLDER --model resnet-20 --from resnet20.safetensors --tune-epochs 1\n  $ oe reproduce cifar10 --data FOLDER --model resnet-20 --from resnet20.safetensors --models baseline,branch,branch-oe --epochs 3 --tune-epochs 2\n  $ oe reproduce cifar10 --model wrn-16-2 --epochs 30 --exclude not-disjoint.json --ood mine=photos/\n  $ oe reproduce trec --data FOLDER --outliers wikitext103\n  $ oe reproduce ablation-size --quick\n  $ oe reproduce ablation-lambda --of cifar10 --data FOLDER --levels 0,0.5,2 --seeds 3`,
      )
      .action(runReproduce)
  );
}

/** What the paper's text experiments can be exposed to; the same for all three. */
function declarationOfTexts(): readonly string[] {
  const trec = declarationOf('trec');
  return trec.examples === 'texts' ? trec.outlierNames : [];
}
