/** `oe compare`: all detectors at once, on the user's own model and data. */
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { Command } from 'commander';
import { type ExampleSet, isEncodedText } from '../data/index.ts';
import { type Detector, detectors, findDetector, rectifiers } from '../detectors/index.ts';
import { OutlierExposureError } from '../errors.ts';
import { applicableDetectors, type SkippedDetector } from '../evaluation/index.ts';
import { packageVersion } from '../experiments/environment.ts';
import { ensureWritableFolder, writeFileAtomic } from '../files/atomic.ts';
import { METRIC_DEFINITIONS } from '../metrics/index.ts';
import { detectorsPage } from '../report/html/detectors.ts';
import { detectorTable } from '../report/index.ts';
import { nodeRuntime, type Runtime } from '../runtime/index.ts';
import { interruptible } from './interruption.ts';
import {
  addMeasureOptions,
  type EvaluationRecord,
  type MeasureOptions,
  measureAll,
  modelNames,
  namedSets,
  tellWarnings,
} from './measure-files.ts';
import { type Classifier, readClassifier } from './models.ts';
import { progressDisplay } from './progress.ts';
import { terminalTable } from './terminal-table.ts';

interface CompareOptions extends MeasureOptions {
  detectors: string[];
  report?: string;
}

export function compareCommand(): Command {
  return addMeasureOptions(
    new Command('compare').description(
      'Measure all detectors on your own model and data, and put the best first.',
    ),
  )
    .option('--detectors <name...>', 'which: all, or names as oe eval takes them', ['all'])
    .option('--report <file>', 'write a page with the matrix there (.html)')
    .addHelpText(
      'after',
      `\nDetectors:\n${list()}\n\nExamples:\n  $ oe compare --model model.onnx --in test/ --ood textures/ svhn.npy --fit train/ --report detectors.html\n  $ oe compare --model model.onnx tuned.onnx --in images.npy --labels labels.npy --ood others/ --detectors msp energy react+gen`,
    )
    .action(compare);
}

/** Every detector with its title, as help shows them. */
function list(): string {
  const lines = [
    ...detectors.map(({ name, title, fit }) => [name, `${title}${fit ? ' (learns: --fit)' : ''}`]),
    ...rectifiers.map(({ name, title, fit }) => [`${name}+…`, `${title}${fit ? ' (learns: --fit)' : ''}`]),
  ] as [string, string][];
  const width = Math.max(...lines.map(([name]) => name.length));
  return lines.map(([name, title]) => `  ${name.padEnd(width)}  ${title}`).join('\n');
}

async function compare(options: CompareOptions): Promise<void> {
  const sets = namedSets(options.ood);
  if (options.report !== undefined) await ensureWritableFolder(dirname(options.report));
  const classifiers: Classifier[] = [];
  for (const path of options.model) classifiers.push(await readClassifier(path));
  const { wanted, skipped } = choose(options, classifiers);
  const display = progressDisplay(process.stderr, options.quiet ? 'quiet' : 'normal');
  const opened: ExampleSet[] = [];
  let runtime: Runtime | undefined;
  try {
    const { record } = await interruptible(
      async (signal) => {
        runtime = await nodeRuntime({ threads: options.threads ?? availableParallelism() });
        const run = { options, detectors: wanted, runtime, signal, onProgress: display.show, opened };
        return measureAll(classifiers, modelNames(classifiers), sets, run);
      },
      () => 'Interrupted; nothing was written.',
    );
    display.end();
    tellWarnings(record);
    if (options.report !== undefined) {
      const html = detectorsPage({ ...record, skipped }, { version: packageVersion() });
      await writeFileAtomic(options.report, html);
    }
    process.stdout.write(
      options.json ? `${JSON.stringify({ ...record, skipped })}\n` : page(record, skipped, options.report),
    );
  } finally {
    display.end();
    await runtime?.dispose();
    for (const source of opened) if (!isEncodedText(source)) await source.close?.();
  }
}

/** Named detectors are measured or refused; of `all`, those that cannot be are left out with a reason. */
function choose(
  { detectors: names, fit, features }: CompareOptions,
  classifiers: readonly Classifier[],
): { wanted: Detector[]; skipped: SkippedDetector[] } {
  if (!names.includes('all')) return { wanted: names.map(findDetector), skipped: [] };
  if (names.length > 1) {
    throw new OutlierExposureError(
      'invalid-argument',
      '--detectors takes all or names, not both: with all, none is missing.',
    );
  }
  const { detectors: wanted, skipped } = applicableDetectors(
    classifiers.map(({ logits }) => logits),
    {
      fits: fit !== undefined,
      examples: classifiers.some(({ tokenizer }) => tokenizer) ? 'texts' : 'images',
      features,
    },
  );
  return { wanted, skipped };
}

function page(
  record: EvaluationRecord,
  skipped: readonly SkippedDetector[],
  report: string | undefined,
): string {
  const tables = record.models.map(({ name, testError }) =>
    terminalTable(
      detectorTable(record.rows, name, [`Test error ${(100 * testError).toFixed(2)} %.`]),
      process.stdout.columns,
    ),
  );
  const left = skipped.map(({ detector, reason }) => `  ${detector}: ${reason}`).join('\n');
  const { fpr, auroc, aupr } = METRIC_DEFINITIONS;
  return `${tables.join('\n\n')}\n\nPercentages; choose on outliers that are not those of the final test.\n  ${[fpr, auroc, aupr].join('\n  ')}\n${
    left ? `\nLeft out:\n${left}\n` : ''
  }${report === undefined ? '' : `\nWritten to ${report}.\n`}`;
}
