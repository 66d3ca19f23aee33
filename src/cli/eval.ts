/** `oe eval`: measures classifiers as detectors on the user's own images or texts. */
import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { type ExampleSet, encodeNpy, isEncodedText } from '../data/index.ts';
import { findDetector } from '../detectors/index.ts';
import type { Evaluation } from '../evaluation/index.ts';
import { ensureWritableFolder, writeFileAtomic } from '../files/atomic.ts';
import { METRIC_DEFINITIONS } from '../metrics/index.ts';
import { nodeRuntime, type Runtime } from '../runtime/index.ts';
import { addChooseOptions, type ChooseFlags, checkChoose, chosenTable } from './choose.ts';
import { evaluationTables } from './evaluation-tables.ts';
import { checkFit } from './fit-set.ts';
import { interruptible } from './interruption.ts';
import {
  addMeasureOptions,
  type EvaluationRecord,
  type MeasureOptions,
  type MeasureRun,
  measureAll,
  modelNames,
  namedSets,
  tellWarnings,
} from './measure-files.ts';
import { type Classifier, readClassifier } from './models.ts';
import { progressDisplay } from './progress.ts';
import { terminalTable } from './terminal-table.ts';

interface EvalOptions extends MeasureOptions, ChooseFlags {
  detector: string[];
  scores?: string;
}

export function evalCommand(): Command {
  const command = addMeasureOptions(
    new Command('eval').description(
      'Measure how well classifiers tell their own images or texts from outliers.',
    ),
  ).option('--detector <name...>', 'scores to measure, NAME or NAME:KEY=NUMBER (docs/detectors.md)', ['msp']);
  return addChooseOptions(command)
    .option('--scores <folder>', 'write all scores there, MODEL/DETECTOR/SET.npy, for oe metrics')
    .addHelpText(
      'after',
      '\nExamples:\n  $ oe eval --model model.onnx --in images.npy --labels labels.npy --ood svhn.npy textures=textures/\n  $ oe eval --model model.onnx tuned.onnx --in test/ --ood others/ --detector msp energy --draws 10 --scores scores\n  $ oe eval --model model.onnx --in test/ --ood others/ --detector knn:k=10 react+energy --fit train/\n  $ oe eval --model model.onnx --in test/ --ood others/ --detector odin --choose-in held-out/ --choose-on noise.npy\n  $ oe eval --model questions.onnx --in test.tsv --ood reviews=reviews.txt news.txt.gz',
    )
    .action(evaluateFiles);
}

async function evaluateFiles(options: EvalOptions): Promise<void> {
  const detectors = options.detector.map(findDetector);
  checkFit(detectors, options);
  checkChoose(detectors, options);
  const sets = namedSets(options.ood);
  if (options.scores !== undefined) await ensureWritableFolder(options.scores);
  const classifiers: Classifier[] = [];
  for (const path of options.model) classifiers.push(await readClassifier(path));
  const names = modelNames(classifiers);
  const display = progressDisplay(process.stderr, options.quiet ? 'quiet' : 'normal');
  const opened: ExampleSet[] = [];
  let runtime: Runtime | undefined;
  try {
    const { record, scores } = await interruptible(
      async (signal) => {
        runtime = await nodeRuntime({ threads: options.threads ?? availableParallelism() });
        const run: MeasureRun = { options, detectors, runtime, signal, onProgress: display.show, opened };
        return measureAll(classifiers, names, sets, run);
      },
      () => 'Interrupted; nothing was written.',
    );
    if (options.scores !== undefined) await writeScores(options.scores, scores);
    display.end();
    tellWarnings(record);
    process.stdout.write(options.json ? `${JSON.stringify(record)}\n` : page(record, options.scores));
  } finally {
    display.end();
    await runtime?.dispose();
    for (const source of opened) if (!isEncodedText(source)) await source.close?.();
  }
}

async function writeScores(folder: string, scores: ReadonlyMap<string, Evaluation['scores']>): Promise<void> {
  for (const [model, detectors] of scores) {
    for (const [detector, sets] of Object.entries(detectors)) {
      const place = join(folder, model, detector);
      await mkdir(place, { recursive: true });
      for (const [set, values] of Object.entries(sets)) {
        await writeFileAtomic(join(place, `${set}.npy`), encodeNpy(values, [values.length]));
      }
    }
  }
}

function page(record: EvaluationRecord, scores: string | undefined): string {
  const chosen = record.chosen ? [chosenTable(record.chosen)] : [];
  const tables = [...evaluationTables(record), ...chosen].map((table) =>
    terminalTable(table, process.stdout.columns),
  );
  const { fpr, auroc, aupr } = METRIC_DEFINITIONS;
  const written = scores === undefined ? '' : `\nScores are in ${scores}: MODEL/DETECTOR/SET.npy.\n`;
  return `${tables.join('\n\n')}\n\nPercentages.\n  ${[fpr, auroc, aupr].join('\n  ')}\n${written}`;
}
