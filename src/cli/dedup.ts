/** `oe data dedup`: leaves out of outliers what other sets have too. */
import { Command, Option } from 'commander';
import { MAX_DISTANCE, REMOVAL_REASONS, type Selection } from '../data/duplicates/index.ts';
import type { ImageSource } from '../data/index.ts';
import { writeSelection } from '../data/node/duplicates/index.ts';
import { OutlierExposureError } from '../errors.ts';
import { packageVersion } from '../experiments/environment.ts';
import { writeFileAtomic } from '../files/atomic.ts';
import { duplicatesPage } from '../report/html/duplicates.ts';
import type { Table } from '../report/index.ts';
import { type ClassOptions, classesToGo } from './dedup/classes.ts';
import { type Cleaning, clean, REASON_WORDS } from './dedup/clean.ts';
import { ALIKE, type Comparison, checkTakes, embeddedSearch } from './dedup/embedded.ts';
import { type Embedder, readEmbedder } from './dedup/embedder.ts';
import { type OpenRun, openSets } from './dedup/open.ts';
import { shownPairs } from './dedup/shown.ts';
import { interruptible } from './interruption.ts';
import { numberBetween, wholeNumber } from './parse.ts';
import { progressDisplay } from './progress.ts';
import type { SetOptions } from './sets.ts';
import { terminalTable } from './terminal-table.ts';
import { addTextSetOptions, type TextSetOptions } from './text-sets.ts';

interface DedupOptions extends SetOptions, TextSetOptions, ClassOptions {
  outliers: string[];
  against: string[];
  within?: boolean;
  distance?: number;
  similarity?: number;
  model?: string;
  alike?: number;
  features?: string;
  threads?: number;
  labels?: string;
  split?: string;
  againstSplit?: string;
  kind?: 'images' | 'texts';
  out?: string;
  report?: string;
  json?: boolean;
  quiet?: boolean;
}

/** The command; pictures are stretched to a common shape, so that nothing of them is cut off. */
export function dedupCommand(): Command {
  const command = new Command('dedup')
    .description('Find outliers that test or training sets have too, and write a set without them.')
    .requiredOption('--outliers <path...>', 'the set to clean: images or texts; several are one set')
    .option('--against <path...>', 'the sets that it must share nothing with', [])
    .option('--within', 'also leave out what the set has more than once')
    .option(
      '--distance <bits>',
      `images: in how many of 64 bits perceptual hashes may differ, 0 to ${MAX_DISTANCE} (default: 12)`,
      wholeNumber(0),
    )
    .option(
      '--similarity <number>',
      'how alike near duplicates are at least, up to 1 (default: images 0.75, a correlation; texts 0.6, a share of pieces of five letters)',
      numberBetween(0, 1),
    )
    .option(
      '--model <file>',
      'also compare by the features of this model (.onnx), a classifier or, with --features, any other',
    )
    .option(
      '--alike <cosine>',
      `with --model: the least cosine of the features of examples that are alike, up to 1 (default: ${ALIKE})`,
      numberBetween(0, 1),
    )
    .option(
      '--features <name>',
      'with --model: the value in the model that is compared (default: the input of the last linear layer)',
    )
    .option('--threads <count>', 'with --model: processor threads (default: all)', wholeNumber(1))
    .option('--exclude-classes <names...>', 'classes of the outliers that go, by name or number')
    .addOption(
      new Option(
        '--shared-classes <choice>',
        'which classes go because other sets have them: of the same name, or also those that WordNet knows as kinds of each other',
      )
        .choices(['none', 'same', 'related'])
        .default('same'),
    )
    .option('--class-names <file>', 'what the classes of the outliers are called (a JSON list)')
    .option('--against-classes <file...>', 'further names of classes that must not be shared (JSON lists)')
    .option('--labels <file>', 'labels of the outliers, where they are images without')
    .option('--split <name>', 'which part of the outliers, where they have several')
    .option('--against-split <name>', 'which part of the other sets')
    .addOption(new Option('--kind <kind>', 'what the sets are (default: told)').choices(['images', 'texts']))
    .addOption(
      new Option('--layout <choice>', 'whether channels stand last or first in arrays of images').choices([
        'nhwc',
        'nchw',
      ]),
    );
  addTextSetOptions(command, '--outliers');
  return command
    .option('--out <file>', 'write the cleaned set (.json): a path that every command takes for a set')
    .option('--report <file>', 'write a page with what was left out beside what it is like (.html)')
    .option('--json', 'print JSON on standard output, and nothing else')
    .option('--quiet', 'show no progress')
    .addHelpText(
      'after',
      '\nExamples:\n  $ oe data dedup --outliers tiny/ --against test.npy textures/ --out cleaned.json --report pairs.html\n  $ oe data dedup --outliers wiki.txt --against questions.tsv --within --out cleaned.json\n  $ oe data dedup --outliers tiny/ --against test.npy --model model.onnx --alike 0.97 --report pairs.html\n  $ oe tune --model model.onnx --in train.npy --outliers cleaned.json --out tuned.onnx',
    )
    .action(dedup);
}

async function dedup(options: DedupOptions): Promise<void> {
  const display = progressDisplay(process.stderr, options.quiet ? 'quiet' : 'normal');
  const opened: ImageSource[] = [];
  try {
    const embedder = await embedderOf(options);
    const { cleaning, selection, page } = await interruptible(
      async (signal) => {
        const onProgress = display.show;
        const classesMatter = options.sharedClasses !== 'none' || options.excludeClasses !== undefined;
        const run: OpenRun = {
          options,
          wantLabels: classesMatter ? 'yes' : 'no',
          signal,
          onProgress,
          opened,
        };
        const sets = await openSets(options.outliers, options.against, run);
        if (embedder) checkTakes(embedder, sets.kind);
        const within = options.within ? 'remove' : 'keep';
        const [source, others] = [sets.outliers.source, sets.against.map((set) => set.source)];
        const classes = await classesToGo(source, others, options);
        const result = await clean(sets, classes, {
          within,
          distance: options.distance,
          similarity: options.similarity,
          embedded:
            embedder &&
            embeddedSearch(embedder, sets, {
              ...run,
              paths: { outliers: options.outliers, against: options.against },
              alike: options.alike ?? ALIKE,
              within,
              threads: options.threads,
            }),
          signal,
          onProgress: (done, total) => onProgress({ stage: 'Compare', done, total }),
        });
        const page =
          options.report === undefined
            ? undefined
            : duplicatesPage(result.cleaning, await shownPairs(result.cleaning, source, others), {
                version: packageVersion(),
              });
        return { ...result, page };
      },
      () => 'Interrupted; nothing was written.',
    );
    if (options.out !== undefined)
      await writeSelection(options.out, { ...selection, reading: readingOf(options) });
    if (options.report !== undefined) await writeFileAtomic(options.report, page!);
    display.end();
    process.stdout.write(options.json ? `${JSON.stringify(cleaning)}\n` : summary(cleaning, options));
  } finally {
    display.end();
    for (const source of opened) await source.close?.();
  }
}

async function embedderOf(options: DedupOptions): Promise<Embedder | undefined> {
  const { model, features, against, within } = options;
  const fail = (detail: string): never => {
    throw new OutlierExposureError('invalid-argument', detail);
  };
  if (model === undefined) {
    const given = (['alike', 'features', 'threads'] as const).find((name) => options[name] !== undefined);
    if (given) fail(`--${given} says how a model compares, but there is none: give one with --model.`);
    return undefined;
  }
  if (against.length === 0 && !within)
    fail('--model has nothing to compare the outliers with: give sets with --against, or say --within.');
  return readEmbedder(model, features);
}

function readingOf(options: DedupOptions): Selection['reading'] {
  const { split, layout, textFormat, textColumn, labelColumn, encoding } = options;
  return Object.fromEntries(
    Object.entries({ split, layout, textFormat, textColumn, labelColumn, encoding }).filter(
      ([, value]) => value !== undefined,
    ),
  );
}

/** Unreadable examples that are named. */
const NAMED = 5;

function summary(cleaning: Cleaning, { out, report }: DedupOptions): string {
  const { name, count, kept, removed, classes, unreadable, against, flat, kind, embedding } = cleaning;
  const share = (part: number) => `${((100 * part) / count).toFixed(2)} %`;
  const table: Table = {
    title: `${name}: ${count.toLocaleString('en')} ${kind}`,
    header: ['why', 'how many', 'share'],
    rows: [
      ...REMOVAL_REASONS.filter((reason) => removed[reason]).map((reason) => [
        REASON_WORDS[reason],
        removed[reason]!.toLocaleString('en'),
        share(removed[reason]!),
      ]),
      ['stay', kept.toLocaleString('en'), share(kept)],
    ],
    footer: 1,
    notes: [
      ...against.map(
        (set) =>
          `${set.removed.toLocaleString('en')} repeat one of the ${set.count.toLocaleString('en')} of ${set.name}.`,
      ),
      ...(classes.length > 0
        ? [
            `Classes that go: ${classes.map((one) => (one.like === undefined ? one.name : `${one.name} (${one.like})`)).join('; ')}.`,
          ]
        : []),
      ...(flat > 0 ? [`${flat} pictures of one grey were compared for equality alone.`] : []),
      ...(embedding ? notesOf(embedding) : []),
      ...unreadable.slice(0, NAMED).map(({ reason }) => `Not read: ${reason}`),
      ...(unreadable.length > NAMED ? [`${unreadable.length - NAMED} more could not be read.`] : []),
    ],
  };
  const written = [
    ...(out === undefined ? [] : [`Written to ${out}: give it to any command as a set.`]),
    ...(report === undefined ? [] : [`${report} shows what was left out.`]),
  ];
  return `${terminalTable(table, process.stdout.columns)}\n${written.map((line) => `${line}\n`).join('')}`;
}

function notesOf({ features, width, alike, uncompared: { cleaned, against } }: Comparison): string[] {
  const number = (count: number) => count.toLocaleString('en');
  return [
    `By "${features}" of the model, ${number(width)} values: a cosine of ${alike} or more.`,
    ...(cleaned + against > 0
      ? [
          `${number(cleaned)} of the outliers and ${number(against)} of the other sets have no features that could be compared.`,
        ]
      : []),
  ];
}
