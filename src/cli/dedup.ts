/** `oe data dedup`: leaves out of outliers what other sets have too. */
import { Command, Option } from 'commander';
import { MAX_DISTANCE, REMOVAL_REASONS, type Selection } from '../data/duplicates/index.ts';
import type { ImageSource } from '../data/index.ts';
import { writeSelection } from '../data/node/duplicates/index.ts';
import { packageVersion } from '../experiments/environment.ts';
import { writeFileAtomic } from '../files/atomic.ts';
import { duplicatesPage } from '../report/html/duplicates.ts';
import type { Table } from '../report/index.ts';
import { type ClassOptions, classesToGo } from './dedup/classes.ts';
import { type Cleaning, clean, REASON_WORDS } from './dedup/clean.ts';
import { openSets } from './dedup/open.ts';
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
      '\nExamples:\n  $ oe data dedup --outliers tiny/ --against test.npy textures/ --out cleaned.json --report pairs.html\n  $ oe data dedup --outliers wiki.txt --against questions.tsv --within --out cleaned.json\n  $ oe tune --model model.onnx --in train.npy --outliers cleaned.json --out tuned.onnx',
    )
    .action(dedup);
}

async function dedup(options: DedupOptions): Promise<void> {
  const display = progressDisplay(process.stderr, options.quiet ? 'quiet' : 'normal');
  const opened: ImageSource[] = [];
  try {
    const { cleaning, selection, page } = await interruptible(
      async (signal) => {
        const onProgress = display.show;
        const classesMatter = options.sharedClasses !== 'none' || options.excludeClasses !== undefined;
        const sets = await openSets(options.outliers, options.against, {
          options,
          wantLabels: classesMatter ? 'yes' : 'no',
          signal,
          onProgress,
          opened,
        });
        const [source, others] = [sets.outliers.source, sets.against.map((set) => set.source)];
        const classes = await classesToGo(source, others, options);
        const result = await clean(sets, classes, {
          within: options.within ? 'remove' : 'keep',
          distance: options.distance,
          similarity: options.similarity,
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
  const { name, count, kept, removed, classes, unreadable, against, flat, kind } = cleaning;
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
